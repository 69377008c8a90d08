// Classifies image files, or images of a data set, with a trained model; or
// predicts the labels or values of a data set.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
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
#include "absl/types/span.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/file.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/split.h"
#include "lenslet/inspect/examples_word.h"
#include "lenslet/inspect/terminal_picture.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/loss/loss_spec.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tools/checkpoint_data.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/predict_targets.h"
#include "lenslet/tools/print_json.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/standard_input.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/evaluator.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kPredict[] = "lenslet predict";
constexpr int64_t kTopClasses = 3;

struct PredictFlags {
  std::vector<std::string> words;  // The checkpoint and then the images.
  DataFlags data;
  std::string backend;
  int64_t index = 0;
  int64_t count = 3;
  bool json = false;
  bool is_count_given = false;
  // A flag that asks for images of `data`, or "".
  std::string data_set_flag;

  // Images, or kStandardInputName for those that standard input names. Without:
  // those of `data`.
  std::vector<std::string> files;
};

std::optional<int> ParsePredictFlags(int argc, char** argv,
                                     PredictFlags& flags) {
  CommandLine line(
      kPredict,
      "Classifies images with a trained model. Shows each image with its three "
      "most probable classes. By default, the images are those of a data set. "
      "predict also classifies image files given as words, listed on standard "
      "input (one path per line), or piped in directly. The word \"-\" stands "
      "for standard input. Without IMAGE words, predict reads standard input "
      "if that is a pipe or a file, unless a flag selects images of a data "
      "set. If an image cannot be read, predict classifies the others, and its "
      "exit code is 1. Of a data set whose targets are labels or values, "
      "predict shows "
      "the labels with their probabilities, or the true and the predicted "
      "values.");
  AddTrainedWord(line, flags.words);
  line.AddArguments(
      "[IMAGE ...]",
      absl::StrCat(kImageFormats,
                   " files, or \"-\" for standard input. Images are turned "
                   "upright and resized to the model's input size."),
      flags.words);
  line.AddMovedFlag("checkpoint", "lenslet predict VALUE");
  AddDataFlags(line, flags.data);
  line.AddFlag("index",
               "Index of the data set's first image to classify, from 0.",
               flags.index, {.min = 0});
  line.AddMovedFlag("first", "--index=VALUE");
  line.AddFlag(
      "count",
      "Number of images of the data set to classify. By default, fewer "
      "at its end.",
      flags.count, {.min = 1});
  line.AddFlag("json",
               "Print one line with a JSON object per image, as soon as the "
               "image is classified.",
               flags.json);
  AddBackendFlag(line, flags.backend, "the fastest for the number of images.");
  if (const auto exit_code = line.Parse(argc, argv)) return exit_code;
  flags.data_set_flag = GivenDataFlag(line);
  if (line.Given("index")) flags.data_set_flag = "--index";
  flags.is_count_given = line.Given("count");
  if (flags.is_count_given) flags.data_set_flag = "--count";
  if (flags.words.size() > 1) {
    flags.files.assign(flags.words.begin() + 1, flags.words.end());
  } else if (flags.data_set_flag.empty() && StandardInput::IsGiven()) {
    flags.files.push_back(kStandardInputName);
  }
  return std::nullopt;
}

// Checks what words and flags say together, and reports what is wrong.
std::optional<int> CheckPredictFlags(const PredictFlags& flags) {
  if (flags.words.empty()) {
    return ReportUsage(kPredict,
                       "expected a checkpoint or a run's folder, and images "
                       "after it if they are yours");
  }
  const absl::Span<const std::string> words = flags.words;
  if (const auto exit_code =
          CheckWords(WordFor::kTrained, kPredict, words.first(1))) {
    return exit_code;
  }
  if (words.size() > 1 && !flags.data_set_flag.empty()) {
    return ReportUsage(
        kPredict,
        absl::StrCat(words[1], " and ", flags.data_set_flag,
                     " cannot be combined; expected images or a data set"));
  }
  for (const std::string& file : flags.files) {
    if (file == kStandardInputName) continue;
    const std::string command =
        absl::StrCat(kPredict, " ", ShellQuoted(words[0]));
    if (const absl::Status status = CheckWord(WordFor::kImage, command, file);
        !status.ok()) {
      ReportFailure(kPredict, status);
      return kExitUsage;
    }
  }
  if (const absl::Status status = CheckDataFlags(flags.data); !status.ok()) {
    return ReportUsage(kPredict, status);
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
    PrintJson(JsonLine(WithAnswer({{"file", name}}, answer)));
  } else {
    Print("%s%s\n", Printable(name), fitted.changes);
    PrintAnswer(fitted.image, answer);
    FlushOutput();
  }
  return absl::OkStatus();
}

// How many images were classified, and how many could not be.
struct Tally {
  int64_t classified = 0;
  int64_t failed = 0;
};

// Says what is wrong, if anything.
void Answer(const std::string& name, const absl::StatusOr<FittedImage>& fitted,
            bool json, Predictor& predictor, Tally& tally) {
  const absl::Status status = fitted.ok()
                                  ? PredictImage(name, *fitted, json, predictor)
                                  : fitted.status();
  ++(status.ok() ? tally.classified : tally.failed);
  if (status.ok()) return;
  if (json) {
    PrintJson(
        JsonLine({{"file", name}, {"error", std::string(status.message())}}));
  } else {
    ReportFailure(kPredict, status);
  }
}

void AnswerFile(const std::string& file, const DecodeOptions& decode, bool json,
                Predictor& predictor, Tally& tally) {
  Answer(file, ReadFittedImage(UserPath(file), predictor.image_shape(), decode),
         json, predictor, tally);
}

absl::StatusOr<FittedImage> ReadImageFromInput(StandardInput& input,
                                               const Shape& shape,
                                               const DecodeOptions& decode) {
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes,
                           input.ReadAll(kMaxFileBytes));
  return DecodeFittedImage(kStandardInputName, bytes, shape, decode);
}

absl::Status NoTextError() {
  return absl::InvalidArgumentError(absl::StrCat(
      kStandardInputName,
      ": is neither text nor an image: it has control characters; expected one "
      "path on each line, or a ",
      kImageFormats, " file"));
}

// Names of files may have them, too.
bool HasControlBytes(absl::string_view line) {
  return std::any_of(line.begin(), line.end(), absl::ascii_iscntrl);
}

// Of the images that standard input names, or the one that it is. Errors:
// StandardInput's; InvalidArgument if it names no image, or at the first line
// with control characters.
absl::Status AnswerInput(const DecodeOptions& decode, bool json,
                         Predictor& predictor, Tally& tally) {
  StandardInput input;
  LENSLET_ASSIGN_OR_RETURN(const absl::string_view start,
                           input.Peek(kImageSignatureBytes));
  if (ImageFormatOf(start).has_value()) {
    Answer(kStandardInputName,
           ReadImageFromInput(input, predictor.image_shape(), decode), json,
           predictor, tally);
    return absl::OkStatus();
  }
  if (absl::StrContains(input.buffered(), '\0')) return NoTextError();
  int64_t images = 0;
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const std::optional<std::string> line,
                             input.ReadLine());
    if (!line.has_value()) break;
    if (line->empty()) continue;
    if (HasControlBytes(*line) && !FileExists(UserPath(*line))) {
      return NoTextError();
    }
    ++images;
    AnswerFile(*line, decode, json, predictor, tally);
  }
  if (images > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      kStandardInputName,
      ": is empty; expected one path on each line, or an image; --count=3 "
      "classifies images of the model's data instead"));
}

absl::Status AnswerFiles(const PredictFlags& flags, const DecodeOptions& decode,
                         Predictor& predictor, Tally& tally) {
  for (const std::string& file : flags.files) {
    if (file == kStandardInputName) {
      LENSLET_RETURN_IF_ERROR(
          AnswerInput(decode, flags.json, predictor, tally));
    } else {
      AnswerFile(file, decode, flags.json, predictor, tally);
    }
  }
  return absl::OkStatus();
}

// The number of images to classify of `size`. Without --count, fewer at the
// end.
absl::StatusOr<int64_t> CountOfImages(const PredictFlags& flags,
                                      const Dataset& dataset) {
  const int64_t size = dataset.size();
  const int64_t left = size - flags.index;
  if (left > 0 && (flags.count <= left || !flags.is_count_given)) {
    return std::min(flags.count, left);
  }
  const std::string images =
      absl::StrCat(size, ", the number of ", flags.data.split, " ",
                   ExamplesWord(dataset.example_shape()));
  if (!flags.is_count_given) {
    return absl::OutOfRangeError(absl::StrCat(
        "--index is ", flags.index, "; expected a number below ", images));
  }
  if (flags.index == 0) {
    return absl::OutOfRangeError(absl::StrCat(
        "--count is ", flags.count, "; expected a number of at most ", images));
  }
  return absl::OutOfRangeError(
      absl::StrCat("--index is ", flags.index, " and --count is ", flags.count,
                   "; expected a sum of at most ", images));
}

// Of a data set whose targets are not one class of each example. Returns the
// names of the backends.
absl::StatusOr<std::string> PredictTargets(const CheckpointProto& checkpoint,
                                           const PredictFlags& flags,
                                           const PredictorOptions& options,
                                           const Dataset& dataset) {
  LENSLET_ASSIGN_OR_RETURN(const int64_t count, CountOfImages(flags, dataset));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, GraphOf(checkpoint));
  LENSLET_ASSIGN_OR_RETURN(const Parameters parameters,
                           RestoreParameters(graph, checkpoint));
  const TargetKind kind = dataset.examples->target().kind;
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Evaluator> evaluator,
      Evaluator::Create(graph, parameters,
                        {.backend = options.backend,
                         .block = options.images,
                         .loss = {.kind = DefaultLoss(kind)},
                         .target = kind}));
  std::vector<int64_t> indices(count);
  std::iota(indices.begin(), indices.end(), flags.index);
  LENSLET_ASSIGN_OR_RETURN(
      const Tensor outputs,
      evaluator->Outputs(SelectExamples(dataset, indices)));
  for (const int64_t i : indices) {
    if (flags.json) {
      LENSLET_ASSIGN_OR_RETURN(
          const Json json,
          TargetsJson(dataset, i, outputs, flags.index, flags.data.split));
      PrintJson(JsonLine(json));
      continue;
    }
    LENSLET_ASSIGN_OR_RETURN(
        const std::string text,
        TargetsText(dataset, i, outputs, flags.index, flags.data.split));
    PrintText(absl::StrCat(text, "\n"));
  }
  if (!flags.json && dataset.examples->target().shape.rank() > 1) {
    Print(
        "lenslet report shows outputs as pictures; lenslet visualize, those "
        "of all layers\n");
  }
  return evaluator->BackendNames();
}

// As Predictor::Classify(), of examples of float numbers.
absl::StatusOr<std::vector<std::vector<ClassScore>>> ClassifyNumbers(
    const Dataset& dataset, absl::Span<const Tensor> examples,
    Predictor& predictor) {
  std::vector<float> scores(dataset.target_names.size());
  std::vector<std::vector<ClassScore>> answers;
  for (const Tensor& example : examples) {
    LENSLET_RETURN_IF_ERROR(
        predictor.Predict(example.span(), absl::MakeSpan(scores)));
    LENSLET_ASSIGN_OR_RETURN(std::vector<ClassScore> answer,
                             predictor.Rank(scores, kTopClasses));
    answers.push_back(std::move(answer));
  }
  return answers;
}

absl::Status PredictDataSet(const PredictFlags& flags, const Dataset& dataset,
                            Predictor& predictor) {
  const std::string& split = flags.data.split;
  LENSLET_ASSIGN_OR_RETURN(const int64_t count, CountOfImages(flags, dataset));
  std::vector<Tensor> images;
  std::vector<int64_t> indices;
  for (int64_t i = flags.index; i < flags.index + count; ++i) {
    LENSLET_ASSIGN_OR_RETURN(Tensor image, dataset.Example(i));
    images.push_back(std::move(image));
    indices.push_back(i);
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::vector<ClassScore>> answers,
                           dataset.examples->type() == ElementType::kUint8
                               ? predictor.Classify(images, kTopClasses)
                               : ClassifyNumbers(dataset, images, predictor));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> labels,
                           dataset.Classes(indices));
  int64_t correct = 0;
  for (int64_t i = flags.index; i < flags.index + count; ++i) {
    const std::vector<ClassScore>& answer = answers[i - flags.index];
    const int64_t label = labels[i - flags.index];
    const bool is_correct = answer[0].class_index == label;
    correct += is_correct;
    if (flags.json) {
      PrintJson(
          JsonLine(WithAnswer({{absl::StrCat(split, "_image"), i},
                               {"true_class", dataset.target_names[label]},
                               {"true_class_index", label}},
                              answer)));
      continue;
    }
    Print("%s image %d: %s (%s)\n", split, i,
          Printable(dataset.target_names[label]),
          is_correct ? "correct" : "wrong");
    PrintAnswer(images[i - flags.index], answer);
  }
  if (flags.json) return absl::OkStatus();
  Print("%d of %d correct\n", correct, count);
  return absl::OkStatus();
}

// Returns the exit code.
absl::StatusOr<int> Predict(const PredictFlags& flags,
                            const PredictorOptions& options,
                            const std::string& argv0) {
  const std::string path = UserPath(flags.words[0]);
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(path));
  const absl::StatusOr<std::unique_ptr<Predictor>> created =
      Predictor::Create(checkpoint, options);
  if (flags.files.empty()) {
    const absl::StatusOr<CheckpointData> data =
        LoadCheckpointData(checkpoint, flags.data, argv0);
    // Only classes have a predictor.
    if (data.ok() && data->dataset.examples->target() != TargetSpec()) {
      LENSLET_ASSIGN_OR_RETURN(
          const std::string backends,
          PredictTargets(checkpoint, flags, options, data->dataset));
      if (!flags.json) Print("computed by %s\n", backends);
      return 0;
    }
    if (!created.ok()) return AtPlace(created.status(), path);
    LENSLET_RETURN_IF_ERROR(data.status());
    LENSLET_RETURN_IF_ERROR(PredictDataSet(flags, data->dataset, **created));
  }
  if (!created.ok()) return AtPlace(created.status(), path);
  Predictor& predictor = **created;
  Tally tally;
  if (!flags.files.empty()) {
    LENSLET_RETURN_IF_ERROR(
        AnswerFiles(flags, DecodeOptionsFor(checkpoint), predictor, tally));
  }
  if (!flags.json && (flags.files.empty() || tally.classified > 0)) {
    Print("computed by %s\n", predictor.BackendNames());
  }
  return tally.failed == 0 ? 0 : kExitFailure;
}

}  // namespace

int PredictCommand(int argc, char** argv) {
  PredictFlags flags;
  if (const auto exit_code = ParsePredictFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const auto exit_code = CheckPredictFlags(flags)) return *exit_code;
  // Files come one by one.
  constexpr int64_t kImagesAtOnce = 64;
  PredictorOptions options = {
      .images = flags.files.empty() ? std::min(flags.count, kImagesAtOnce) : 1};
  if (!flags.backend.empty()) {
    const absl::StatusOr<Backend> backend = BackendFromFlag(flags.backend);
    if (!backend.ok()) return ReportUsage(kPredict, backend.status());
    options.backend = *backend;
  }
  const absl::StatusOr<int> exit_code = Predict(flags, options, argv[0]);
  return exit_code.ok() ? *exit_code
                        : ReportFailure(kPredict, exit_code.status());
}

}  // namespace lenslet
