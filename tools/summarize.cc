// Shows a network layer by layer: what comes out, what it costs, how much of
// the image it sees, and what computes it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/inspect/summary.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/flatten_hint.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr char kSummarize[] = "lenslet summarize";

struct SummarizeFlags {
  std::vector<std::string> words;
  std::string backend = "lanes";
  bool training = true;
};

std::optional<int> ParseSummarizeFlags(int argc, char** argv,
                                       SummarizeFlags& flags) {
  CommandLine line(
      kSummarize,
      "Shows a network layer by layer, for one image. Columns:\n"
      "  output         the shape of the layer's output\n"
      "  parameters     number of parameters that training updates. Other "
      "parameters\n"
      "                 are in the columns \"fixed\" and \"statistics\", if "
      "there are\n"
      "                 any\n"
      "  multiply-adds  of the forward pass\n"
      "  bytes          of the output\n"
      "  sees           receptive field: the size of the part of the input "
      "that one\n"
      "                 output position depends on. Empty if that is the "
      "whole input\n"
      "  every          stride: the step in the input from one output position "
      "to\n"
      "                 the next\n"
      "  kernel         the backend that runs the layer: --backend, or "
      "reference if\n"
      "                 --backend cannot\n");
  AddNetworkWord(kDefaultModel, line, flags.words);
  line.AddMovedFlag("model", "lenslet summarize VALUE");
  line.AddMovedFlag("checkpoint", "lenslet summarize VALUE");
  AddBackendFlag(line, flags.backend);
  line.AddFlag("training",
               "Show the kernels for training. If false, those for inference.",
               flags.training);
  if (const auto exit_code = line.Parse(argc, argv)) return exit_code;
  if (flags.words.empty()) flags.words.push_back(kDefaultModel);
  return std::nullopt;
}

absl::Status PrintSummary(const SummarizeFlags& flags, Backend backend) {
  LENSLET_ASSIGN_OR_RETURN(const NamedGraph network,
                           LoadNetwork(flags.words[0]));
  const Graph& graph = network.graph;
  LENSLET_ASSIGN_OR_RETURN(const Parameters parameters,
                           Parameters::Create(graph));
  LENSLET_ASSIGN_OR_RETURN(
      const std::unique_ptr<Executor> executor,
      Executor::Create(
          graph, parameters,
          {.backend = backend, .images = 1, .training = flags.training}));
  PrintText(Summarize(graph,
                      [&](int node) { return executor->BackendOfLayer(node); },
                      {.details = true}));
  if (const std::string hint = FlattenHint(graph); !hint.empty()) {
    PrintWarning(hint);
  }
  return absl::OkStatus();
}

}  // namespace

int SummarizeCommand(int argc, char** argv) {
  SummarizeFlags flags;
  if (const auto exit_code = ParseSummarizeFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const auto exit_code =
          CheckOneWord(WordFor::kNetwork, kSummarize, "network", flags.words)) {
    return *exit_code;
  }
  const absl::StatusOr<Backend> backend = BackendFromFlag(flags.backend);
  if (!backend.ok()) return ReportUsage(kSummarize, backend.status());
  const absl::Status status = PrintSummary(flags, *backend);
  return status.ok() ? 0 : ReportFailure(kSummarize, status);
}

}  // namespace lenslet
