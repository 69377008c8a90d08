// Draws the filters of a trained model, and what its layers make of an image.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_table.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/augmentation.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples_word.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/data/split.h"
#include "lenslet/inspect/augmented_picture.h"
#include "lenslet/inspect/explanation.h"
#include "lenslet/inspect/layer_pictures.h"
#include "lenslet/inspect/terminal_picture.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tools/checkpoint_data.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

constexpr char kVisualize[] = "lenslet visualize";

// With --augmented: one group of mixtures.
constexpr int64_t kAugmentedImages = kLanes;

struct VisualizeFlags {
  std::vector<std::string> words;
  std::string image;
  DataFlags data;
  int64_t index = 0;
  std::string output;
  bool scale_each = false;
  bool show = false;
  bool augmented = false;
  std::string explained_class;
  std::string cam_layer;
  // A flag that asks for an image of `data`, or "".
  std::string data_set_flag;
};

std::optional<int> ParseVisualizeFlags(int argc, char** argv,
                                       VisualizeFlags& flags) {
  CommandLine line(
      kVisualize,
      "Draws a trained model as PNG files. For each convolution, one file "
      "shows its filters, from blue (below 0) through white (0) to red "
      "(above 0). Filters that read a color image are in color; gray means 0. "
      "For each layer, one file shows its output for an image, from "
      "black (the smallest number) to white (the largest). If the model "
      "classifies images, grad_cam.png and occlusion.png show in red what "
      "speaks for the predicted class, and in blue what speaks against it.");
  AddTrainedWord(line, flags.words);
  line.AddMovedFlag("checkpoint", "lenslet visualize VALUE");
  line.AddFlag("output",
               "Folder for the files. Created if it does not exist. Existing "
               "files of the same names are overwritten. Required.",
               flags.output);
  line.AddFlag("image",
               absl::StrCat(kImageFormats,
                            " file. It is resized to the model's input size. "
                            "Default: an image of the data set."),
               flags.image);
  AddDataFlags(line, flags.data);
  line.AddFlag("index", "Index of the data set's image, from 0.", flags.index,
               {.min = 0});
  line.AddMovedFlag("test_image", "--index=VALUE");
  line.AddFlag("scale_each",
               "Scale each filter and channel by its own range. Otherwise a "
               "color means the same number throughout a file.",
               flags.scale_each);
  line.AddFlag(
      "class",
      "Name of the class that Grad-CAM and occlusion explain. Default: "
      "the predicted one.",
      flags.explained_class);
  line.AddFlag("layer",
               "Layer that Grad-CAM reads. Default: the last one whose output "
               "has rows and columns.",
               flags.cam_layer);
  line.AddFlag("augmented",
               "Also write augmented.png: 16 images as the augmentation of the "
               "model's recipe changes them, from --index on, or copies of "
               "--image. --split is then train by default.",
               flags.augmented);
  line.AddFlag("show",
               "Also draw the first picture of each file in the terminal.",
               flags.show);
  if (const auto exit_code = line.Parse(argc, argv)) return exit_code;
  // Only training examples are augmented.
  if (flags.augmented && !line.Given("split")) flags.data.split = "train";
  flags.data_set_flag = line.Given("index") ? "--index" : GivenDataFlag(line);
  return std::nullopt;
}

// What is drawn.
struct ShownExamples {
  Tensor image;
  // For --augmented: the image and those after it, or copies of it.
  Dataset examples = {};
};

absl::StatusOr<ShownExamples> ReadDataSetImage(
    const VisualizeFlags& flags, const CheckpointProto& checkpoint,
    const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointData data,
                           LoadCheckpointData(checkpoint, flags.data, argv0));
  const Dataset& dataset = data.dataset;
  const std::string& split = flags.data.split;
  const int64_t i = flags.index;
  if (i >= dataset.size()) {
    return absl::OutOfRangeError(absl::StrCat(
        "--index is ", i, "; expected a number below ", dataset.size(),
        ", the number of ", split, " ", ExamplesWord(dataset.example_shape())));
  }
  if (dataset.examples->target() == TargetSpec()) {
    LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> label,
                             dataset.Classes({i}));
    Print("%s %s %d: %s\n", split, ExampleWord(dataset.example_shape()), i,
          Printable(dataset.target_names[label[0]]));
  } else {
    Print("%s %s %d\n", split, ExampleWord(dataset.example_shape()), i);
  }
  ShownExamples shown;
  LENSLET_ASSIGN_OR_RETURN(shown.image, dataset.Example(i));
  if (flags.augmented) {
    std::vector<int64_t> indices;
    for (int64_t n = 0; n < kAugmentedImages; ++n) {
      indices.push_back((i + n) % dataset.size());
    }
    shown.examples = SelectExamples(dataset, std::move(indices));
  }
  return shown;
}

// Examples that are all this image.
absl::StatusOr<Dataset> CopiesOf(const Tensor& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                           image.shape().WithOuter(kAugmentedImages));
  ExampleArrays arrays;
  LENSLET_ASSIGN_OR_RETURN(arrays.inputs,
                           Tensor::Create(ElementType::kUint8, shape));
  LENSLET_ASSIGN_OR_RETURN(
      arrays.targets, Tensor::Create(ElementType::kUint8, {kAugmentedImages}));
  const auto bytes = image.span<uint8_t>();
  for (int64_t n = 0; n < kAugmentedImages; ++n) {
    std::copy(bytes.begin(), bytes.end(),
              arrays.inputs.data<uint8_t>() + n * bytes.size());
  }
  return MakeDataset(std::move(arrays), {"image"});
}

absl::StatusOr<ShownExamples> ImageToShow(const VisualizeFlags& flags,
                                          const CheckpointProto& checkpoint,
                                          const std::string& argv0,
                                          const Shape& shape) {
  if (flags.image.empty()) return ReadDataSetImage(flags, checkpoint, argv0);
  DecodeOptions decode = DecodeOptionsFor(checkpoint);
  // CopiesOf() and the augmentation of colors take bytes.
  if (flags.augmented) decode.keep_long_samples = false;
  LENSLET_ASSIGN_OR_RETURN(
      FittedImage fitted,
      ReadFittedImage(UserPath(flags.image), shape, decode));
  Print("%s%s\n", Printable(flags.image), fitted.changes);
  ShownExamples shown = {.image = std::move(fitted.image)};
  if (flags.augmented) {
    LENSLET_ASSIGN_OR_RETURN(shown.examples, CopiesOf(shown.image));
  }
  return shown;
}

absl::Status AddAugmented(const CheckpointProto& checkpoint,
                          const Dataset& examples,
                          std::vector<LayerPicture>& pictures) {
  RecipeProto recipe;
  if (!checkpoint.recipe().empty()) {
    LENSLET_ASSIGN_OR_RETURN(recipe, RecipeFromBytes(checkpoint.recipe()));
  }
  const AugmentationSpec spec = AugmentationFromProto(recipe.augmentation());
  if (spec.empty()) {
    return absl::FailedPreconditionError(
        "--augmented needs a model that was trained with augmentation; "
        "this one was not");
  }
  LENSLET_ASSIGN_OR_RETURN(
      LayerPicture picture,
      AugmentedPicture(examples, AllIndices(examples.size()), spec,
                       recipe.seed()));
  pictures.push_back(std::move(picture));
  return absl::OkStatus();
}

// The class that --class names; without it, the most probable one.
absl::StatusOr<int64_t> ClassToExplain(
    const std::string& flag, const CheckpointProto& checkpoint,
    const std::vector<double>& probabilities) {
  if (flag.empty()) {
    return std::max_element(probabilities.begin(), probabilities.end()) -
           probabilities.begin();
  }
  const auto& names = checkpoint.class_name();
  const auto name = std::find(names.begin(), names.end(), flag);
  if (name == names.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--class is \"", flag, "\"; expected ",
        OneOfNames(flag,
                   std::vector<std::string>(names.begin(), names.end()))));
  }
  return name - names.begin();
}

absl::Status AddExplanation(const VisualizeFlags& flags,
                            const TrainedNetwork& network, const Tensor& image,
                            std::vector<LayerPicture>& pictures) {
  const auto& [checkpoint, graph, parameters] = network;
  const bool asked = !flags.explained_class.empty() || !flags.cam_layer.empty();
  const bool has_classes = checkpoint.target_kind() == TargetKindProto::CLASSES;
  if (!asked && !(has_classes && CanExplain(graph))) return absl::OkStatus();
  if (!has_classes) {
    return absl::InvalidArgumentError(
        "--class and --layer need a model whose outputs are classes");
  }
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Explainer> explainer,
      Explainer::Create(
          graph, parameters,
          {.normalization = NormalizationFromProto(checkpoint.normalization()),
           .layer = flags.cam_layer}));
  const std::vector<double> probabilities = explainer->Probabilities(image);
  LENSLET_ASSIGN_OR_RETURN(
      const int64_t label,
      ClassToExplain(flags.explained_class, checkpoint, probabilities));
  Print("explains %s, with a probability of %.1f%%\n",
        label < checkpoint.class_name_size()
            ? Printable(checkpoint.class_name(static_cast<int>(label)))
            : absl::StrCat("class ", label),
        100 * probabilities[label]);
  LENSLET_ASSIGN_OR_RETURN(std::vector<LayerPicture> more,
                           ExplanationPictures(*explainer, image, label));
  for (LayerPicture& picture : more) pictures.push_back(std::move(picture));
  return absl::OkStatus();
}

std::string FileOfPicture(const std::string& folder,
                          const LayerPicture& picture) {
  return absl::StrCat(folder, "/", picture.name, ".png");
}

absl::Status WritePictures(const std::string& folder,
                           const std::vector<LayerPicture>& pictures) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::ErrnoToStatus(error.value(), folder);
  for (const LayerPicture& picture : pictures) {
    LENSLET_RETURN_IF_ERROR(
        WritePngFile(FileOfPicture(folder, picture), picture.sheet));
  }
  return absl::OkStatus();
}

void PrintPictures(const std::vector<LayerPicture>& pictures, bool show) {
  std::vector<std::vector<std::string>> rows = {
      {"file", "shows", "min", "max"}};
  for (const LayerPicture& picture : pictures) {
    rows.push_back({absl::StrCat(picture.name, ".png"), picture.shows,
                    absl::StrFormat("%.4g", picture.range.min),
                    absl::StrFormat("%.4g", picture.range.max)});
    const Shape& shape = picture.first.shape();
    if (show && shape.dim(0) * shape.dim(1) > 1) {
      Print("\n%s, the first:\n%s", picture.name,
            TerminalPicture(picture.first));
    }
  }
  Print("\n%s",
        TextTable({Align::kLeft, Align::kLeft, Align::kRight, Align::kRight},
                  rows));
}

absl::StatusOr<int> Visualize(const VisualizeFlags& flags,
                              const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(
      const TrainedNetwork network,
      LoadTrainedNetwork(UserPath(flags.words[0]), LoadAndWarn));
  const auto& [checkpoint, graph, parameters] = network;
  LENSLET_ASSIGN_OR_RETURN(
      const ShownExamples shown,
      ImageToShow(flags, checkpoint, argv0, graph.inputs()[0].shape));
  const Tensor& image = shown.image;
  LENSLET_ASSIGN_OR_RETURN(std::vector<LayerPicture> pictures,
                           DrawLayers(graph, parameters, image,
                                      {.scale_each = flags.scale_each,
                                       .normalization = NormalizationFromProto(
                                           checkpoint.normalization())}));
  LENSLET_RETURN_IF_ERROR(AddExplanation(flags, network, image, pictures));
  if (flags.augmented) {
    LENSLET_RETURN_IF_ERROR(AddAugmented(checkpoint, shown.examples, pictures));
  }
  if (const absl::Status status = CheckFolderFlag(
          "--output", flags.output, DataOf(checkpoint, flags.data));
      !status.ok()) {
    return ReportUsage(kVisualize, status);
  }
  for (const LayerPicture& picture : pictures) {
    if (const absl::Status status =
            CheckOutput("--output", FileOfPicture(flags.output, picture),
                        OutputKind::kImage, {flags.image, flags.words[0]});
        !status.ok()) {
      return ReportUsage(kVisualize, status);
    }
  }
  LENSLET_RETURN_IF_ERROR(WritePictures(UserPath(flags.output), pictures));
  PrintPictures(pictures, flags.show);
  Print("\nwrote %d files to %s\n", pictures.size(), Printable(flags.output));
  return 0;
}

}  // namespace

int VisualizeCommand(int argc, char** argv) {
  VisualizeFlags flags;
  if (const auto exit_code = ParseVisualizeFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const auto exit_code = CheckOneWord(WordFor::kTrained, kVisualize,
                                          "checkpoint", flags.words)) {
    return *exit_code;
  }
  if (flags.output.empty()) {
    return ReportUsage(kVisualize, "--output is required");
  }
  if (!flags.image.empty() && !flags.data_set_flag.empty()) {
    return ReportUsage(kVisualize,
                       absl::StrCat("--image and ", flags.data_set_flag,
                                    " cannot be combined"));
  }
  if (const absl::Status status = CheckDataFlags(flags.data); !status.ok()) {
    return ReportUsage(kVisualize, status);
  }
  const absl::StatusOr<int> exit_code = Visualize(flags, argv[0]);
  return exit_code.ok() ? *exit_code
                        : ReportFailure(kVisualize, exit_code.status());
}

}  // namespace lenslet
