// The process that measures one peer: reads commands from the driver of the
// peers benchmark, one a line, and answers each with one line.
//
//   train N       trains N batches: "SECONDS EXAMPLES LOSS LOSS ...", a mean
//                 loss for each batch
//   infer N       goes N times through the first inference_examples() images:
//                 "SECONDS EXAMPLES LOSS", their mean loss
//   latency N     N images one by one: "P50 P99", seconds
//   memory        "BYTES", the process's peak resident memory so far
//
// What fails is answered by "error: REASON". The process ends with its input.
//
// A process does one of "train", "infer" and "latency", as often as it is
// asked. Training starts from InitialParameters() and goes on from where the
// last "train" ended; the others are with InitialParameters().

#ifndef LENSLET_BENCHMARKS_PEERS_WORKER_H_
#define LENSLET_BENCHMARKS_PEERS_WORKER_H_

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/benchmarks/peers/workload.h"
#include "lenslet/data/dataset.h"

namespace lenslet::peers {

// A library, doing a workload. Everything runs on the main thread and threads
// that the library starts. What a peer does not do is Unimplemented.
class Peer {
 public:
  virtual ~Peer() = default;

  // Called once, before the first TrainStep(). `dataset` holds the training
  // examples; the peer keeps it, or what it makes of it.
  virtual absl::Status PrepareTraining(Dataset dataset);

  // Gathers the examples at the indices, updates the parameters by the gradient
  // of their mean loss, and returns the mean loss from before the update.
  virtual absl::StatusOr<double> TrainStep(absl::Span<const int64_t> examples);

  // Called once, before the first Infer().
  virtual absl::Status PrepareInference(Dataset dataset);

  // Goes once through the data set in batches of the workload's size, in order;
  // returns the mean loss.
  virtual absl::StatusOr<double> Infer();

  // Called once, before the first InferOne().
  virtual absl::Status PrepareLatency();

  // Computes the kClasses scores of one image.
  virtual absl::Status InferOne(const float* image, float* scores);
};

using PeerFactory = absl::FunctionRef<absl::StatusOr<std::unique_ptr<Peer>>(
    const WorkerSettings&)>;

// Runs a worker's process: what its main() returns.
int WorkerMain(int argc, char** argv, PeerFactory make_peer);

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_WORKER_H_
