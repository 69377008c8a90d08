// libtorch's worker of the peers benchmark: the network as libtorch's
// operations (torch_graph.h) and torch::optim::SGD. Variants:
//   "stock"          as a first program would have it: NCHW;
//   "nchw"           NCHW, denormals flushed to zero;
//   "channels_last"  NHWC, denormals flushed to zero;
//   "nchw-denormals", "channels_last-denormals"  the same with denormals.
// The driver sets the environment that a tuned libtorch needs besides.

#include <dlfcn.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/benchmarks/peers/examples.h"
#include "lenslet/benchmarks/peers/loss.h"
#include "lenslet/benchmarks/peers/network.h"
#include "lenslet/benchmarks/peers/torch_graph.h"
#include "lenslet/benchmarks/peers/worker.h"
#include "lenslet/data/dataset.h"
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
    return absl::InternalError(absl::StrCat("libtorch: ", error.what()));
  }
  return absl::OkStatus();
}

class LibtorchPeer : public Peer {
 public:
  LibtorchPeer(const Workload& workload, bool channels_last,
               std::unique_ptr<TorchGraph> network)
      : workload_(workload),
        channels_last_(channels_last),
        network_(std::move(network)) {}

  absl::Status PrepareTraining(Dataset dataset) override {
    return Catch([&] {
      SetExamples(dataset);
      optimizer_ = std::make_unique<torch::optim::SGD>(
          network_->trainable(), workload_.learning_rate());
    });
  }

  absl::StatusOr<double> TrainStep(absl::Span<const int64_t> batch) override {
    double loss_value = 0;
    LENSLET_RETURN_IF_ERROR(Catch([&] {
      const torch::Tensor indices =
          torch::from_blob(const_cast<int64_t*>(batch.data()),
                           {static_cast<int64_t>(batch.size())}, torch::kLong);
      const torch::Tensor x = AsImages(images_.index_select(0, indices));
      const torch::Tensor labels = labels_.index_select(0, indices);
      optimizer_->zero_grad();
      const torch::Tensor loss = torch::cross_entropy_loss(
          network_->Forward(x, /*training=*/true), labels);
      loss.backward();
      optimizer_->step();
      loss_value = loss.item<double>();
    }));
    return loss_value;
  }

  absl::Status PrepareInference(Dataset dataset) override {
    return Catch([&] { SetExamples(dataset); });
  }

  absl::StatusOr<double> Infer() override {
    double loss_sum = 0;
    LENSLET_RETURN_IF_ERROR(Catch([&] {
      torch::InferenceMode no_gradients;
      for (int64_t start = 0; start < labels_.size(0);
           start += workload_.batch) {
        const int64_t end = std::min(start + workload_.batch, labels_.size(0));
        const torch::Tensor scores =
            network_
                ->Forward(AsImages(images_.slice(0, start, end)),
                          /*training=*/false)
                .contiguous();
        loss_sum += LossSum(
            scores.data_ptr<float>(),
            absl::MakeConstSpan(label_numbers_).subspan(start, end - start));
      }
    }));
    return loss_sum / static_cast<double>(labels_.size(0));
  }

  absl::Status PrepareLatency() override { return absl::OkStatus(); }

  absl::Status InferOne(const float* image, float* scores) override {
    return Catch([&] {
      torch::InferenceMode no_gradients;
      const int64_t side = workload_.image_size;
      const torch::Tensor x = torch::from_blob(
          const_cast<float*>(image), {1, side * side * workload_.channels});
      const torch::Tensor y =
          network_->Forward(AsImages(Arranged(x)), /*training=*/false);
      std::copy_n(y.data_ptr<float>(), kClasses, scores);
    });
  }

 private:
  void SetExamples(const Dataset& dataset) {
    FloatExamples examples(dataset);
    const int64_t size = examples.size();
    images_ = Arranged(torch::from_blob(examples.images.data(),
                                        {size, examples.pixels}))
                  .clone();
    labels_ = torch::from_blob(examples.labels.data(), {size}, torch::kInt)
                  .to(torch::kLong);
    label_numbers_ = std::move(examples.labels);
  }

  // Rows of NHWC's numbers, in the order of the format.
  torch::Tensor Arranged(const torch::Tensor& rows) const {
    if (channels_last_ || workload_.channels == 1) return rows;
    return rows.view({rows.size(0), -1, workload_.channels})
        .permute({0, 2, 1})
        .reshape({rows.size(0), -1});
  }

  // [images, numbers] -> [images, channels, height, width]. With one channel,
  // NCHW and NHWC are the same numbers and differ in strides.
  torch::Tensor AsImages(const torch::Tensor& x) const {
    const int64_t side = workload_.image_size;
    const int64_t channels = workload_.channels;
    const int64_t image = side * side * channels;
    if (channels_last_) {
      return x.as_strided({x.size(0), channels, side, side},
                          {image, 1, side * channels, channels},
                          x.storage_offset());
    }
    return x.as_strided({x.size(0), channels, side, side},
                        {image, side * side, side, 1}, x.storage_offset());
  }

  const Workload workload_;
  const bool channels_last_;
  const std::unique_ptr<TorchGraph> network_;
  std::unique_ptr<torch::optim::SGD> optimizer_;
  torch::Tensor images_;
  torch::Tensor labels_;
  std::vector<int32_t> label_numbers_;
};

// libtorch takes any BLAS that is installed; with the reference BLAS it would
// be at half of its speed.
absl::Status CheckBlas() {
  if (dlsym(RTLD_DEFAULT, "openblas_get_config") != nullptr) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      "libtorch runs without OpenBLAS; apt-get install libopenblas0-pthread");
}

absl::StatusOr<std::unique_ptr<Peer>> MakePeer(const WorkerSettings& settings) {
  LENSLET_RETURN_IF_ERROR(CheckBlas());
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildNetwork(settings.workload));
  LENSLET_ASSIGN_OR_RETURN(const Parameters initial,
                           InitialParameters(graph, settings.workload.seed));
  const bool channels_last =
      absl::StartsWith(settings.variant, "channels_last");
  absl::StatusOr<std::unique_ptr<TorchGraph>> network;
  LENSLET_RETURN_IF_ERROR(Catch([&] {
    // Before other threads start, which then have the same mode.
    if (settings.variant != "stock" &&
        !absl::EndsWith(settings.variant, "-denormals")) {
      at::globalContext().setFlushDenormal(true);
    }
    torch::set_num_threads(settings.workload.threads);
    network = TorchGraph::Create(graph, initial, channels_last);
  }));
  LENSLET_RETURN_IF_ERROR(network.status());
  return std::make_unique<LibtorchPeer>(settings.workload, channels_last,
                                        *std::move(network));
}

}  // namespace
}  // namespace lenslet::peers

int main(int argc, char** argv) {
  return lenslet::peers::WorkerMain(argc, argv, lenslet::peers::MakePeer);
}
