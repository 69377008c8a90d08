// Writes a trained network in the formats of other programs.

#include "lenslet/onnx/export.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/onnx/load.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr char kExport[] = "lenslet export";

struct ExportFlags {
  std::vector<std::string> words;
  std::string onnx;
  OnnxExportOptions options;
  int64_t opset = OnnxExportOptions().opset;
};

std::optional<int> ParseExportFlags(int argc, char** argv, ExportFlags& flags) {
  CommandLine line(
      kExport,
      "Writes a trained network as an ONNX model, which most runtimes read. "
      "Its input is [batch, channels, height, width], or [batch, features] of "
      "a table: pixels divided by 255, or the table's numbers. Its outputs are "
      "the scores that lenslet predict computes.");
  AddTrainedWord(line, flags.words);
  line.AddFlag("onnx", "File to write. Required.", flags.onnx);
  line.AddFlag("opset",
               absl::StrCat("Version of ONNX's operators, from ", kFirstOpset,
                            " to ", kLastOpset, "."),
               flags.opset, {.min = kFirstOpset, .max = kLastOpset});
  line.AddFlag("fold", "Fold batch normalizations into the layers before them.",
               flags.options.fold_batch_norm);
  line.AddFlag("normalize",
               "Normalize the input in the model. If false, the model takes "
               "normalized numbers.",
               flags.options.normalize);
  line.AddFlag("probabilities",
               "Output probabilities instead of scores, by softmax or, for "
               "labels, by sigmoid.",
               flags.options.probabilities);
  return line.Parse(argc, argv);
}

absl::Status Export(const ExportFlags& flags) {
  LENSLET_ASSIGN_OR_RETURN(
      const TrainedNetwork network,
      LoadTrainedNetwork(UserPath(flags.words[0]), LoadCheckpointOrOnnx));
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes,
                           ExportOnnx(network, flags.options));
  LENSLET_RETURN_IF_ERROR(WriteFileAtomically(UserPath(flags.onnx), bytes));
  Print("wrote %s: %s bytes, opset %s\n", Printable(flags.onnx),
        WithCommas(static_cast<int64_t>(bytes.size())),
        absl::StrCat(flags.options.opset));
  return absl::OkStatus();
}

absl::Status CheckExportFlags(const ExportFlags& flags) {
  if (flags.onnx.empty()) {
    return absl::InvalidArgumentError(
        "--onnx is required: the file to write, such as net.onnx");
  }
  return CheckOutput("--onnx", flags.onnx, OutputKind::kOnnx, flags.words);
}

}  // namespace

int ExportCommand(int argc, char** argv) {
  ExportFlags flags;
  if (const auto exit_code = ParseExportFlags(argc, argv, flags)) {
    return *exit_code;
  }
  flags.options.opset = static_cast<int>(flags.opset);
  if (const auto exit_code =
          CheckOneWord(WordFor::kTrained, kExport, "checkpoint", flags.words)) {
    return *exit_code;
  }
  if (const absl::Status status = CheckExportFlags(flags); !status.ok()) {
    return ReportUsage(kExport, status);
  }
  const absl::Status status = Export(flags);
  return status.ok() ? 0 : ReportFailure(kExport, status);
}

}  // namespace lenslet
