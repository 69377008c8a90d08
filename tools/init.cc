// Writes a recipe and a model that fit a user's data.

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/base/utf8.h"
#include "lenslet/base/wrap_text.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/load_data.h"
#include "lenslet/data/survey.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/propose.h"

namespace lenslet {
namespace {

namespace fs = std::filesystem;

constexpr char kInit[] = "lenslet init";

struct InitFlags {
  std::vector<std::string> paths;
  std::string target;
  std::string output;
  std::string name;
};

std::optional<int> ParseInitFlags(int argc, char** argv, InitFlags& flags) {
  CommandLine line(
      kInit,
      "Looks at your data, and writes a model and a recipe that fit it, with "
      "comments: model.textproto and recipe.textproto in the folder --output. "
      "The data is one of\n"
      "  a folder with a folder of images for each class,\n"
      "  a folder with folders train and test of these,\n"
      "  a CSV file with a label and the pixels of an image in each row: "
      "numbers\n"
      "    from 0 to 255, under names such as pixel0, or as many as in a "
      "square "
      "of\n"
      "    at least 8 x 8,\n"
      "  a CSV file with a table: columns of numbers, and a class, labels or "
      "a\n"
      "    number to learn,\n"
      "  a CSV file with names of images, and what to learn of them,\n"
      "  a folder with the files of MNIST, EMNIST, CIFAR-10 or CIFAR-100, or\n"
      "  NumPy's arrays x_train and y_train, in an .npz file or a folder of "
      ".npy files.\n"
      "Reads only a sample of a large data set.\n");
  line.AddArguments("DATA", "The folder or file.", flags.paths);
  line.AddFlag("target",
               "What to learn: the column of a CSV file, a name or a number "
               "from 0; or an array of NumPy's. Default: the column called "
               "label, class, target or category; or the only one with words "
               "that repeat; or else the last one of numbers. init says which "
               "one it took.",
               flags.target);
  line.AddFlag("output",
               "Folder for the two files, which must not "
               "exist yet. Default: the current folder.",
               flags.output);
  line.AddFlag("name",
               "Name of the model and of the recipe. "
               "Default: the name of the data.",
               flags.name);
  return line.Parse(argc, argv);
}

// Without "." and "..", and without a slash at the end.
absl::StatusOr<std::string> AbsolutePath(const std::string& path) {
  std::error_code error;
  fs::path absolute = fs::absolute(UserPath(path), error).lexically_normal();
  if (error) return absl::ErrnoToStatus(error.value(), path);
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  if (!IsValidUtf8(absolute.string())) {
    return absl::InvalidArgumentError(
        absl::StrCat(absolute.string(),
                     ": the path is not UTF-8; a recipe cannot have such a "
                     "path, so rename the folder or the file"));
  }
  return absolute.string();
}

std::string RangeText(const SurveyedRange& range) {
  if (range.min == range.max) return absl::StrCat(range.min);
  return absl::StrCat(range.min, " to ", range.max, ", median ", range.median);
}

// A table of the classes, the first of them if there are many.
std::string ClassTable(const DataSurvey& survey) {
  constexpr size_t kMaxRows = 40;
  constexpr int64_t kMaxNameWidth = 40;
  const bool has_test = !survey.test_counts.empty();
  std::vector<Align> columns = {Align::kLeft, Align::kRight};
  std::vector<std::vector<std::string>> rows = {{"class", "training examples"}};
  if (has_test) {
    columns.push_back(Align::kRight);
    rows[0].push_back("test examples");
  }
  const auto add = [&](const std::string& name, int64_t train, int64_t test) {
    rows.push_back({name, WithCommas(train)});
    if (has_test) rows.back().push_back(WithCommas(test));
  };
  const size_t classes = survey.class_names.size();
  const size_t shown = classes <= kMaxRows ? classes : kMaxRows / 2;
  int64_t train = survey.train_examples(), test = survey.test_examples();
  for (size_t i = 0; i < shown; ++i) {
    const int64_t test_count = has_test ? survey.test_counts[i] : 0;
    add(Abbreviate(Printable(survey.class_names[i]), kMaxNameWidth),
        survey.train_counts[i], test_count);
    train -= survey.train_counts[i];
    test -= test_count;
  }
  if (shown < classes) {
    add(absl::StrCat("(", classes - shown, " other classes)"), train, test);
  }
  add("total", survey.train_examples(), survey.test_examples());
  return TextTable(columns, rows);
}

void PrintFact(absl::string_view name, absl::string_view fact) {
  constexpr size_t kNameWidth = 10;
  const std::string first = absl::StrCat(
      name, std::string(kNameWidth - std::min(name.size(), kNameWidth), ' '));
  PrintText(WrapText(Printable(fact), first, std::string(kNameWidth, ' ')));
}

void PrintSurvey(const std::string& path, const DataSurvey& survey) {
  if (survey.target == TargetKind::kClasses) {
    Print("%s: %s\n\n%s\n", Printable(path), survey.kind, ClassTable(survey));
  } else {
    Print("%s: %s\n\n", Printable(path), survey.kind);
    PrintFact(
        "examples",
        absl::StrCat(
            WithCommas(survey.train_examples()), " to train",
            survey.test_counts.empty()
                ? ""
                : absl::StrCat(" and ", WithCommas(survey.test_examples()),
                               " to test")));
  }
  if (survey.shape.rank() == 3) {
    PrintFact("width", RangeText(survey.width));
    PrintFact("height", RangeText(survey.height));
    PrintFact("color", survey.shape.dim(2) == 3 ? "yes" : "no, only gray");
  }
  for (const std::string& note : survey.notes) PrintFact("columns", note);
  if (survey.files > 0) {
    std::vector<std::string> formats;
    for (const auto& [format, count] : survey.formats) {
      formats.push_back(absl::StrCat(WithCommas(count), " ", format));
    }
    PrintFact("formats", absl::StrJoin(formats, ", "));
    PrintFact("read", absl::StrCat("the sizes of ", WithCommas(survey.headers),
                                   " of ", WithCommas(survey.files),
                                   " images, and the pixels of ",
                                   WithCommas(survey.decoded),
                                   survey.decoded < survey.files
                                       ? "; on_unreadable: SKIP leaves out "
                                         "what turns out to be broken"
                                       : ""));
  }
  Print("\n");
  for (const std::string& warning : survey.warnings) {
    PrintText(WrapText(Printable(warning), "warning: ", "  "));
  }
  for (const std::string& error : survey.errors) {
    PrintText(WrapText(Printable(error), "  cannot read ", "    "));
  }
  const auto listed = static_cast<int64_t>(survey.errors.size());
  if (survey.unreadable > listed) {
    Print("  and %s others\n", WithCommas(survey.unreadable - listed));
  }
  if (!survey.warnings.empty()) Print("\n");
}

absl::Status CheckIsNew(const std::string& path) {
  std::error_code error;
  if (fs::symlink_status(path, error).type() == fs::file_type::not_found) {
    return absl::OkStatus();
  }
  return absl::AlreadyExistsError(absl::StrCat(
      path,
      ": already exists; expected a folder without such a file, which "
      "--output can name"));
}

// Never replaces a file, not even one that another program makes meanwhile.
absl::Status CreateFile(const std::string& path, const std::string& text) {
  std::FILE* const file = std::fopen(path.c_str(), "wxe");
  if (file == nullptr) return absl::ErrnoToStatus(errno, path);
  const bool written =
      std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const int write_error = errno;
  const bool closed = std::fclose(file) == 0;
  if (written && closed) return absl::OkStatus();
  const absl::Status status =
      absl::ErrnoToStatus(written ? errno : write_error, path);
  std::remove(path.c_str());
  return status;
}

absl::Status WriteProposal(const Proposal& proposal, const std::string& model,
                           const std::string& recipe) {
  std::error_code error;
  const fs::path folder = fs::path(recipe).parent_path();
  fs::create_directories(folder, error);
  if (error) return absl::ErrnoToStatus(error.value(), folder.string());
  LENSLET_RETURN_IF_ERROR(CreateFile(model, proposal.model));
  const absl::Status status = CreateFile(recipe, proposal.recipe);
  if (!status.ok()) std::remove(model.c_str());
  return status;
}

std::string NameFor(const InitFlags& flags, const std::string& data) {
  if (!flags.name.empty()) return flags.name;
  const std::string stem = fs::path(data).stem().string();
  return stem.empty() ? "data" : stem;
}

// The folder for the run, as the user would type it: beside the two files, or
// beside the data where it would be a class there.
std::string RunFolder(const InitFlags& flags, const std::string& folder,
                      const DataProto& data) {
  constexpr char kRun[] = "run";
  if (CheckOutsideClasses(PathIn(folder, kRun), data).ok()) {
    return fs::path(flags.output) / kRun;
  }
  const std::string classes = data.image_folders().train_directory();
  std::error_code error;
  const fs::path current = fs::absolute(UserPath("."), error);
  const std::string run = absl::StrCat(classes, "_", kRun);
  return error ? run
               : fs::path(run)
                     .lexically_proximate(current.lexically_normal())
                     .string();
}

// Commands for the trained network, with a file of the kind that it takes.
std::string HowToUse(const DataSurvey& survey, const std::string& run) {
  if (survey.data.has_npy()) {
    return absl::StrCat("  lenslet predict ", run, " FILE.npy\n");
  }
  if (survey.data.has_image_folders() || survey.data.has_image_table() ||
      (survey.shape.rank() == 3 && survey.type == ElementType::kUint8)) {
    return absl::StrCat("  lenslet predict ", run, " IMAGE\n");
  }
  return absl::StrCat(
      "  lenslet evaluate ", run,
      survey.test_counts.empty() ? " --split=validation\n" : "\n",
      survey.data.has_csv()
          ? absl::StrCat("  lenslet predict ", run, " FILE.csv\n")
          : "");
}

absl::Status Init(const InitFlags& flags) {
  LENSLET_ASSIGN_OR_RETURN(const std::string data,
                           AbsolutePath(flags.paths[0]));
  LENSLET_ASSIGN_OR_RETURN(
      const std::string folder,
      AbsolutePath(flags.output.empty() ? "." : flags.output));
  const std::string model = fs::path(folder) / kModelFileName;
  const std::string recipe = fs::path(folder) / kRecipeFileName;
  LENSLET_RETURN_IF_ERROR(CheckIsNew(model));
  LENSLET_RETURN_IF_ERROR(CheckIsNew(recipe));
  LENSLET_ASSIGN_OR_RETURN(const DataSurvey survey,
                           SurveyData(data, flags.target));
  LENSLET_RETURN_IF_ERROR(
      CheckFolderFlag(flags.output.empty() ? "the current folder" : "--output",
                      folder, survey.data));
  PrintSurvey(flags.paths[0], survey);
  const Proposal proposal =
      Propose(survey, {.name = NameFor(flags, data), .folder = folder});
  LENSLET_RETURN_IF_ERROR(WriteProposal(proposal, model, recipe));

  // As the user would type them.
  const auto typed = [&](absl::string_view name) {
    return (fs::path(flags.output) / std::string(name)).string();
  };
  const std::string recipe_word = ShellQuoted(typed(kRecipeFileName));
  const std::string run_word =
      ShellQuoted(RunFolder(flags, folder, survey.data));
  Print(
      "wrote a network for examples of shape %s and a recipe to train it:\n\n"
      "  %s\n  %s\n\n"
      "Comments in both files explain each choice. To check, train and use:\n\n"
      "  lenslet lint %s %s\n"
      "  lenslet train %s --run_dir=%s\n%s",
      proposal.shape.ToString(), Printable(typed(kModelFileName)),
      Printable(typed(kRecipeFileName)), recipe_word,
      ShellQuoted(typed(kModelFileName)), recipe_word, run_word,
      HowToUse(survey, run_word));
  return absl::OkStatus();
}

}  // namespace

int InitCommand(int argc, char** argv) {
  InitFlags flags;
  if (const auto exit_code = ParseInitFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (flags.paths.size() != 1) {
    return ReportUsage(kInit, absl::StrCat("expected one folder or file, got ",
                                           flags.paths.size()));
  }
  if (!IsValidUtf8(flags.name)) {
    return ReportUsage(kInit, absl::StrCat("--name is \"", flags.name,
                                           "\", which is not UTF-8"));
  }
  if (const absl::Status status = CheckDataWord(flags.paths[0]); !status.ok()) {
    ReportFailure(kInit, status);
    return kExitUsage;
  }
  const absl::Status status = Init(flags);
  return status.ok() ? 0 : ReportFailure(kInit, status);
}

}  // namespace lenslet
