// Shows where a network's time goes, layer by layer.

#include "lenslet/inspect/profile.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/inspect/profile_table.h"
#include "lenslet/ops/backend.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/tools/command_line.h"
#include "lenslet/tools/commands.h"
#include "lenslet/tools/common_flags.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/words.h"

namespace lenslet {
namespace {

constexpr char kProfile[] = "lenslet profile";

struct ProfileFlags {
  std::vector<std::string> words;
  std::string backend = "lanes";
  int64_t block = 16;
  int64_t batch_size = 256;
  int64_t repeats = 50;
  bool training = true;
};

std::optional<int> ParseProfileFlags(int argc, char** argv,
                                     ProfileFlags& flags) {
  CommandLine line(
      kProfile,
      "Measures the time that each layer of a network takes. The network "
      "trains on random images, or classifies them, on one thread. Times are "
      "in microseconds per image, from the fastest batch. Columns:\n"
      "  kernel       the backend that runs the layer. \"in NAME\": the kernel "
      "of\n"
      "               layer NAME also computes this layer\n"
      "  forward us, backward us\n"
      "               time in each direction\n"
      "  GFLOP/s      10^9 additions and multiplications per second, for "
      "each\n"
      "               direction. Forward, a multiply-add counts as two. "
      "Backward,\n"
      "               the gradient w.r.t. the weight counts as many operations "
      "as\n"
      "               forward. So does the gradient w.r.t. the input, if an\n"
      "               earlier layer has parameters\n"
      "  total us     both directions\n"
      "  share        of the total time\n"
      "Other rows:\n"
      "  read images  conversion of the images to floats\n"
      "  loss         softmax, cross-entropy and their gradient\n"
      "  prepare      the backend's work after an update, such as packing "
      "weights\n"
      "  rest         summing gradients, the update, metrics\n");
  AddNetworkWord(kDefaultModel, line, flags.words);
  line.AddMovedFlag("model", "lenslet profile VALUE");
  AddBackendFlag(line, flags.backend);
  line.AddFlag("block", "Images per pass through the network.", flags.block,
               {.min = 1, .max = 1000000});
  line.AddMovedFlag("images", "--block=VALUE");
  line.AddFlag("batch_size",
               "Images per batch. In training, each batch has one update.",
               flags.batch_size, {.min = 1, .max = 1000000});
  line.AddFlag("repeats", "Number of batches to measure.", flags.repeats,
               {.min = 1, .max = 1000000});
  line.AddFlag("training",
               "Measure training. If false, measure the forward pass alone.",
               flags.training);
  if (const auto exit_code = line.Parse(argc, argv)) return exit_code;
  if (flags.words.empty()) flags.words.push_back(kDefaultModel);
  return std::nullopt;
}

absl::Status PrintProfile(const ProfileFlags& flags, Backend backend) {
  LENSLET_ASSIGN_OR_RETURN(const NamedGraph network,
                           LoadNetwork(flags.words[0]));
  LENSLET_ASSIGN_OR_RETURN(
      const Profile profile,
      MeasureProfile(network.graph, {.backend = backend,
                                     .block = flags.block,
                                     .batch_size = flags.batch_size,
                                     .repeats = flags.repeats,
                                     .training = flags.training}));
  Print(
      "%s\n%s examples/s %s on 1 thread (%s), in blocks of %d;\n"
      "the fastest of %d batches of %d\n",
      ProfileTable(network.graph, profile),
      WithCommas(static_cast<int64_t>(1 / profile.total_seconds)),
      flags.training ? "trained" : "classified", flags.backend, flags.block,
      flags.repeats, flags.batch_size);
  return absl::OkStatus();
}

}  // namespace

int ProfileCommand(int argc, char** argv) {
  ProfileFlags flags;
  if (const auto exit_code = ParseProfileFlags(argc, argv, flags)) {
    return *exit_code;
  }
  if (const auto exit_code =
          CheckOneWord(WordFor::kNetwork, kProfile, "network", flags.words)) {
    return *exit_code;
  }
  const absl::StatusOr<Backend> backend = BackendFromFlag(flags.backend);
  if (!backend.ok()) return ReportUsage(kProfile, backend.status());
  if (flags.training && !CanTrain(*backend)) {
    return ReportUsage(kProfile, absl::StrCat("--backend is ", flags.backend,
                                              ", which cannot train; expected "
                                              "--training=false"));
  }
  const absl::Status status = PrintProfile(flags, *backend);
  return status.ok() ? 0 : ReportFailure(kProfile, status);
}

}  // namespace lenslet
