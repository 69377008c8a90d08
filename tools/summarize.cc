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
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/zoo.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/load_network.h"
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
      "  output         the sizes of what comes out\n"
      "  parameters     numbers that training changes; where there are others, "
      "\"fixed\" and\n                 \"statistics\" have them\n"
      "  multiply-adds  forward\n"
      "  bytes          of the output\n"
      "  sees           positions of the network's input that one of the "
      "output "
      "depends on;\n                 empty: all\n"
      "  every          the input's positions from one of the output's to the "
      "next\n"
      "  kernel         the backend that computes it: --backend, or reference "
      "where that lacks it\n");
  line.AddFlag(
      "model",
      absl::StrCat("The network: a name (",
                   absl::StrJoin(ZooModelNames(), ", "), ") or a model file."),
      flags.model);
  line.AddFlag(
      "checkpoint",
      "Instead of --model, a file that train or train_lenet saved, or a "
      "run's folder: its latest.ckpt.",
      flags.checkpoint);
  line.AddFlag("backend", "What computes: lanes, xnnpack, direct or reference.",
               flags.backend);
  line.AddFlag("training", "Whether kernels are those of training.",
               flags.training);
  return line.Parse(argc, argv);
}

absl::Status Run(const Flags& flags, Backend backend) {
  LENSLET_ASSIGN_OR_RETURN(
      const Network network,
      flags.checkpoint.empty()
          ? LoadNetwork(flags.model, UserFolder())
          : LoadCheckpointNetwork(UserPath(flags.checkpoint)));
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
