// Classifies image files, or images of a data set, with a trained model.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/image_file.h"
#include "lenslet/inspect/terminal_picture.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tools/checkpoint_data.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/standard_input.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kProgram[] = "predict";
constexpr int64_t kTopClasses = 3;

struct Flags {
  std::string checkpoint;
  DataFlags data;
  std::string backend;
  int64_t first = 0;
  int64_t count = 3;
  bool json = false;
  // Images, or kStandardInputName for those that standard input names. Without:
  // those of `data`.
  std::vector<std::string> files;
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Classifies images with a trained model. Shows each image with its three "
      "most probable\nclasses. By default, the images are those of a data set. "
      "predict also classifies image files\ngiven as arguments, listed on "
      "standard input (one path per line), or piped in directly. It\nreads "
      "standard input if \"-\" is an argument. Without arguments, it also "
      "reads a pipe or a\nfile, unless a flag selects images of a data set. If "
      "an image cannot be read, predict\nclassifies the others, and its exit "
      "code is 1.");
  line.AddFlag("checkpoint", absl::StrCat(kCheckpointHelp, " Required."),
               flags.checkpoint);
  AddDataFlags(line, flags.data);
  line.AddFlag("first",
               "Index of the data set's first image to classify, from 0.",
               flags.first, {.min = 0});
  line.AddFlag("count", "Number of images of the data set to classify.",
               flags.count, {.min = 1});
  line.AddFlag("json",
               "Print one line with a JSON object per image, as soon as the "
               "image is classified.",
               flags.json);
  line.AddFlag(
      "backend",
      "Backend: direct, lanes, xnnpack or reference. Default: the fastest "
      "for the number of images.",
      flags.backend);
  line.AddArguments(
      "image",
      "PNG, JPEG, binary PGM or binary PPM files, or \"-\" for standard "
      "input. Images are resized to the model's input size.",
      flags.files);
  if (const auto exit_code = line.Parse(argc, argv)) return exit_code;
  const bool wants_data_set =
      DataFlagsGiven(line) || line.Given("first") || line.Given("count");
  if (flags.files.empty() && !wants_data_set && StandardInput::IsGiven()) {
    flags.files.push_back(kStandardInputName);
  }
  return std::nullopt;
}

void PrintAnswer(const Tensor& image, const std::vector<ClassScore>& answer) {
  PrintText(ExamplePicture(image));
  for (const ClassScore& score : answer) {
    Print("  %5.1f %%  %s\n", 100 * score.probability,
          Printable(score.class_name));
  }
  PrintText("\n");
}

// Prints one line and flushes it: its reader may be waiting for it. Text that
// is not UTF-8, as names of files may be, is changed so that it is. Characters
// that a terminal would not show become JSON's escapes.
void PrintLine(const Json& json) {
  const auto dump = [&](bool ensure_ascii) {
    return json.dump(-1, ' ', ensure_ascii, Json::error_handler_t::replace);
  };
  std::string line = dump(/*ensure_ascii=*/false);
  if (PrintableLines(line) != line) line = dump(/*ensure_ascii=*/true);
  PrintText(absl::StrCat(line, "\n"));
  std::fflush(stdout);
}

Json ToJson(const ClassScore& score) {
  return {{"class", score.class_name},
          {"class_index", score.class_index},
          {"probability", score.probability}};
}

// Adds the answer to what says which image it is for.
Json WithAnswer(Json image, const std::vector<ClassScore>& answer) {
  image.update(ToJson(answer[0]));
  Json& top = image["top"] = Json::array();
  for (const ClassScore& score : answer) top.push_back(ToJson(score));
  return image;
}

// `name` is what the user calls the image.
absl::Status PredictImage(const std::string& name, const FittedImage& fitted,
                          bool json, Predictor& predictor) {
  LENSLET_ASSIGN_OR_RETURN(const std::vector<ClassScore> answer,
                           predictor.Classify(fitted.image, kTopClasses));
  if (json) {
    PrintLine(WithAnswer({{"file", name}}, answer));
  } else {
    Print("%s%s\n", Printable(name), fitted.changes);
    PrintAnswer(fitted.image, answer);
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

// Whether it went well; says what is wrong otherwise.
bool Answer(const std::string& name, const absl::StatusOr<FittedImage>& fitted,
            bool json, Predictor& predictor) {
  const absl::Status status = fitted.ok()
                                  ? PredictImage(name, *fitted, json, predictor)
                                  : fitted.status();
  if (status.ok()) return true;
  if (json) {
    PrintLine({{"file", name}, {"error", std::string(status.message())}});
  } else {
    ReportFailure(kProgram, status);
  }
  return false;
}

bool AnswerFile(const std::string& file, bool json, Predictor& predictor) {
  return Answer(file, ReadFittedImage(UserPath(file), predictor.image_shape()),
                json, predictor);
}

// Whether an image begins so, rather than a list of paths. A file called "P5"
// is "./P5".
bool BeginsAnImage(absl::string_view bytes) {
  if (absl::StartsWith(bytes, "\x89PNG") ||
      absl::StartsWith(bytes, "\xff\xd8\xff")) {
    return true;
  }
  return (absl::StartsWith(bytes, "P5") || absl::StartsWith(bytes, "P6")) &&
         (bytes.size() == 2 || absl::ascii_isspace(bytes[2]));
}

absl::StatusOr<FittedImage> ReadImageFromInput(StandardInput& input,
                                               const Shape& shape) {
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes,
                           input.ReadAll(kMaxFileBytes));
  LENSLET_ASSIGN_OR_RETURN(Tensor image,
                           DecodeImage(kStandardInputName, bytes));
  return FitImage(std::move(image), shape);
}

// Of the images that standard input names, or the one that it is. Returns
// whether all went well. Errors: StandardInput's.
absl::StatusOr<bool> AnswerInput(bool json, Predictor& predictor) {
  constexpr size_t kSignatureBytes = 4;
  StandardInput input;
  LENSLET_ASSIGN_OR_RETURN(const absl::string_view start,
                           input.Peek(kSignatureBytes));
  if (BeginsAnImage(start)) {
    return Answer(kStandardInputName,
                  ReadImageFromInput(input, predictor.image_shape()), json,
                  predictor);
  }
  bool all_well = true;
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const std::optional<std::string> line,
                             input.ReadLine());
    if (!line.has_value()) return all_well;
    if (!line->empty()) all_well &= AnswerFile(*line, json, predictor);
  }
}

absl::StatusOr<bool> AnswerFiles(const Flags& flags, Predictor& predictor) {
  bool all_well = true;
  for (const std::string& file : flags.files) {
    if (file == kStandardInputName) {
      LENSLET_ASSIGN_OR_RETURN(const bool well,
                               AnswerInput(flags.json, predictor));
      all_well &= well;
    } else {
      all_well &= AnswerFile(file, flags.json, predictor);
    }
  }
  return all_well;
}

absl::Status PredictDataSet(const CheckpointProto& checkpoint,
                            const Flags& flags, const std::string& argv0,
                            Predictor& predictor) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointData data,
                           LoadCheckpointData(checkpoint, flags.data, argv0));
  const Dataset& dataset = data.dataset;
  const std::string& split = flags.data.split;
  if (flags.first >= dataset.size() ||
      flags.count > dataset.size() - flags.first) {
    return absl::OutOfRangeError(
        absl::StrCat("--first is ", flags.first, " and --count is ",
                     flags.count, "; expected a sum of at most ",
                     dataset.size(), ", the number of ", split, " images"));
  }
  std::vector<Tensor> images;
  for (int64_t i = flags.first; i < flags.first + flags.count; ++i) {
    images.push_back(dataset.Image(i));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::vector<ClassScore>> answers,
                           predictor.Classify(images, kTopClasses));
  int64_t correct = 0;
  for (int64_t i = flags.first; i < flags.first + flags.count; ++i) {
    const std::vector<ClassScore>& answer = answers[i - flags.first];
    const int64_t label = dataset.labels.data<uint8_t>()[i];
    const bool is_correct = answer[0].class_index == label;
    correct += is_correct;
    if (flags.json) {
      PrintLine(WithAnswer({{absl::StrCat(split, "_image"), i},
                            {"true_class", dataset.class_names[label]},
                            {"true_class_index", label}},
                           answer));
      continue;
    }
    Print("%s image %d: %s (%s)\n", split, i,
          Printable(dataset.class_names[label]),
          is_correct ? "correct" : "wrong");
    PrintAnswer(images[i - flags.first], answer);
  }
  if (flags.json) return absl::OkStatus();
  Print("%d of %d correct\n", correct, flags.count);
  return absl::OkStatus();
}

// Returns the exit code.
absl::StatusOr<int> Run(const Flags& flags, const PredictorOptions& options,
                        const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(UserPath(flags.checkpoint)));
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<Predictor> predictor,
                           Predictor::Create(checkpoint, options));
  bool all_well = true;
  if (flags.files.empty()) {
    LENSLET_RETURN_IF_ERROR(
        PredictDataSet(checkpoint, flags, argv0, *predictor));
  } else {
    LENSLET_ASSIGN_OR_RETURN(all_well, AnswerFiles(flags, *predictor));
  }
  if (!flags.json) {
    Print("computed by %s\n", predictor->BackendNames());
  }
  return all_well ? 0 : kExitFailure;
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  if (flags.checkpoint.empty()) {
    return ReportUsage(kProgram, "--checkpoint is required");
  }
  if (const absl::Status status = CheckDataFlags(flags.data); !status.ok()) {
    return ReportUsage(kProgram, std::string(status.message()));
  }
  // Files come one by one.
  constexpr int64_t kImagesAtOnce = 64;
  PredictorOptions options = {
      .images = flags.files.empty() ? std::min(flags.count, kImagesAtOnce) : 1};
  if (!flags.backend.empty()) {
    const absl::StatusOr<Backend> backend = BackendByName(flags.backend);
    if (!backend.ok()) {
      return ReportUsage(
          kProgram, absl::StrCat("--backend: ", backend.status().message()));
    }
    options.backend = *backend;
  }
  const absl::StatusOr<int> exit_code = Run(flags, options, argv[0]);
  return exit_code.ok() ? *exit_code
                        : ReportFailure(kProgram, exit_code.status());
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
