// oneDNN's worker of the peers benchmark: the network on oneDNN's primitives
// (onednn_network.h). Inference has batch normalization folded, as Lenslet's.
// Variants: "nhwc", "any", "mixed" (OneDnnFormat), and these with "-fused"
// (OneDnnOptions). Threads are OpenMP's: OMP_NUM_THREADS.

#include <algorithm>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "dnnl.hpp"
#include "lenslet/base/denormals.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/benchmarks/peers/examples.h"
#include "lenslet/benchmarks/peers/loss.h"
#include "lenslet/benchmarks/peers/network.h"
#include "lenslet/benchmarks/peers/onednn_network.h"
#include "lenslet/benchmarks/peers/worker.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/fold_batch_norm.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"

namespace lenslet::peers {
namespace {

// Runs what may throw.
template <typename Function>
absl::Status Catch(Function function) {
  try {
    function();
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("oneDNN: ", error.what()));
  }
  return absl::OkStatus();
}

class OneDnnPeer : public Peer {
 public:
  OneDnnPeer(const Workload& workload, const OneDnnOptions& options,
             Graph graph, Parameters initial)
      : workload_(workload),
        options_(options),
        graph_(std::move(graph)),
        initial_(std::move(initial)) {}

  absl::Status PrepareTraining(Dataset dataset) override {
    options_.training = true;
    examples_.emplace(dataset);
    return absl::OkStatus();
  }

  absl::StatusOr<double> TrainStep(absl::Span<const int64_t> batch) override {
    double loss_sum = 0;
    LENSLET_RETURN_IF_ERROR(Catch([&] { loss_sum = Train(batch); }));
    return loss_sum / static_cast<double>(batch.size());
  }

  absl::Status PrepareInference(Dataset dataset) override {
    examples_.emplace(dataset);
    return Fold();
  }

  absl::StatusOr<double> Infer() override {
    double loss_sum = 0;
    LENSLET_RETURN_IF_ERROR(Catch([&] {
      for (int64_t start = 0; start < examples_->size();
           start += workload_.batch) {
        const int64_t size =
            std::min(workload_.batch, examples_->size() - start);
        OneDnnNetwork& network = NetworkFor(size);
        network.set_input(examples_->image(start));
        network.Forward();
        loss_sum += LossSum(
            network.scores(),
            absl::MakeConstSpan(examples_->labels).subspan(start, size));
      }
    }));
    return loss_sum / static_cast<double>(examples_->size());
  }

  absl::Status PrepareLatency() override {
    LENSLET_RETURN_IF_ERROR(Fold());
    return Catch([&] { NetworkFor(1); });
  }

  absl::Status InferOne(const float* image, float* scores) override {
    return Catch([&] {
      OneDnnNetwork& network = NetworkFor(1);
      std::copy_n(
          image,
          workload_.image_size * workload_.image_size * workload_.channels,
          network.input());
      network.Forward();
      std::copy_n(network.scores(), kClasses, scores);
    });
  }

 private:
  absl::Status Fold() {
    LENSLET_ASSIGN_OR_RETURN(FoldedNetwork folded,
                             FoldBatchNorm(graph_, initial_));
    graph_ = std::move(folded.graph);
    initial_ = std::move(folded.parameters);
    return absl::OkStatus();
  }

  OneDnnNetwork& NetworkFor(int64_t batch) {
    std::unique_ptr<OneDnnNetwork>& network = networks_[batch];
    if (network == nullptr) {
      network = std::make_unique<OneDnnNetwork>(graph_, batch, options_,
                                                engine_, initial_, parameters_);
    }
    return *network;
  }

  double Train(absl::Span<const int64_t> batch) {
    const int64_t size = static_cast<int64_t>(batch.size());
    OneDnnNetwork& network = NetworkFor(size);
    labels_.resize(size);
#pragma omp parallel for
    for (int64_t i = 0; i < size; ++i) {
      std::copy_n(examples_->image(batch[i]), examples_->pixels,
                  network.input() + i * examples_->pixels);
      labels_[i] = examples_->labels[batch[i]];
    }
    network.Forward();
    const double loss_sum =
        LossSum(network.scores(), labels_, network.scores_gradient());
    network.Backward();
    const float rate = static_cast<float>(workload_.learning_rate());
    for (const OneDnnParameter& parameter : parameters_) {
      if (!parameter.gradient) continue;
      float* w = static_cast<float*>(parameter.value.get_data_handle());
      const float* dw =
          static_cast<const float*>(parameter.gradient.get_data_handle());
      const int64_t floats = static_cast<int64_t>(
          parameter.value.get_desc().get_size() / sizeof(float));
#pragma omp parallel for simd if (floats > 10000)
      for (int64_t i = 0; i < floats; ++i) w[i] -= rate * dw[i];
    }
    return loss_sum;
  }

  const Workload workload_;
  OneDnnOptions options_;
  Graph graph_;
  Parameters initial_;
  const dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  std::vector<OneDnnParameter> parameters_;
  // By the size of the batch.
  std::map<int64_t, std::unique_ptr<OneDnnNetwork>> networks_;
  std::optional<FloatExamples> examples_;
  std::vector<int32_t> labels_;
};

absl::StatusOr<std::unique_ptr<Peer>> MakePeer(const WorkerSettings& settings) {
  LENSLET_ASSIGN_OR_RETURN(Graph graph, BuildNetwork(settings.workload));
  LENSLET_ASSIGN_OR_RETURN(Parameters initial,
                           InitialParameters(graph, settings.workload.seed));
  absl::string_view format = settings.variant;
  OneDnnOptions options;
  options.fuse = absl::ConsumeSuffix(&format, "-fused");
  if (format == "nhwc") {
    options.format = OneDnnFormat::kNhwc;
  } else if (format == "any") {
    options.format = OneDnnFormat::kAny;
  } else if (format == "mixed") {
    options.format = OneDnnFormat::kMixed;
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", settings.variant, "\" is no variant of oneDNN's"));
  }
  return std::make_unique<OneDnnPeer>(settings.workload, options,
                                      std::move(graph), std::move(initial));
}

}  // namespace
}  // namespace lenslet::peers

int main(int argc, char** argv) {
  // Threads start with the mode of the thread that starts them.
  const lenslet::FlushDenormals flush;
  return lenslet::peers::WorkerMain(argc, argv, lenslet::peers::MakePeer);
}
