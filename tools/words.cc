#include "lenslet/tools/words.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "lenslet/base/file.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/data/image_file.h"
#include "lenslet/models/zoo.h"
#include "lenslet/onnx/load.h"
#include "lenslet/onnx/onnx_file.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_named_graph.h"
#include "lenslet/tools/program.h"
#include "lenslet/train/recipe/lint_recipe.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/run_directory.h"

namespace lenslet {
namespace {

namespace fs = std::filesystem;

// More than most models and recipes have.
constexpr int64_t kBytesToLookAt = 32768;
// Files and folders to look at in a folder.
constexpr int kEntriesToLookAt = 100;

bool Has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsModelName(const std::string& word) { return Has(ZooModelNames(), word); }

bool IsRecipeName(const std::string& word) { return Has(RecipeNames(), word); }

bool IsImage(const std::string& path) {
  return ImageFormatOf(StartOfFile(path, kImageSignatureBytes)).has_value();
}

// Whether most files in the folder are images, also two folders down.
bool HasMostlyImages(const std::string& folder) {
  std::error_code error;
  fs::recursive_directory_iterator entries(
      folder, fs::directory_options::skip_permission_denied, error);
  const fs::recursive_directory_iterator end;
  int files = 0, images = 0;
  for (int i = 0; !error && entries != end && i < kEntriesToLookAt; ++i) {
    const std::string path = entries->path();
    std::error_code no_file;
    if (fs::is_regular_file(path, no_file)) {
      ++files;
      images += IsImage(path);
    }
    if (entries.depth() == 2) entries.disable_recursion_pending();
    entries.increment(error);
  }
  return 2 * images > files;
}

WordKind ClassifyFolder(const std::string& folder) {
  const auto has = [&](const char* name) {
    return FileExists(fs::path(folder) / name);
  };
  if (has(kLatestName) || has(kMetricsJsonName)) return WordKind::kRun;
  if (has(kSweepJsonName)) return WordKind::kSweep;
  return HasMostlyImages(folder) ? WordKind::kImageFolder : WordKind::kFolder;
}

WordKind ClassifyFile(const std::string& path) {
  if (IsCheckpoint(path)) return WordKind::kCheckpoint;
  const std::string start = StartOfFile(path, kBytesToLookAt);
  if (IsOnnx(start)) return WordKind::kOnnx;
  if (ImageFormatOf(start)) return WordKind::kImage;
  const WordKind kind = ClassifyText(start);
  return kind == WordKind::kFile && IsOnnxFile(path) ? WordKind::kOnnx : kind;
}

bool IsModel(WordKind kind) {
  return kind == WordKind::kModelName || kind == WordKind::kModelFile ||
         kind == WordKind::kModelAndRecipeName;
}

bool IsRecipe(WordKind kind) {
  return kind == WordKind::kRecipeName || kind == WordKind::kRecipeFile ||
         kind == WordKind::kModelAndRecipeName;
}

bool IsTrained(WordKind kind) {
  return kind == WordKind::kCheckpoint || kind == WordKind::kOnnx ||
         kind == WordKind::kRun;
}

bool Fits(WordFor expected, WordKind kind) {
  if (kind == WordKind::kFile || kind == WordKind::kNothing) return true;
  switch (expected) {
    case WordFor::kRecipe:
      return IsRecipe(kind);
    case WordFor::kModel:
      return IsModel(kind);
    case WordFor::kNetwork:
      return IsModel(kind) || IsTrained(kind);
    case WordFor::kTrained:
      return IsTrained(kind);
    case WordFor::kReport:
      return kind == WordKind::kCheckpoint || kind == WordKind::kRun;
    case WordFor::kRun:
      return kind == WordKind::kRun || kind == WordKind::kFolder;
    case WordFor::kModelFiles:
      return kind == WordKind::kModelFile || kind == WordKind::kRecipeFile ||
             kind == WordKind::kOnnx;
    case WordFor::kImage:
      return kind == WordKind::kImage;
  }
  return true;
}

absl::string_view Description(WordFor expected) {
  switch (expected) {
    case WordFor::kRecipe:
      return "a recipe";
    case WordFor::kModel:
      return "a model";
    case WordFor::kNetwork:
      return "a model, an ONNX model, a checkpoint or a run's folder";
    case WordFor::kTrained:
      return "a checkpoint, an ONNX model or a run's folder";
    case WordFor::kRun:
      return "a run's folder";
    case WordFor::kReport:
      return "a run's folder or a checkpoint in one";
    case WordFor::kModelFiles:
      return "the file of a model, of an ONNX model or of a recipe";
    case WordFor::kImage:
      return "an image";
  }
  return "";
}

// A path wins over a name where only a path is expected.
WordKind ClassifyFor(WordFor expected, const std::string& word) {
  if (expected == WordFor::kImage) return ClassifyPath(word);
  const WordKind kind = ClassifyWord(word);
  const bool is_name = IsModelName(word) || IsRecipeName(word);
  if (!is_name || Fits(expected, kind)) return kind;
  const WordKind path = ClassifyPath(word);
  return path == WordKind::kNothing ? kind : path;
}

// Whether the word is a name, though a file or folder that it may mean, too,
// has the same name.
bool IsAmbiguous(WordFor expected, const std::string& word) {
  if (!IsModelName(word) && !IsRecipeName(word)) return false;
  const WordKind path = ClassifyPath(word);
  return Fits(expected, ClassifyWord(word)) && path != WordKind::kNothing &&
         path != WordKind::kFile && Fits(expected, path);
}

// The flag that "epochs=2" is without its hyphens, "" if it is none.
std::string FlagMeant(WordFor expected, const std::string& word) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos || equals == 0 ||
      FileExists(UserPath(word)) ||
      !std::all_of(word.begin(), word.begin() + equals, [](char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '.';
      })) {
    return "";
  }
  const std::string name = word.substr(0, equals);
  const bool is_flag =
      expected != WordFor::kRecipe ||
      Has({"model", "data_dir", "backend", "epochs", "batch_size",
           "learning_rate", "seed", "threads", "run_dir", "output", "report"},
          name);
  return ShellQuoted(absl::StrCat(is_flag ? "--" : "--set=", word));
}

bool IsCsv(const std::string& word) {
  return absl::EndsWithIgnoreCase(word, ".csv") ||
         absl::EndsWithIgnoreCase(word, ".csv.gz");
}

// "PATH/NAME" as a shell's word.
std::string InFolder(const std::string& folder, const char* name) {
  return ShellQuoted(fs::path(folder) / name);
}

// A command line that does what `command` would do with a word of the right
// kind, or "".
std::string SameCommandFor(WordFor expected, const std::string& command,
                           WordKind kind, const std::string& word) {
  if (expected == WordFor::kRecipe) {
    if (IsModel(kind)) {
      return absl::StrCat(
          command == "lenslet train" ? "to train it: " : "with a recipe: ",
          command, " book --model=", ShellQuoted(word));
    }
    const bool resumes = kind == WordKind::kRun && command == "lenslet train";
    if (!resumes && FileExists(fs::path(UserPath(word)) / kRecipeName)) {
      return absl::StrCat("its recipe: ", command, " ",
                          InFolder(word, kRecipeName));
    }
  }
  if (expected == WordFor::kRecipe &&
      (kind == WordKind::kCheckpoint || kind == WordKind::kOnnx)) {
    return absl::StrCat("to start from it: ", command,
                        " RECIPE --set=start_from=", ShellQuoted(word));
  }
  if (expected == WordFor::kModel && kind == WordKind::kOnnx) {
    return absl::StrCat("for its model: lenslet import ", ShellQuoted(word),
                        " --output=net.ckpt --model=net.textproto");
  }
  if (expected == WordFor::kModel && IsTrained(kind)) {
    return absl::StrCat("to start from it: --set=start_from=",
                        ShellQuoted(word));
  }
  if (expected == WordFor::kRecipe && kind == WordKind::kImageFolder) {
    return absl::StrCat("for a recipe that fits it: lenslet init ",
                        ShellQuoted(word));
  }
  if (expected == WordFor::kNetwork && IsRecipe(kind)) {
    const absl::StatusOr<RecipeText> text = LoadRecipe(word, UserFolder());
    if (text.ok() && !text->recipe.model().empty()) {
      return absl::StrCat("its model: ", command, " ",
                          ShellQuoted(text->recipe.model()));
    }
  }
  if (kind == WordKind::kImageFolder && expected == WordFor::kImage) {
    return absl::StrCat("to classify its images: find ", ShellQuoted(word),
                        " -type f | ", command);
  }
  if (kind == WordKind::kImageFolder && expected == WordFor::kTrained &&
      command == "lenslet evaluate") {
    return absl::StrCat(
        "to measure a model on it: ", command, " CHECKPOINT --data=",
        ShellQuoted(absl::StrCat("image_folders { train_directory: \"",
                                 absl::CEscape(word),
                                 "\" shape: [HEIGHT, WIDTH, CHANNELS] }")),
        " --split=train");
  }
  if (kind == WordKind::kImageFolder && expected != WordFor::kTrained) {
    return absl::StrCat("to train on it: lenslet init ", ShellQuoted(word));
  }
  if (expected == WordFor::kModelFiles &&
      (kind == WordKind::kModelName || kind == WordKind::kRecipeName ||
       kind == WordKind::kModelAndRecipeName)) {
    return "models and recipes of the library need no lint";
  }
  if (expected == WordFor::kModelFiles && kind == WordKind::kRun) {
    return absl::StrCat("its recipe: ", command, " ",
                        InFolder(word, kRecipeName));
  }
  return "";
}

// The error for a word that is no name and does not look like a path. OK if
// the command expects no names.
absl::Status CheckName(WordFor expected, const std::string& command,
                       const std::string& word) {
  const bool is_recipe = expected == WordFor::kRecipe;
  if (!is_recipe && expected != WordFor::kNetwork &&
      expected != WordFor::kModel) {
    return absl::OkStatus();
  }
  if (word.find_first_of("/.") != std::string::npos) return absl::OkStatus();
  const std::string hint =
      is_recipe ? DidYouMean(word, RecipeNames()) : SuggestZooModel(word);
  return absl::NotFoundError(absl::StrCat(
      "\"", word, "\" is neither ",
      is_recipe ? "the name of a recipe" : "a model of the zoo",
      " nor a file; expected ", Description(expected),
      hint.empty() ? absl::StrCat("; ", command, " --help lists the names")
                   : hint));
}

// Reports an error of CheckWord() with `place` before it.
std::optional<int> ReportWord(const std::string& command,
                              const absl::Status& status,
                              absl::string_view place = "") {
  if (status.ok()) return std::nullopt;
  const int exit_code = ReportFailure(
      command,
      absl::Status(status.code(), absl::StrCat(place, status.message())));
  return absl::IsInvalidArgument(status) ? kExitUsage : exit_code;
}

}  // namespace

absl::string_view Description(WordKind kind) {
  switch (kind) {
    case WordKind::kModelName:
    case WordKind::kModelFile:
      return "a model";
    case WordKind::kRecipeName:
    case WordKind::kRecipeFile:
      return "a recipe";
    case WordKind::kModelAndRecipeName:
      return "a model and a recipe";
    case WordKind::kCheckpoint:
      return "a checkpoint";
    case WordKind::kOnnx:
      return "an ONNX model";
    case WordKind::kRun:
      return "a run's folder";
    case WordKind::kSweep:
      return "a sweep's folder";
    case WordKind::kImage:
      return "an image";
    case WordKind::kImageFolder:
      return "a folder of images";
    case WordKind::kFolder:
      return "a folder";
    case WordKind::kFile:
      return "a file";
    case WordKind::kNothing:
      return "neither a name nor a file";
  }
  return "";
}

std::string StartOfFile(const std::string& path, int64_t count) {
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (!file.ok()) return "";
  std::string bytes(count, '\0');
  const absl::StatusOr<int64_t> got = file->Read(absl::MakeSpan(bytes));
  bytes.resize(got.value_or(0));
  return bytes;
}

WordKind ClassifyText(absl::string_view text) {
  const absl::string_view start = text.substr(0, kBytesToLookAt);
  if (!HasFieldsOfRecipeOrModel(start)) return WordKind::kFile;
  return LooksLikeRecipe(start) ? WordKind::kRecipeFile : WordKind::kModelFile;
}

WordKind ClassifyPath(const std::string& path) {
  const std::string user_path = UserPath(path);
  std::error_code error;
  switch (fs::status(user_path, error).type()) {
    case fs::file_type::not_found:
      return WordKind::kNothing;
    case fs::file_type::directory:
      return ClassifyFolder(user_path);
    case fs::file_type::regular:
      return ClassifyFile(user_path);
    default:
      return WordKind::kFile;
  }
}

WordKind ClassifyWord(const std::string& word) {
  const bool is_model = IsModelName(word);
  const bool is_recipe = IsRecipeName(word);
  if (is_model && is_recipe) return WordKind::kModelAndRecipeName;
  if (is_model) return WordKind::kModelName;
  if (is_recipe) return WordKind::kRecipeName;
  return ClassifyPath(word);
}

std::string CommandFor(WordKind kind, const std::string& word) {
  const std::string quoted = ShellQuoted(word);
  switch (kind) {
    case WordKind::kModelName:
    case WordKind::kModelFile:
      return absl::StrCat("to train it: lenslet train book --model=", quoted);
    case WordKind::kRecipeName:
    case WordKind::kRecipeFile:
    case WordKind::kModelAndRecipeName:
      return absl::StrCat("to train by it: lenslet train ", quoted,
                          " --run_dir=DIR");
    case WordKind::kCheckpoint:
    case WordKind::kOnnx:
      return absl::StrCat("to measure it: lenslet evaluate ", quoted);
    case WordKind::kRun:
      return absl::StrCat("to resume it: lenslet train --run_dir=", quoted);
    case WordKind::kSweep:
      return "its runs are the folders in it";
    case WordKind::kImage:
      return absl::StrCat("to classify it: lenslet predict CHECKPOINT ",
                          quoted);
    case WordKind::kImageFolder:
      return absl::StrCat("to classify its images: find ", quoted,
                          " -type f | lenslet predict CHECKPOINT");
    case WordKind::kFolder:
    case WordKind::kFile:
    case WordKind::kNothing:
      return "";
  }
  return "";
}

absl::Status CheckWord(WordFor expected, const std::string& command,
                       const std::string& word) {
  if (word.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the word is empty; expected ", Description(expected)));
  }
  const WordKind kind = ClassifyFor(expected, word);
  if ((expected == WordFor::kRecipe || expected == WordFor::kModelFiles) &&
      kind == WordKind::kFile && IsCsv(word)) {
    return absl::InvalidArgumentError(absl::StrCat(
        word, " is a CSV file; expected ", Description(expected),
        "; for a recipe that fits it: lenslet init ", ShellQuoted(word)));
  }
  if (kind == WordKind::kNothing) return CheckName(expected, command, word);
  if (Fits(expected, kind)) return absl::OkStatus();
  if (kind == WordKind::kFolder && Fits(expected, WordKind::kRun)) {
    return absl::NotFoundError(absl::StrCat(word, " is a folder without ",
                                            kLatestName, "; expected ",
                                            Description(expected)));
  }
  std::string hint = SameCommandFor(expected, command, kind, word);
  if (hint.empty()) hint = CommandFor(kind, word);
  return absl::InvalidArgumentError(
      absl::StrCat(word, " is ", Description(kind), "; expected ",
                   Description(expected), hint.empty() ? "" : "; ", hint));
}

std::optional<int> CheckWords(WordFor expected, const std::string& command,
                              absl::Span<const std::string> words) {
  for (const std::string& word : words) {
    const absl::Status status = CheckWord(expected, command, word);
    if (const auto exit_code = ReportWord(command, status)) return exit_code;
    if (IsAmbiguous(expected, word)) {
      PrintWarning(absl::StrCat(word, " is ", Description(ClassifyWord(word)),
                                " of the library; ./", word, " is ",
                                Description(ClassifyPath(word))));
    }
  }
  return std::nullopt;
}

std::optional<int> CheckOneWord(WordFor expected, const std::string& command,
                                const std::string& what,
                                absl::Span<const std::string> words) {
  if (words.empty()) {
    const absl::string_view example =
        expected == WordFor::kNetwork ? kDefaultModel : "RUN";
    return ReportUsage(
        command,
        absl::StrCat("expected a ", what, ", as in: ", command, " ", example));
  }
  if (words.size() != 1) {
    for (const std::string& word : words) {
      const std::string flag = FlagMeant(expected, word);
      if (flag.empty()) continue;
      return ReportUsage(command, absl::StrCat("unexpected word ", word,
                                               "; did you mean ", flag, "?"));
    }
    return ReportUsage(
        command, absl::StrCat("expected one ", what, ", got ", words.size()));
  }
  return CheckWords(expected, command, words);
}

std::optional<int> CheckRecipeWords(const std::string& command,
                                    const RecipeFlags& flags) {
  if (flags.words.empty()) {
    return ReportUsage(
        command, absl::StrCat("expected a recipe, as in: ", command, " book"));
  }
  if (const auto exit_code =
          CheckOneWord(WordFor::kRecipe, command, "recipe", flags.words)) {
    return exit_code;
  }
  if (!flags.model) return std::nullopt;
  return ReportWord(command, CheckWord(WordFor::kModel, command, *flags.model),
                    "--model: ");
}

void AddNetworkWord(const std::string& otherwise, CommandLine& line,
                    std::vector<std::string>& words) {
  line.AddArguments(
      otherwise.empty() ? "MODEL" : "[MODEL]",
      absl::StrCat("The network: a name (",
                   absl::StrJoin(ZooModelNames(), ", "),
                   "), a model file, an ONNX model, a checkpoint or a run's "
                   "folder.",
                   otherwise.empty() ? "" : " Default: ", otherwise,
                   otherwise.empty() ? "" : "."),
      words);
}

void AddTrainedWord(CommandLine& line, std::vector<std::string>& words) {
  line.AddArguments("CHECKPOINT",
                    "A checkpoint that training saved, a run's folder, whose "
                    "latest.ckpt is used, or an ONNX model.",
                    words);
}

absl::StatusOr<CheckpointProto> LoadAndWarn(const std::string& path) {
  std::vector<std::string> notes;
  absl::StatusOr<CheckpointProto> checkpoint =
      LoadCheckpointOrOnnx(path, notes);
  for (const std::string& note : notes) PrintWarning(note);
  return checkpoint;
}

absl::StatusOr<NamedGraph> LoadNetwork(const std::string& word) {
  // Though it may have no checkpoint yet, as its loader will say.
  const WordKind kind = ClassifyFor(WordFor::kNetwork, word);
  if (IsTrained(kind)) {
    return LoadCheckpointGraph(UserPath(word), LoadAndWarn);
  }
  return LoadGraph(word, UserFolder());
}

absl::Status CheckDataWord(const std::string& word) {
  constexpr absl::string_view kExpected =
      "; expected a folder of images or a CSV file";
  if (word.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the word is empty", kExpected));
  }
  const WordKind kind = ClassifyPath(word);
  if (kind == WordKind::kImageFolder || kind == WordKind::kFolder ||
      kind == WordKind::kFile || kind == WordKind::kNothing) {
    return absl::OkStatus();
  }
  const std::string hint = CommandFor(kind, word);
  return absl::InvalidArgumentError(
      absl::StrCat(word, " is ", Description(kind), kExpected,
                   hint.empty() ? "" : "; ", hint));
}

}  // namespace lenslet
