// libtorch's worker of the peers benchmark: LeNet of torch::nn modules and
// torch::optim::SGD. Variants:
//   "stock"          as a first program would have it: NCHW;
//   "nchw"           NCHW, denormals flushed to zero;
//   "channels_last"  NHWC, denormals flushed to zero;
//   "nchw-denormals", "channels_last-denormals"  the same with denormals.
// The driver sets the environment that a tuned libtorch needs besides.

#include <dlfcn.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <optional>
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
#include "lenslet/benchmarks/peers/worker.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"

namespace lenslet::peers {
namespace {

struct LeNetImpl : torch::nn::Module {
  explicit LeNetImpl(const Workload& workload)
      : sigmoid(workload.activation == Activation::kSigmoid) {
    const int64_t width = workload.width;
    const int64_t side = (workload.image_size / 2 - 4) / 2;
    conv1 = register_module(
        "conv1", torch::nn::Conv2d(
                     torch::nn::Conv2dOptions(1, 6 * width, 5).padding(2)));
    conv2 =
        register_module("conv2", torch::nn::Conv2d(6 * width, 16 * width, 5));
    linear1 = register_module(
        "linear1", torch::nn::Linear(16 * width * side * side, 120 * width));
    linear2 =
        register_module("linear2", torch::nn::Linear(120 * width, 84 * width));
    linear3 =
        register_module("linear3", torch::nn::Linear(84 * width, kClasses));
  }

  torch::Tensor Activate(const torch::Tensor& x) {
    return sigmoid ? torch::sigmoid(x) : torch::relu(x);
  }
  torch::Tensor Pool(const torch::Tensor& x) {
    return sigmoid ? torch::avg_pool2d(x, {2, 2})
                   : torch::max_pool2d(x, {2, 2});
  }
  torch::Tensor forward(torch::Tensor x) {
    x = Pool(Activate(conv1(x)));
    x = Pool(Activate(conv2(x)));
    x = Activate(linear1(x.flatten(1)));
    return linear3(Activate(linear2(x)));
  }

  const bool sigmoid;
  torch::nn::Conv2d conv1{nullptr};
  torch::nn::Conv2d conv2{nullptr};
  torch::nn::Linear linear1{nullptr};
  torch::nn::Linear linear2{nullptr};
  torch::nn::Linear linear3{nullptr};
};
TORCH_MODULE(LeNet);

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

// Lenslet's parameters in libtorch's layouts: [outputs, channels, height,
// width] and, for the first linear layer, [channels, height, width] inputs.
void CopyParameters(const Parameters& initial, bool channels_last,
                    LeNet& network) {
  torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> to = network->parameters();
  const int64_t maps = network->conv2->options.out_channels();
  for (int i = 0; i < initial.size(); ++i) {
    const View<const float> values = initial.view(i);
    const absl::Span<const int64_t> dims = values.shape().dims();
    torch::Tensor from =
        torch::from_blob(const_cast<float*>(values.data()),
                         std::vector<int64_t>(dims.begin(), dims.end()));
    if (i == 4) {
      const int64_t side = static_cast<int64_t>(
          std::lround(std::sqrt(static_cast<double>(dims[1] / maps))));
      from = from.view({dims[0], side, side, maps});
    }
    if (from.dim() == 4) from = from.permute({0, 3, 1, 2});
    to[i].copy_(from.reshape(to[i].sizes()));
    if (channels_last && to[i].dim() == 4) {
      to[i].set_data(to[i].contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }
}

class LibtorchPeer : public Peer {
 public:
  LibtorchPeer(const WorkerSettings& settings, const Parameters& initial)
      : workload_(settings.workload),
        channels_last_(absl::StartsWith(settings.variant, "channels_last")),
        network_(settings.workload) {
    CopyParameters(initial, channels_last_, network_);
  }

  absl::Status PrepareTraining(Dataset dataset) override {
    return Catch([&] {
      SetExamples(dataset);
      optimizer_ = std::make_unique<torch::optim::SGD>(
          network_->parameters(), workload_.learning_rate());
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
      const torch::Tensor loss = torch::cross_entropy_loss(network_(x), labels);
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
      for (int64_t start = 0; start < examples_->size();
           start += workload_.batch) {
        const int64_t end =
            std::min(start + workload_.batch, examples_->size());
        const torch::Tensor scores =
            network_(AsImages(images_.slice(0, start, end))).contiguous();
        loss_sum += LossSum(
            scores.data_ptr<float>(),
            absl::MakeConstSpan(examples_->labels).subspan(start, end - start));
      }
    }));
    return loss_sum / static_cast<double>(examples_->size());
  }

  absl::Status PrepareLatency() override { return absl::OkStatus(); }

  absl::Status InferOne(const float* image, float* scores) override {
    return Catch([&] {
      torch::InferenceMode no_gradients;
      const torch::Tensor x =
          torch::from_blob(const_cast<float*>(image),
                           {1, workload_.image_size * workload_.image_size});
      const torch::Tensor y = network_(AsImages(x));
      std::copy_n(y.data_ptr<float>(), kClasses, scores);
    });
  }

 private:
  // The tensor has the memory of examples_.
  void SetExamples(const Dataset& dataset) {
    examples_.emplace(dataset);
    images_ = torch::from_blob(examples_->images.data(),
                               {examples_->size(), examples_->pixels});
    labels_ = torch::from_blob(examples_->labels.data(), {examples_->size()},
                               torch::kInt)
                  .to(torch::kLong);
  }

  // [images, pixels] -> [images, 1, height, width]. With one channel, NCHW and
  // NHWC are the same numbers and differ in strides.
  torch::Tensor AsImages(const torch::Tensor& x) const {
    const int64_t side = workload_.image_size;
    return x.as_strided(
        {x.size(0), 1, side, side},
        {side * side, channels_last_ ? 1 : side * side, side, 1},
        x.storage_offset());
  }

  const Workload workload_;
  const bool channels_last_;
  LeNet network_;
  std::unique_ptr<torch::optim::SGD> optimizer_;
  std::optional<FloatExamples> examples_;
  torch::Tensor images_;
  torch::Tensor labels_;
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
  std::unique_ptr<Peer> peer;
  LENSLET_RETURN_IF_ERROR(Catch([&] {
    // Before other threads start, which then have the same mode.
    if (settings.variant != "stock" &&
        !absl::EndsWith(settings.variant, "-denormals")) {
      at::globalContext().setFlushDenormal(true);
    }
    torch::set_num_threads(settings.workload.threads);
    peer = std::make_unique<LibtorchPeer>(settings, initial);
  }));
  return peer;
}

}  // namespace
}  // namespace lenslet::peers

int main(int argc, char** argv) {
  return lenslet::peers::WorkerMain(argc, argv, lenslet::peers::MakePeer);
}
