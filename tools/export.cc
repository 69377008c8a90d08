// Writes a trained network in the formats of other programs.

#include "lenslet/onnx/export.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/codegen/certificate.h"
#include "lenslet/codegen/program.h"
#include "lenslet/codegen/write_c.h"
#include "lenslet/layers/fold_batch_norm.h"
#include "lenslet/layers/graph.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/checkpoint_data.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr char kExport[] = "lenslet export";

// The flags that only one format has.
constexpr const char* kOnnxFlags[] = {"opset", "fold", "normalize",
                                      "probabilities"};
constexpr const char* kCFlags[] = {"c_weights_apart", "c_rows", "c_class_only"};

struct ExportFlags {
  std::vector<std::string> words;
  std::string c;
  COptions c_options;
  std::string onnx;
  OnnxExportOptions options;
  int64_t opset = OnnxExportOptions().opset;
  std::vector<std::string> given;  // Of kOnnxFlags and kCFlags.
};

std::optional<int> ParseExportFlags(int argc, char** argv, ExportFlags& flags) {
  CommandLine line(
      kExport,
      "Writes a trained network for other programs: as an ONNX model, which "
      "most runtimes read, or as C code, which needs no runtime.");
  AddTrainedWord(line, flags.words);
  line.AddFlag("onnx",
               "ONNX model to write. Its input is [batch, channels, height, "
               "width], or [batch, features] of a table: pixels divided by "
               "255, or the table's numbers. Its outputs are the scores that "
               "lenslet predict computes.",
               flags.onnx);
  line.AddFlag("c",
               "C files to write, without an ending: net writes net.h and "
               "net.c, whose functions start with net_.",
               flags.c);
  line.AddFlag("c_weights_apart",
               "Write the weights to a file with the ending .weights, for the "
               "linker to place. If false, they are in the C file.",
               flags.c_options.weights_apart);
  line.AddFlag("c_rows",
               "Write C code that takes an input row by row: the first layers "
               "compute a row as soon as they can and keep only the rows that "
               "they need. The same bits, in less memory.",
               flags.c_options.rows);
  line.AddFlag("c_class_only",
               "Write C code that returns the class with the highest score, "
               "but no scores.",
               flags.c_options.class_only);
  line.AddFlag("opset",
               absl::StrCat("Version of ONNX's operators, from ", kFirstOpset,
                            " to ", kLastOpset, "."),
               flags.opset, {.min = kFirstOpset, .max = kLastOpset});
  line.AddFlag("fold", "Fold batch normalizations into the layers before them.",
               flags.options.fold_batch_norm);
  line.AddFlag("normalize",
               "Normalize the input in the model. If false, the model takes "
               "normalized numbers, and its metadata say how to normalize.",
               flags.options.normalize);
  line.AddFlag("probabilities",
               "Output probabilities instead of scores, by softmax or, for "
               "labels, by sigmoid.",
               flags.options.probabilities);
  const std::optional<int> exit_code = line.Parse(argc, argv);
  if (exit_code) return exit_code;
  const auto add = [&](const char* name) {
    if (line.Given(name)) flags.given.push_back(name);
  };
  std::for_each(std::begin(kOnnxFlags), std::end(kOnnxFlags), add);
  std::for_each(std::begin(kCFlags), std::end(kCFlags), add);
  return std::nullopt;
}

// Errors: InvalidArgument for a flag that is only for the format that is not
// written.
absl::Status CheckFormat(const ExportFlags& flags) {
  for (const std::string& name : flags.given) {
    const bool is_of_c = std::find(std::begin(kCFlags), std::end(kCFlags),
                                   name) != std::end(kCFlags);
    if (!(is_of_c ? flags.c : flags.onnx).empty()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--", name, " has no effect without --",
                     is_of_c ? "c" : "onnx", "; expected that flag, too"));
  }
  return absl::OkStatus();
}

absl::Status ExportToOnnx(TrainedNetwork& network, const ExportFlags& flags) {
  KeepDecoding(network.checkpoint);
  if (flags.options.fold_batch_norm) {
    LENSLET_ASSIGN_OR_RETURN(const Graph folded, FoldedGraph(network.graph));
    if (folded.nodes().size() == network.graph.nodes().size()) {
      PrintWarning(
          "--fold has no effect: no batch normalization directly follows a "
          "convolution or linear layer that it can be folded into");
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const std::string bytes,
                           ExportOnnx(network, flags.options));
  LENSLET_RETURN_IF_ERROR(WriteFileAtomically(UserPath(flags.onnx), bytes));
  Print("wrote %s: %s bytes, opset %s\n", Printable(flags.onnx),
        WithCommas(static_cast<int64_t>(bytes.size())),
        absl::StrCat(flags.options.opset));
  return absl::OkStatus();
}

absl::Status WriteCode(const std::string& file, const std::string& text) {
  LENSLET_RETURN_IF_ERROR(WriteFileAtomically(UserPath(file), text));
  Print("wrote %s: %s bytes\n", Printable(file),
        WithCommas(static_cast<int64_t>(text.size())));
  return absl::OkStatus();
}

absl::Status ExportToC(const TrainedNetwork& network,
                       const ExportFlags& flags) {
  LENSLET_ASSIGN_OR_RETURN(const Program program, MakeProgram(network));
  const std::string name = std::filesystem::path(flags.c).filename();
  LENSLET_ASSIGN_OR_RETURN(const Certificate certificate,
                           Certify(network, program));
  const absl::StatusOr<CFiles> written =
      WriteC(program, certificate, name, flags.c_options);
  if (!written.ok()) return AtPlace(written.status(), "--c");
  const CFiles& files = *written;
  LENSLET_RETURN_IF_ERROR(WriteCode(absl::StrCat(flags.c, ".h"), files.header));
  LENSLET_RETURN_IF_ERROR(WriteCode(absl::StrCat(flags.c, ".c"), files.source));
  if (flags.c_options.weights_apart) {
    LENSLET_RETURN_IF_ERROR(
        WriteCode(absl::StrCat(flags.c, kWeightsEnding), files.weights));
  }
  Print("weights: %s bytes; arena: %s bytes\n",
        WithCommas(static_cast<int64_t>(program.weights.size() * 4)),
        WithCommas(files.arena * 4));
  if (flags.c_options.rows) {
    Print("row by row: the first %s of %s\n", WithCommas(files.row_steps),
          CountText(static_cast<int64_t>(program.steps.size()), "step"));
  }
  return absl::OkStatus();
}

absl::Status Export(const ExportFlags& flags) {
  LENSLET_ASSIGN_OR_RETURN(
      TrainedNetwork network,
      LoadTrainedNetwork(UserPath(flags.words[0]), LoadAndWarn));
  if (!flags.onnx.empty()) {
    LENSLET_RETURN_IF_ERROR(ExportToOnnx(network, flags));
  }
  return flags.c.empty() ? absl::OkStatus() : ExportToC(network, flags);
}

absl::Status CheckExportFlags(const ExportFlags& flags) {
  if (flags.onnx.empty() && flags.c.empty()) {
    return absl::InvalidArgumentError(
        "--onnx or --c is required: what to write, such as --onnx=net.onnx");
  }
  LENSLET_RETURN_IF_ERROR(CheckFormat(flags));
  LENSLET_RETURN_IF_ERROR(
      CheckOutput("--onnx", flags.onnx, OutputKind::kOnnx, flags.words));
  if (flags.c.empty()) return absl::OkStatus();
  for (const char* ending : {".h", ".c"}) {
    LENSLET_RETURN_IF_ERROR(CheckOutput("--c", absl::StrCat(flags.c, ending),
                                        OutputKind::kCode, flags.words));
  }
  if (!flags.c_options.weights_apart) return absl::OkStatus();
  const std::string weights = absl::StrCat(flags.c, kWeightsEnding);
  if (FileExists(UserPath(weights)) &&
      !FileExists(UserPath(absl::StrCat(flags.c, ".c")))) {
    return absl::InvalidArgumentError(
        absl::StrCat("--c would replace ", weights,
                     ", which has no C file beside it; expected another name"));
  }
  return CheckOutput("--c", weights, OutputKind::kImage, flags.words);
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
