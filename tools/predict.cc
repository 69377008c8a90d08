// Runs a trained model on a user's files, or on a data set.

#include <algorithm>
#include <cstdint>
#include <filesystem>
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
#include "lenslet/data/examples_word.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/split.h"
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
#include "lenslet/tools/learned_names.h"
#include "lenslet/tools/predict_targets.h"
#include "lenslet/tools/predicted.h"
#include "lenslet/tools/print_json.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/standard_input.h"
#include "lenslet/tools/user_examples.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/evaluator.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kPredict[] = "lenslet predict";
constexpr int64_t kTopClasses = 3;

struct PredictFlags {
  std::vector<std::string> words;  // The checkpoint and then the files.
  DataFlags data;
  std::string backend;
  int64_t index = 0;
  int64_t count = 3;
  bool json = false;
  std::string output_dir;
  bool is_count_given = false;
  // A flag that asks for images of `data`, or "".
  std::string data_set_flag;

  // Files, or kStandardInputName for those that standard input names. Without:
  // the examples of `data`.
  std::vector<std::string> files;
};

std::optional<int> ParsePredictFlags(int argc, char** argv,
                                     PredictFlags& flags) {
  CommandLine line(
      kPredict,
      "Runs a trained model on examples. Shows the three most probable classes "
      "of each; or its labels with their probabilities, its values, or how "
      "often each class is among its positions. By default, the examples are "
      "those of a data set, which has the true answers, too. predict also "
      "takes files given as words, listed on standard input (one path per "
      "line), or an image piped in directly. The word \"-\" stands for "
      "standard input. Without FILE words, predict reads standard input if "
      "that is a pipe or a file, unless a flag selects examples of a data set. "
      "If a file cannot be read, predict answers for the others, and its exit "
      "code is 1.");
  AddTrainedWord(line, flags.words);
  line.AddArguments(
      "[FILE ...]",
      absl::StrCat(kImageFormats,
                   " files, which are turned upright and resized to the "
                   "model's input size; CSV files of rows, whose columns are "
                   "found by the names that they had in training; NumPy's .npy "
                   "files [examples, ...]; or \"-\" for standard input."),
      flags.words);
  line.AddMovedFlag("checkpoint", "lenslet predict VALUE");
  AddDataFlags(line, flags.data);
  line.AddFlag("index",
               "Index of the data set's first example to predict, from 0.",
               flags.index, {.min = 0});
  line.AddMovedFlag("first", "--index=VALUE");
  line.AddFlag(
      "count",
      "Number of examples of the data set to predict. By default, fewer "
      "at its end.",
      flags.count, {.min = 1});
  line.AddFlag("json",
               "Print one line with a JSON object per example, as soon as it "
               "is predicted.",
               flags.json);
  line.AddFlag(
      "output_dir",
      "Folder to write a PNG file to for each example, of models whose "
      "output is a picture: an autoencoder's image, or a map with a "
      "color for each class. Created if it does not exist.",
      flags.output_dir);
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
    return ReportUsage(
        kPredict,
        "expected a checkpoint, an ONNX model or a run's folder, and images "
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

// Answers for the user's files, one by one, and says what is wrong with each.
class FileAnswers {
 public:
  // The arguments must outlive the object. Without `pictures`, writes none.
  FileAnswers(const CheckpointProto& checkpoint, bool json,
              Predictor& predictor, PictureFolder* pictures)
      : checkpoint_(checkpoint),
        json_(json),
        predictor_(predictor),
        pictures_(pictures),
        decode_(DecodeOptionsFor(checkpoint)),
        is_trained_on_images_(IsTrainedOnImages(checkpoint)),
        form_({.targets = predictor.targets(),
               .shape = predictor.output_shape(),
               .input_type = InputTypeOf(checkpoint)}),
        outputs_(form_.shape.elements()) {}

  void File(const std::string& file) {
    const UserFileKind kind = KindOfUserFile(file, predictor_.image_shape());
    if (kind == UserFileKind::kImage) {
      Image(file,
            ReadFittedImage(UserPath(file), predictor_.image_shape(), decode_));
      return;
    }
    Count(file, Examples(file, kind));
  }

  // `name` is what the user calls the image.
  void Image(const std::string& name,
             const absl::StatusOr<FittedImage>& fitted) {
    Count(name, fitted.ok() ? AnswerImage(name, *fitted) : fitted.status());
  }

  // How images are decoded.
  const DecodeOptions& decode() const { return decode_; }
  // Files with answers, and files that are wrong.
  int64_t answered() const { return answered_; }
  int64_t failed() const { return failed_; }

 private:
  void Count(const std::string& name, const absl::Status& status) {
    ++(status.ok() ? answered_ : failed_);
    if (status.ok()) return;
    if (json_) {
      PrintJson(
          JsonLine({{"file", name}, {"error", std::string(status.message())}}));
    } else {
      ReportFailure(kPredict, status);
    }
  }

  absl::Status AnswerImage(const std::string& name, const FittedImage& fitted) {
    if (form_.input_type != ElementType::kUint8 && !is_trained_on_images_) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, ": is an image, but the model was trained on examples of ",
          "float numbers; expected them in a NumPy file [examples, ...]"));
    }
    Json json = {{"file", name}};
    if (form_.is_class()) {
      LENSLET_ASSIGN_OR_RETURN(const std::vector<ClassScore> answer,
                               predictor_.Classify(fitted.image, kTopClasses));
      if (json_) {
        PrintJson(JsonLine(WithAnswer(std::move(json), answer)));
        return absl::OkStatus();
      }
      Print("%s%s\n", Printable(name), fitted.changes);
      PrintAnswer(fitted.image, answer);
      FlushOutput();
      return absl::OkStatus();
    }
    LENSLET_RETURN_IF_ERROR(
        fitted.image.type() == ElementType::kUint8
            ? predictor_.Predict(fitted.image.span<uint8_t>(),
                                 absl::MakeSpan(outputs_))
            : predictor_.Predict(fitted.image.span(),
                                 absl::MakeSpan(outputs_)));
    LENSLET_ASSIGN_OR_RETURN(
        const std::string picture,
        WritePicture(std::filesystem::path(name).stem().string()));
    const std::vector<float> covered = CoveredOutputs(fitted);
    if (json_) {
      PrintPredicted(std::move(json), covered, picture);
      return absl::OkStatus();
    }
    Print("%s%s\n", Printable(name), fitted.changes);
    PrintText(absl::StrCat(ExamplePicture(fitted.image),
                           PredictedTable(form_, covered)));
    if (!picture.empty()) Print("  wrote %s\n", Printable(picture));
    PrintText("\n");
    FlushOutput();
    return absl::OkStatus();
  }

  absl::Status Examples(const std::string& file, UserFileKind kind) {
    LENSLET_ASSIGN_OR_RETURN(const UserExamples examples,
                             LoadUserExamples(UserPath(file), kind, checkpoint_,
                                              predictor_.image_shape()));
    const Dataset& dataset = examples.dataset;
    ExampleBatch batch;
    for (int64_t i = 0; i < dataset.size(); ++i) {
      LENSLET_RETURN_IF_ERROR(batch.ReadInputs(*dataset.examples, {i}));
      LENSLET_RETURN_IF_ERROR(
          Predict(batch.inputs()[0], dataset.examples->type()));
      const bool is_line = kind == UserFileKind::kCsv;
      const int64_t number = is_line ? examples.lines[i] : i;
      LENSLET_ASSIGN_OR_RETURN(
          const std::string picture,
          WritePicture(absl::StrCat(std::filesystem::path(file).stem().string(),
                                    "_", number)));
      LENSLET_RETURN_IF_ERROR(PrintExample(
          {{"file", file}, {is_line ? "line" : "index", number}},
          is_line ? absl::StrCat(Printable(file), ":", number)
                  : absl::StrCat(Printable(file), "[", number, "]"),
          picture));
    }
    FlushOutput();
    return absl::OkStatus();
  }

  absl::Status Predict(const void* input, ElementType type) {
    const int64_t elements = predictor_.image_shape().elements();
    return type == ElementType::kUint8
               ? predictor_.Predict(
                     absl::MakeConstSpan(static_cast<const uint8_t*>(input),
                                         elements),
                     absl::MakeSpan(outputs_))
               : predictor_.Predict(
                     absl::MakeConstSpan(static_cast<const float*>(input),
                                         elements),
                     absl::MakeSpan(outputs_));
  }

  // `name` says in text what `json` says.
  absl::Status PrintExample(Json json, const std::string& name,
                            const std::string& picture) {
    if (form_.is_class()) {
      LENSLET_ASSIGN_OR_RETURN(const std::vector<ClassScore> answer,
                               predictor_.Rank(outputs_, kTopClasses));
      if (json_) {
        PrintJson(JsonLine(WithAnswer(std::move(json), answer)));
      } else {
        PrintText(absl::StrCat(name, "  ", PredictedLine(answer), "\n"));
      }
      return absl::OkStatus();
    }
    if (json_) {
      PrintPredicted(std::move(json), outputs_, picture);
    } else {
      PrintText(absl::StrCat(
          name, "  ", PredictedLine(form_, outputs_),
          picture.empty() ? "" : absl::StrCat("; wrote ", Printable(picture)),
          "\n"));
    }
    return absl::OkStatus();
  }

  // outputs_; of classes of pixels, without the bars of a letterbox, which have
  // no class in training.
  std::vector<float> CoveredOutputs(const FittedImage& fitted) const {
    const Shape& image = fitted.image.shape();
    const Shape& output = form_.shape;
    if (form_.targets.kind != TargetKind::kClasses || output.rank() != 3 ||
        output.dim(0) != image.dim(0) || output.dim(1) != image.dim(1)) {
      return outputs_;
    }
    const ImagePart& part = fitted.covered;
    const int64_t classes = output.dim(2);
    std::vector<float> covered;
    for (int64_t row = part.row; row < part.row + part.height; ++row) {
      const float* const first =
          outputs_.data() + (row * output.dim(1) + part.column) * classes;
      covered.insert(covered.end(), first, first + part.width * classes);
    }
    return covered;
  }

  void PrintPredicted(Json json, absl::Span<const float> outputs,
                      const std::string& picture) {
    AddPredicted(form_, outputs, json);
    if (!picture.empty()) json["picture"] = picture;
    PrintJson(JsonLine(json));
  }

  // Of outputs_. Returns the file, or "".
  absl::StatusOr<std::string> WritePicture(const std::string& name) {
    if (pictures_ == nullptr) return "";
    return pictures_->Write(name, OutputPicture(form_, outputs_));
  }

  const CheckpointProto& checkpoint_;
  const bool json_;
  Predictor& predictor_;
  PictureFolder* const pictures_;
  const DecodeOptions decode_;
  const bool is_trained_on_images_;
  const OutputForm form_;
  std::vector<float> outputs_;  // For the last example.
  int64_t answered_ = 0;
  int64_t failed_ = 0;
};

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
absl::Status AnswerInput(const Shape& shape, FileAnswers& answers) {
  StandardInput input;
  LENSLET_ASSIGN_OR_RETURN(const absl::string_view start,
                           input.Peek(kImageSignatureBytes));
  if (ImageFormatOf(start).has_value() || IsHeicOrAvif(start)) {
    answers.Image(kStandardInputName,
                  ReadImageFromInput(input, shape, answers.decode()));
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
    answers.File(*line);
  }
  if (images > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      kStandardInputName,
      ": is empty; expected one path on each line, or an image; --count=3 "
      "classifies images of the model's data instead"));
}

absl::Status AnswerFiles(const PredictFlags& flags, const Shape& shape,
                         FileAnswers& answers) {
  for (const std::string& file : flags.files) {
    if (file == kStandardInputName) {
      LENSLET_RETURN_IF_ERROR(AnswerInput(shape, answers));
    } else {
      answers.File(file);
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
                                           const Dataset& dataset,
                                           PictureFolder* pictures) {
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
  const OutputForm form = {
      .targets = {.kind = kind, .names = dataset.target_names},
      .shape = graph.ShapeOfValue(graph.output_value()),
      .input_type = dataset.examples->type()};
  for (const int64_t i : indices) {
    std::string picture;
    if (pictures != nullptr) {
      LENSLET_ASSIGN_OR_RETURN(
          picture,
          pictures->Write(
              absl::StrCat(flags.data.split, "_", i),
              OutputPicture(form, outputs.span().subspan(
                                      (i - flags.index) * form.shape.elements(),
                                      form.shape.elements()))));
    }
    if (flags.json) {
      LENSLET_ASSIGN_OR_RETURN(
          Json json,
          TargetsJson(dataset, i, outputs, flags.index, flags.data.split));
      if (!picture.empty()) json["picture"] = picture;
      PrintJson(JsonLine(json));
      continue;
    }
    LENSLET_ASSIGN_OR_RETURN(
        const std::string text,
        TargetsText(dataset, i, outputs, flags.index, flags.data.split));
    PrintText(text);
    if (!picture.empty()) Print("  wrote %s\n", Printable(picture));
    PrintText("\n");
  }
  if (!flags.json && pictures == nullptr &&
      dataset.examples->target().shape.rank() > 1) {
    Print(
        "lenslet report shows outputs as pictures; --output_dir writes them; "
        "lenslet visualize draws those of all layers\n");
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
    Print("%s %s %d: %s (%s)\n", split, ExampleWord(dataset.example_shape()), i,
          Printable(dataset.target_names[label]),
          is_correct ? "correct" : "wrong");
    PrintAnswer(images[i - flags.index], answer);
  }
  if (flags.json) return absl::OkStatus();
  Print("%d of %d correct\n", correct, count);
  return absl::OkStatus();
}

// What the command reads.
std::vector<std::string> PicturesMustNotReplace(const PredictFlags& flags) {
  std::vector<std::string> inputs = flags.files;
  inputs.push_back(flags.words[0]);
  return inputs;
}

// Returns the exit code.
absl::StatusOr<int> Predict(const PredictFlags& flags,
                            const PredictorOptions& options,
                            const std::string& argv0) {
  const std::string path = UserPath(flags.words[0]);
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint, LoadAndWarn(path));
  const absl::StatusOr<std::unique_ptr<Predictor>> created =
      Predictor::Create(checkpoint, options);
  PictureFolder pictures(flags.output_dir, PicturesMustNotReplace(flags));
  if (created.ok() && !flags.output_dir.empty()) {
    const absl::Status status =
        CheckIsPicture({.targets = (*created)->targets(),
                        .shape = (*created)->output_shape()});
    if (!status.ok()) return ReportUsage(kPredict, status);
  }
  if (flags.files.empty()) {
    absl::StatusOr<CheckpointData> data =
        LoadCheckpointData(checkpoint, flags.data, argv0);
    const auto use_names = [&] {
      return checkpoint.class_name_size() > 0
                 ? UseLearnedNames(checkpoint, *data)
                 : absl::OkStatus();
    };
    // Only classes have a predictor.
    if (data.ok() && data->dataset.examples->target() != TargetSpec()) {
      LENSLET_RETURN_IF_ERROR(use_names());
      LENSLET_ASSIGN_OR_RETURN(
          const std::string backends,
          PredictTargets(checkpoint, flags, options, data->dataset,
                         flags.output_dir.empty() ? nullptr : &pictures));
      if (!flags.json) Print("computed by %s\n", backends);
      return 0;
    }
    if (!created.ok()) return AtPlace(created.status(), path);
    LENSLET_RETURN_IF_ERROR(data.status());
    LENSLET_RETURN_IF_ERROR(use_names());
    LENSLET_RETURN_IF_ERROR(PredictDataSet(flags, data->dataset, **created));
  }
  if (!created.ok()) return AtPlace(created.status(), path);
  Predictor& predictor = **created;
  int64_t failed = 0;
  bool has_answers = true;
  if (!flags.files.empty()) {
    PictureFolder* const folder =
        flags.output_dir.empty() ? nullptr : &pictures;
    FileAnswers answers(checkpoint, flags.json, predictor, folder);
    LENSLET_RETURN_IF_ERROR(
        AnswerFiles(flags, predictor.image_shape(), answers));
    failed = answers.failed();
    has_answers = answers.answered() > 0;
  }
  if (!flags.json && has_answers) {
    Print("computed by %s\n", predictor.BackendNames());
  }
  return failed == 0 ? 0 : kExitFailure;
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
