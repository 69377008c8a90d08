// Lenslet's worker of the peers benchmark. Variants: "default", the options'
// own backend, and the names of backends.

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/benchmarks/peers/network.h"
#include "lenslet/benchmarks/peers/worker.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/fastest_backend.h"
#include "lenslet/layers/fold_batch_norm.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/train/evaluator.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/trainer.h"

namespace lenslet::peers {
namespace {

class LensletPeer : public Peer {
 public:
  LensletPeer(const Workload& workload, std::optional<Backend> backend,
              const Graph& graph, Parameters parameters)
      : workload_(workload),
        backend_(backend),
        graph_(graph),
        parameters_(std::move(parameters)) {}

  absl::Status PrepareTraining(Dataset dataset) override {
    dataset_ = std::move(dataset);
    TrainerOptions options = {
        .threads = workload_.threads,
        .batch_size = workload_.batch,
        .schedule = {.base_rate = workload_.learning_rate()},
        .seed = workload_.seed};
    if (backend_.has_value()) options.backend = *backend_;
    LENSLET_ASSIGN_OR_RETURN(
        trainer_, Trainer::Create(graph_, dataset_, parameters_, options));
    return absl::OkStatus();
  }

  absl::StatusOr<double> TrainStep(
      absl::Span<const int64_t> examples) override {
    LENSLET_ASSIGN_OR_RETURN(const Metrics metrics, trainer_->Step(examples));
    return metrics.loss();
  }

  absl::Status PrepareInference(Dataset dataset) override {
    dataset_ = std::move(dataset);
    EvaluatorOptions options = {.threads = workload_.threads};
    if (backend_.has_value()) options.backend = *backend_;
    LENSLET_ASSIGN_OR_RETURN(evaluator_,
                             Evaluator::Create(graph_, parameters_, options));
    return absl::OkStatus();
  }

  absl::StatusOr<double> Infer() override {
    LENSLET_ASSIGN_OR_RETURN(const Metrics metrics,
                             evaluator_->Evaluate(dataset_));
    return metrics.loss();
  }

  absl::Status PrepareLatency() override {
    // As Predictor does.
    LENSLET_ASSIGN_OR_RETURN(FoldedNetwork folded,
                             FoldBatchNorm(graph_, parameters_));
    folded_.emplace(std::move(folded));
    const InferenceBackends backends =
        BackendsForInference(backend_, folded_->graph, /*images=*/1);
    const ExecutorOptions options = {.backend = backends.backend,
                                     .layer_backends = backends.layer_backends,
                                     .substitutes = backends.substitutes,
                                     .images = 1};
    LENSLET_ASSIGN_OR_RETURN(
        executor_,
        Executor::Create(folded_->graph, folded_->parameters, options));
    return absl::OkStatus();
  }

  absl::Status InferOne(const float* image, float* scores) override {
    const View<float> input = executor_->input();
    std::copy_n(image, input.size(), input.data());
    executor_->Forward(1);
    std::copy_n(executor_->output().data(), kClasses, scores);
    return absl::OkStatus();
  }

 private:
  const Workload workload_;
  const std::optional<Backend> backend_;
  const Graph graph_;
  Parameters parameters_;
  Dataset dataset_;
  std::unique_ptr<Trainer> trainer_;
  std::unique_ptr<Evaluator> evaluator_;
  std::optional<FoldedNetwork> folded_;  // For executor_.
  std::unique_ptr<Executor> executor_;
};

absl::StatusOr<std::unique_ptr<Peer>> MakePeer(const WorkerSettings& settings) {
  std::optional<Backend> backend;
  if (settings.variant != "default") {
    LENSLET_ASSIGN_OR_RETURN(backend, BackendByName(settings.variant));
  }
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildNetwork(settings.workload));
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters,
                           InitialParameters(graph, settings.workload.seed));
  return std::make_unique<LensletPeer>(settings.workload, backend, graph,
                                       std::move(parameters));
}

}  // namespace
}  // namespace lenslet::peers

int main(int argc, char** argv) {
  return lenslet::peers::WorkerMain(argc, argv, lenslet::peers::MakePeer);
}
