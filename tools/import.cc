// Makes a checkpoint of a network that another program trained.

#include "lenslet/onnx/import.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lenslet/base/file.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/target_kind.h"
#include "lenslet/layers/graph.h"
#include "lenslet/onnx/load.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr char kImport[] = "lenslet import";

struct ImportFlags {
  std::vector<std::string> words;
  std::string output;
  std::string model;
  std::string shape;
  std::string onnx_output;
  std::optional<bool> takes_bytes;
  std::string targets;
};

// Errors: InvalidArgument.
absl::StatusOr<TargetKind> TargetsFromFlag(const std::string& text) {
  for (const TargetKind kind :
       {TargetKind::kClasses, TargetKind::kLabels, TargetKind::kValues}) {
    if (text == Name(kind)) return kind;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "--targets is \"", text, "\"; expected classes, labels or values"));
}

std::optional<int> ParseImportFlags(int argc, char** argv, ImportFlags& flags) {
  bool takes_bytes = false;
  CommandLine line(
      kImport,
      "Makes a checkpoint of an ONNX model, which the other commands take. If "
      "some nodes of the model cannot be layers, lists them with the reasons.");
  line.AddArguments("MODEL", "The ONNX file.", flags.words);
  line.AddFlag("output", "Checkpoint file to write. Required.", flags.output);
  line.AddFlag(
      "model",
      "Model file to write as well, for recipes that train the network "
      "further.",
      flags.model);
  line.AddFlag("shape",
               "Shape of one example, for a model that leaves it open: "
               "HEIGHT,WIDTH,CHANNELS.",
               flags.shape);
  line.AddFlag("onnx_output",
               "Name of the output to keep, for a model with several, or of a "
               "value before the output: nodes after it are left out.",
               flags.onnx_output);
  line.AddFlag(
      "takes_bytes",
      "The model takes pixels from 0 to 255. If false, it takes pixels divided "
      "by 255, or numbers as they are. Without the flag, the type of its input "
      "and what its first nodes subtract or divide by decide, and a warning "
      "says how.",
      takes_bytes);
  line.AddFlag("targets",
               "What the outputs are: classes, labels or values. Without the "
               "flag, the model's metadata or last nodes decide; the channels "
               "of a map are the scores of classes, unless it is one.",
               flags.targets);
  const std::optional<int> exit_code = line.Parse(argc, argv);
  if (!exit_code && line.Given("takes_bytes")) flags.takes_bytes = takes_bytes;
  return exit_code;
}

// Prints all problems but the last. Returns that one.
absl::Status ListProblems(const absl::Status& status) {
  const std::vector<std::string> lines = absl::StrSplit(status.message(), '\n');
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    ReportFailure(kImport, absl::Status(status.code(), lines[i]));
  }
  return absl::Status(status.code(), lines.back());
}

absl::Status Import(const ImportFlags& flags) {
  OnnxImportOptions options = {.takes_bytes = flags.takes_bytes,
                               .output = flags.onnx_output};
  if (!flags.shape.empty()) {
    LENSLET_ASSIGN_OR_RETURN(options.shape, ShapeFromFlag(flags.shape));
  }
  if (!flags.targets.empty()) {
    LENSLET_ASSIGN_OR_RETURN(options.targets, TargetsFromFlag(flags.targets));
  }
  const absl::StatusOr<OnnxImport> import =
      LoadOnnx(UserPath(flags.words[0]), options);
  if (!import.ok()) return ListProblems(import.status());
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, GraphOf(import->checkpoint));
  LENSLET_RETURN_IF_ERROR(
      SaveCheckpoint(UserPath(flags.output), import->checkpoint));
  if (!flags.model.empty()) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(
        UserPath(flags.model),
        absl::StrCat(kImportedModel, "\n",
                     ProtoToText(import->checkpoint.model()))));
  }
  for (const std::string& note : import->notes) PrintWarning(note);
  const auto layers = static_cast<int64_t>(graph.nodes().size());
  Print("wrote %s: %s, %s parameters, input %s, output %s\n",
        Printable(flags.output), CountText(layers, "layer"),
        WithCommas(graph.parameter_count()), graph.inputs()[0].shape.ToString(),
        graph.ShapeOfValue(graph.output_value()).ToString());
  return absl::OkStatus();
}

absl::Status CheckImportFlags(const ImportFlags& flags) {
  if (flags.words.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected one ONNX file, got ", flags.words.size()));
  }
  if (flags.output.empty()) {
    return absl::InvalidArgumentError(
        "--output is required: the checkpoint to write, such as net.ckpt");
  }
  if (absl::EndsWithIgnoreCase(flags.output, ".onnx")) {
    return absl::InvalidArgumentError(
        absl::StrCat("--output is ", flags.output,
                     ", the name of an ONNX model; expected a checkpoint, such "
                     "as net.ckpt; lenslet export writes ONNX models"));
  }
  if (!flags.shape.empty()) {
    LENSLET_RETURN_IF_ERROR(ShapeFromFlag(flags.shape).status());
  }
  if (!flags.targets.empty()) {
    LENSLET_RETURN_IF_ERROR(TargetsFromFlag(flags.targets).status());
  }
  if (flags.model == flags.output) {
    return absl::InvalidArgumentError(
        absl::StrCat("--model and --output are both ", flags.output,
                     "; expected two files"));
  }
  LENSLET_RETURN_IF_ERROR(
      CheckOutput("--model", flags.model, OutputKind::kModel, flags.words));
  return CheckOutput("--output", flags.output, OutputKind::kCheckpoint,
                     flags.words);
}

}  // namespace

int ImportCommand(int argc, char** argv) {
  ImportFlags flags;
  if (const auto exit_code = ParseImportFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const absl::Status status = CheckImportFlags(flags); !status.ok()) {
    return ReportUsage(kImport, status);
  }
  const absl::Status status = Import(flags);
  return status.ok() ? 0 : ReportFailure(kImport, status);
}

}  // namespace lenslet
