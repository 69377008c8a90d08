// Draws the filters of a trained model, and what its layers make of an image.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_table.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/inspect/layer_pictures.h"
#include "lenslet/inspect/terminal_picture.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/checkpoint_data.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr char kVisualize[] = "lenslet visualize";

struct VisualizeFlags {
  std::vector<std::string> words;
  std::string image;
  DataFlags data;
  int64_t index = 0;
  std::string output;
  bool scale_each = false;
  bool show = false;
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
      "black (the smallest number) to white (the largest).");
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
  line.AddFlag("show",
               "Also draw the first picture of each file in the terminal.",
               flags.show);
  if (const auto exit_code = line.Parse(argc, argv)) return exit_code;
  flags.data_set_flag = line.Given("index") ? "--index" : GivenDataFlag(line);
  return std::nullopt;
}

absl::StatusOr<Tensor> ReadDataSetImage(const VisualizeFlags& flags,
                                        const CheckpointProto& checkpoint,
                                        const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointData data,
                           LoadCheckpointData(checkpoint, flags.data, argv0));
  const Dataset& dataset = data.dataset;
  const std::string& split = flags.data.split;
  const int64_t i = flags.index;
  if (i >= dataset.size()) {
    return absl::OutOfRangeError(
        absl::StrCat("--index is ", i, "; expected a number below ",
                     dataset.size(), ", the number of ", split, " images"));
  }
  if (dataset.examples->type() != ElementType::kUint8) {
    return absl::UnimplementedError(absl::StrCat(
        "visualize draws only inputs that are bytes, such as "
        "images; those of the ",
        data.description, " are ", Name(dataset.examples->type())));
  }
  if (dataset.examples->target() == TargetSpec()) {
    LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> label,
                             dataset.Classes({i}));
    Print("%s image %d: %s\n", split, i,
          Printable(dataset.target_names[label[0]]));
  } else {
    Print("%s image %d\n", split, i);
  }
  return dataset.Example(i);
}

absl::StatusOr<Tensor> ImageToShow(const VisualizeFlags& flags,
                                   const CheckpointProto& checkpoint,
                                   const std::string& argv0,
                                   const Shape& shape) {
  if (flags.image.empty()) return ReadDataSetImage(flags, checkpoint, argv0);
  DecodeOptions decode = DecodeOptionsFor(checkpoint);
  decode.keep_long_samples = false;
  LENSLET_ASSIGN_OR_RETURN(
      FittedImage fitted,
      ReadFittedImage(UserPath(flags.image), shape, decode));
  Print("%s%s\n", Printable(flags.image), fitted.changes);
  return std::move(fitted.image);
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
  LENSLET_ASSIGN_OR_RETURN(const TrainedNetwork network,
                           LoadTrainedNetwork(UserPath(flags.words[0])));
  const auto& [checkpoint, graph, parameters] = network;
  LENSLET_ASSIGN_OR_RETURN(
      const Tensor image,
      ImageToShow(flags, checkpoint, argv0, graph.inputs()[0].shape));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<LayerPicture> pictures,
                           DrawLayers(graph, parameters, image,
                                      {.scale_each = flags.scale_each,
                                       .normalization = NormalizationFromProto(
                                           checkpoint.normalization())}));
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
