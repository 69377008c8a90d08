// What the peers benchmark has its workers do: which network, on which images,
// in which batches, on how many threads.
//
// The driver passes it to workers as program arguments, "name=value".

#ifndef LENSLET_BENCHMARKS_PEERS_WORKLOAD_H_
#define LENSLET_BENCHMARKS_PEERS_WORKLOAD_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace lenslet::peers {

enum class Activation : uint8_t {
  kSigmoid,  // With average pooling, as in "Dive into Deep Learning".
  kRelu,     // With maximum pooling.
};

// "sigmoid", "relu"
absl::string_view Name(Activation activation);

struct Workload {
  // A model of the zoo. Empty: LeNet, by the next two fields.
  std::string model = {};
  Activation activation = Activation::kSigmoid;
  // Multiplies LeNet's channels (6, 16) and hidden units (120, 84).
  int64_t width = 1;
  // Height and width of an image in pixels, at least 28.
  int64_t image_size = 28;
  // Each with the same pixels.
  int64_t channels = 1;
  int64_t batch = 256;
  int threads = 1;
  // Of the initial parameters and of the order of the examples.
  uint64_t seed = 0;
  // Training images that are used, from the first one; at most 60000.
  int64_t examples = 60000;

  // At most 39 batches of 256.
  int64_t inference_examples() const {
    return std::min<int64_t>(examples, 9984);
  }

  // LeNet's: 0.9 with sigmoid; 0.1 with relu, which diverges at 0.9. That of
  // the zoo suits all of its models.
  double learning_rate() const {
    if (!model.empty()) return 0.01;
    return activation == Activation::kSigmoid ? 0.9 : 0.1;
  }
};

struct WorkerSettings {
  Workload workload;
  // A way of using the peer's library, of those that the worker knows.
  std::string variant = "default";
  // Where Fashion-MNIST is.
  std::string data_folder;
};

// The arguments that ParseWorkerSettings() makes the same settings of.
std::vector<std::string> ToArguments(const WorkerSettings& settings);

// Arguments that are missing have their defaults. Errors: InvalidArgument,
// naming the argument, for an unknown name or a value that is out of range.
absl::StatusOr<WorkerSettings> ParseWorkerSettings(
    absl::Span<char* const> arguments);

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_WORKLOAD_H_
