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
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tools/checkpoint_data.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "visualize";

struct Flags {
  std::string checkpoint;
  std::string image;
  DataFlags data;
  int64_t test_image = 0;
  std::string output;
  bool scale_each = false;
  bool show = false;
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Draws a trained model as PNG files. For each convolution, one file "
      "shows its filters, from\nblue (below 0) through white (0) to red "
      "(above 0). Filters of an image in colour are in\ncolour, too, with gray "
      "for 0. For each layer, one file shows its output for an image, from\n"
      "black (the smallest number) to white (the largest).");
  line.AddFlag("checkpoint", absl::StrCat(kCheckpointHelp, " Required."),
               flags.checkpoint);
  line.AddFlag("output",
               "Folder for the files. Created if it does not exist. Existing "
               "files of the same names are overwritten. Required.",
               flags.output);
  line.AddFlag("image",
               "PNG, JPEG, binary PGM or binary PPM file. It is resized to the "
               "model's input size. Default: an image of the data set.",
               flags.image);
  AddDataFlags(line, flags.data);
  line.AddFlag("test_image", "Index of the image in --split, from 0.",
               flags.test_image, {.min = 0});
  line.AddFlag("scale_each",
               "Scale each filter and channel by its own range. Otherwise a "
               "colour means the same number throughout a file.",
               flags.scale_each);
  line.AddFlag("show",
               "Also draw the first picture of each file in the terminal.",
               flags.show);
  return line.Parse(argc, argv);
}

absl::StatusOr<Tensor> ReadDataSetImage(const Flags& flags,
                                        const CheckpointProto& checkpoint,
                                        const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointData data,
                           LoadCheckpointData(checkpoint, flags.data, argv0));
  const Dataset& dataset = data.dataset;
  const std::string& split = flags.data.split;
  const int64_t i = flags.test_image;
  if (i >= dataset.size()) {
    return absl::OutOfRangeError(
        absl::StrCat("--test_image is ", i, "; expected a number below ",
                     dataset.size(), ", the number of ", split, " images"));
  }
  Print("%s image %d: %s\n", split, i,
        Printable(dataset.class_names[dataset.labels.data<uint8_t>()[i]]));
  return dataset.Image(i);
}

absl::StatusOr<Tensor> ReadImage(const Flags& flags,
                                 const CheckpointProto& checkpoint,
                                 const std::string& argv0, const Shape& shape) {
  if (flags.image.empty()) return ReadDataSetImage(flags, checkpoint, argv0);
  LENSLET_ASSIGN_OR_RETURN(FittedImage fitted,
                           ReadFittedImage(UserPath(flags.image), shape));
  Print("%s%s\n", Printable(flags.image), fitted.changes);
  return std::move(fitted.image);
}

absl::Status WritePictures(const std::string& folder,
                           const std::vector<LayerPicture>& pictures) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return absl::ErrnoToStatus(error.value(), folder);
  for (const LayerPicture& picture : pictures) {
    LENSLET_RETURN_IF_ERROR(WritePngFile(
        absl::StrCat(folder, "/", picture.name, ".png"), picture.sheet));
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

absl::Status Run(const Flags& flags, const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(UserPath(flags.checkpoint)));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(checkpoint.model()));
  LENSLET_ASSIGN_OR_RETURN(const Parameters parameters,
                           RestoreParameters(graph, checkpoint));
  LENSLET_ASSIGN_OR_RETURN(
      const Tensor image,
      ReadImage(flags, checkpoint, argv0, graph.inputs()[0].shape));
  LENSLET_ASSIGN_OR_RETURN(const std::vector<LayerPicture> pictures,
                           DrawLayers(graph, parameters, image,
                                      {.scale_each = flags.scale_each,
                                       .normalization = NormalizationFromProto(
                                           checkpoint.normalization())}));
  LENSLET_RETURN_IF_ERROR(WritePictures(UserPath(flags.output), pictures));
  PrintPictures(pictures, flags.show);
  Print("\nwrote %d files to %s\n", pictures.size(), Printable(flags.output));
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  if (flags.checkpoint.empty()) {
    return ReportUsage(kProgram, "--checkpoint is required");
  }
  if (flags.output.empty()) {
    return ReportUsage(kProgram, "--output is required");
  }
  if (const absl::Status status = CheckDataFlags(flags.data); !status.ok()) {
    return ReportUsage(kProgram, std::string(status.message()));
  }
  const absl::Status status = Run(flags, argv[0]);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
