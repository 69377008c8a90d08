// Shows a network layer by layer: what comes out, what it costs, how much of
// the image it sees, and what computes it.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/inspect/summary.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/flatten_hint.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/zoo.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "summarize";

struct Flags {
  std::string model = "lenet";
  std::string checkpoint;
  std::string backend = "lanes";
  bool training = true;
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Shows a network layer by layer, for one image. Columns:\n"
      "  output         the shape of the layer's output\n"
      "  parameters     number of parameters that training updates. Other "
      "parameters are in the\n                 columns \"fixed\" and "
      "\"statistics\", if there are any\n"
      "  multiply-adds  of the forward pass\n"
      "  bytes          of the output\n"
      "  sees           receptive field: the size of the part of the input "
      "that one output position\n                 depends on. Empty if that is "
      "the whole input\n"
      "  every          stride: the step in the input from one output position "
      "to the next\n"
      "  kernel         the backend that runs the layer: --backend, or "
      "reference if --backend cannot\n");
  line.AddFlag(
      "model",
      absl::StrCat("The network: a name (",
                   absl::StrJoin(ZooModelNames(), ", "), ") or a model file."),
      flags.model);
  line.AddFlag(
      "checkpoint",
      "Replaces --model: a checkpoint that train or train_lenet saved, or a "
      "run's folder, whose latest.ckpt is used.",
      flags.checkpoint);
  line.AddFlag("backend", "Backend: lanes, xnnpack, direct or reference.",
               flags.backend);
  line.AddFlag("training",
               "Show the kernels for training. If false, those for inference.",
               flags.training);
  return line.Parse(argc, argv);
}

absl::Status Run(const Flags& flags, Backend backend) {
  LENSLET_ASSIGN_OR_RETURN(
      const NamedGraph network,
      flags.checkpoint.empty()
          ? LoadGraph(flags.model, UserFolder())
          : LoadCheckpointGraph(UserPath(flags.checkpoint)));
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

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  const absl::StatusOr<Backend> backend = BackendByName(flags.backend);
  if (!backend.ok()) {
    return ReportUsage(kProgram,
                       absl::StrCat("--backend: ", backend.status().message()));
  }
  const absl::Status status = Run(flags, *backend);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
