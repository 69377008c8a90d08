// Shows where a network's time goes, layer by layer.

#include "lenslet/inspect/profile.h"

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/inspect/profile_table.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/load_model.h"
#include "lenslet/models/zoo.h"
#include "lenslet/ops/backend.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "profile";

struct Flags {
  std::string model = "lenet";
  std::string backend = "lanes";
  int64_t images = 16;
  int64_t batch_size = 256;
  int64_t repeats = 50;
  bool training = true;
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(
      kProgram,
      "Measures the time that each layer of a network takes. The network "
      "trains on random images,\nor classifies them, on one thread. Times are "
      "in microseconds per image, from the fastest\nbatch. Columns:\n"
      "  kernel       the backend that runs the layer. \"in NAME\": the kernel "
      "of layer NAME also\n               computes this layer\n"
      "  forward us, backward us   time in each direction\n"
      "  GFLOP/s      10^9 additions and multiplications per second, for each "
      "direction. Forward,\n               a multiply-add counts as two. "
      "Backward, the gradient w.r.t. the weight counts\n               as many "
      "operations as forward. So does the gradient w.r.t. the input, if an\n"
      "               earlier layer has parameters\n"
      "  total us     both directions\n"
      "  share        of the total time\n"
      "Other rows:\n"
      "  read images  conversion of the images to floats\n"
      "  loss         softmax, cross-entropy and their gradient\n"
      "  prepare      the backend's work after an update, such as packing "
      "weights\n"
      "  rest         summing gradients, the update, metrics\n");
  line.AddFlag(
      "model",
      absl::StrCat("The network: a name (",
                   absl::StrJoin(ZooModelNames(), ", "), ") or a model file."),
      flags.model);
  line.AddFlag("backend", "Backend: lanes, xnnpack, direct or reference.",
               flags.backend);
  line.AddFlag("images", "Images per pass through the network.", flags.images,
               {.min = 1, .max = 1000000});
  line.AddFlag("batch_size",
               "Images per batch. In training, each batch has one update.",
               flags.batch_size, {.min = 1, .max = 1000000});
  line.AddFlag("repeats", "Number of batches to measure.", flags.repeats,
               {.min = 1, .max = 1000000});
  line.AddFlag("training",
               "Measure training. If false, measure the forward pass alone.",
               flags.training);
  return line.Parse(argc, argv);
}

absl::Status Run(const Flags& flags, Backend backend) {
  LENSLET_ASSIGN_OR_RETURN(const ModelText model,
                           LoadModel(flags.model, UserFolder()));
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildGraph(model));
  LENSLET_ASSIGN_OR_RETURN(
      const Profile profile,
      MeasureProfile(graph, {.backend = backend,
                             .block = flags.images,
                             .batch_size = flags.batch_size,
                             .repeats = flags.repeats,
                             .training = flags.training}));
  Print(
      "%s\n%s examples/s %s on 1 thread (%s), in blocks of %d; the fastest of "
      "%d batches of %d\n",
      ProfileTable(graph, profile),
      WithCommas(static_cast<int64_t>(1 / profile.total_seconds)),
      flags.training ? "trained" : "classified", flags.backend, flags.images,
      flags.repeats, flags.batch_size);
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
  if (flags.training && !CanTrain(*backend)) {
    return ReportUsage(kProgram, absl::StrCat("--backend is ", flags.backend,
                                              ", which cannot train; expected "
                                              "--training=false"));
  }
  const absl::Status status = Run(flags, *backend);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) {
  return lenslet::RunProgram(lenslet::kProgram, argc, argv, lenslet::Main);
}
