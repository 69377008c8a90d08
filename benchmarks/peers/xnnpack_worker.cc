// XNNPACK's worker of the peers benchmark, inference only: its operators,
// created once for each size of a batch, in NHWC. Relu is part of the
// convolutions and linear layers, as XNNPACK has it. Has no variants.

#include <pthreadpool.h>
#include <xnnpack.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/benchmarks/peers/examples.h"
#include "lenslet/benchmarks/peers/loss.h"
#include "lenslet/benchmarks/peers/network.h"
#include "lenslet/benchmarks/peers/worker.h"
#include "lenslet/data/dataset.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet::peers {
namespace {

absl::Status Check(xnn_status status) {
  if (status == xnn_status_success) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("XNNPACK: status ", static_cast<int>(status)));
}

struct DeleteOperator {
  void operator()(xnn_operator_t op) const { xnn_delete_operator(op); }
};
using Operator = std::unique_ptr<xnn_operator, DeleteOperator>;

// The network for batches of one size.
class XnnpackNetwork {
 public:
  // `threads` may be null: the caller's thread. It must outlive this.
  XnnpackNetwork(const Workload& workload, int64_t batch, pthreadpool_t threads)
      : workload_(workload), batch_(batch), threads_(threads) {}

  absl::Status Create(const Parameters& parameters) {
    const size_t width = workload_.width;
    Value x = {nullptr, static_cast<size_t>(workload_.image_size), 1};
    LENSLET_ASSIGN_OR_RETURN(x, Convolution(x, 6 * width, 2, parameters, 0));
    LENSLET_RETURN_IF_ERROR(Activate(x));
    LENSLET_ASSIGN_OR_RETURN(x, Pool(x));
    LENSLET_ASSIGN_OR_RETURN(x, Convolution(x, 16 * width, 0, parameters, 2));
    LENSLET_RETURN_IF_ERROR(Activate(x));
    LENSLET_ASSIGN_OR_RETURN(x, Pool(x));
    x = {x.data, 1, x.side * x.side * x.channels};
    LENSLET_ASSIGN_OR_RETURN(x, Linear(x, 120 * width, true, parameters, 4));
    LENSLET_RETURN_IF_ERROR(Activate(x));
    LENSLET_ASSIGN_OR_RETURN(x, Linear(x, 84 * width, true, parameters, 6));
    LENSLET_RETURN_IF_ERROR(Activate(x));
    LENSLET_ASSIGN_OR_RETURN(x, Linear(x, kClasses, false, parameters, 8));
    scores_ = x.data;
    return absl::OkStatus();
  }

  // Must be called before Run(): the images [batch, height, width], which must
  // outlive it.
  absl::Status SetInput(const float* images) {
    return Check(xnn_setup_convolution2d_nhwc_f32(
        operators_[0].get(), batch_, workload_.image_size, workload_.image_size,
        images, activations_[0].data(), threads_));
  }
  // [batch, kClasses]
  const float* scores() const { return scores_; }

  absl::Status Run() {
    for (const Operator& op : operators_) {
      LENSLET_RETURN_IF_ERROR(Check(xnn_run_operator(op.get(), threads_)));
    }
    return absl::OkStatus();
  }

 private:
  // [batch, side, side, channels]
  struct Value {
    float* data;  // Null for the network's input.
    size_t side;
    size_t channels;
  };

  bool sigmoid() const { return workload_.activation == Activation::kSigmoid; }
  float OutputMin(bool activation) const {
    return activation && !sigmoid() ? 0.0f
                                    : -std::numeric_limits<float>::infinity();
  }

  absl::StatusOr<Value> MakeValue(size_t side, size_t channels) {
    LENSLET_ASSIGN_OR_RETURN(Tensor memory,
                             Tensor::Create(ElementType::kFloat32,
                                            {batch_, static_cast<int64_t>(side),
                                             static_cast<int64_t>(side),
                                             static_cast<int64_t>(channels)}));
    activations_.push_back(std::move(memory));
    return Value{activations_.back().data(), side, channels};
  }

  absl::StatusOr<Value> Convolution(const Value& x, size_t outputs,
                                    uint32_t padding,
                                    const Parameters& parameters, int index) {
    LENSLET_ASSIGN_OR_RETURN(const Value y,
                             MakeValue(x.side + 2 * padding - 4, outputs));
    xnn_operator_t op = nullptr;
    LENSLET_RETURN_IF_ERROR(Check(xnn_create_convolution2d_nhwc_f32(
        padding, padding, padding, padding, 5, 5, 1, 1, 1, 1, /*groups=*/1,
        x.channels, outputs, x.channels, outputs, parameters.view(index).data(),
        parameters.view(index + 1).data(), OutputMin(true),
        std::numeric_limits<float>::infinity(), /*flags=*/0, &op)));
    operators_.emplace_back(op);
    if (x.data != nullptr) {
      LENSLET_RETURN_IF_ERROR(Check(xnn_setup_convolution2d_nhwc_f32(
          op, batch_, x.side, x.side, x.data, y.data, threads_)));
    }
    return y;
  }

  // In place.
  absl::Status Activate(const Value& x) {
    if (!sigmoid()) return absl::OkStatus();
    xnn_operator_t op = nullptr;
    LENSLET_RETURN_IF_ERROR(Check(xnn_create_sigmoid_nc_f32(
        x.channels, x.channels, x.channels, /*flags=*/0, &op)));
    operators_.emplace_back(op);
    return Check(xnn_setup_sigmoid_nc_f32(op, batch_ * x.side * x.side, x.data,
                                          x.data, threads_));
  }

  absl::StatusOr<Value> Pool(const Value& x) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    LENSLET_ASSIGN_OR_RETURN(const Value y, MakeValue(x.side / 2, x.channels));
    xnn_operator_t op = nullptr;
    if (sigmoid()) {
      LENSLET_RETURN_IF_ERROR(Check(xnn_create_average_pooling2d_nhwc_f32(
          0, 0, 0, 0, 2, 2, 2, 2, x.channels, x.channels, x.channels,
          -kInfinity, kInfinity, /*flags=*/0, &op)));
      operators_.emplace_back(op);
      LENSLET_RETURN_IF_ERROR(Check(xnn_setup_average_pooling2d_nhwc_f32(
          op, batch_, x.side, x.side, x.data, y.data, threads_)));
    } else {
      LENSLET_RETURN_IF_ERROR(Check(xnn_create_max_pooling2d_nhwc_f32(
          0, 0, 0, 0, 2, 2, 2, 2, 1, 1, x.channels, x.channels, x.channels,
          -kInfinity, kInfinity, /*flags=*/0, &op)));
      operators_.emplace_back(op);
      LENSLET_RETURN_IF_ERROR(Check(xnn_setup_max_pooling2d_nhwc_f32(
          op, batch_, x.side, x.side, x.data, y.data, threads_)));
    }
    return y;
  }

  absl::StatusOr<Value> Linear(const Value& x, size_t outputs, bool activation,
                               const Parameters& parameters, int index) {
    LENSLET_ASSIGN_OR_RETURN(const Value y, MakeValue(1, outputs));
    xnn_operator_t op = nullptr;
    LENSLET_RETURN_IF_ERROR(Check(xnn_create_fully_connected_nc_f32(
        x.channels, outputs, x.channels, outputs, parameters.view(index).data(),
        parameters.view(index + 1).data(), OutputMin(activation),
        std::numeric_limits<float>::infinity(), /*flags=*/0, &op)));
    operators_.emplace_back(op);
    LENSLET_RETURN_IF_ERROR(Check(xnn_setup_fully_connected_nc_f32(
        op, batch_, x.data, y.data, threads_)));
    return y;
  }

  const Workload workload_;
  const int64_t batch_;
  const pthreadpool_t threads_;
  std::vector<Tensor> activations_;
  std::vector<Operator> operators_;
  const float* scores_ = nullptr;
};

struct DestroyThreads {
  void operator()(pthreadpool_t threads) const { pthreadpool_destroy(threads); }
};
using Threads = std::unique_ptr<pthreadpool, DestroyThreads>;

class XnnpackPeer : public Peer {
 public:
  XnnpackPeer(const Workload& workload, Parameters parameters, Threads threads)
      : workload_(workload),
        parameters_(std::move(parameters)),
        threads_(std::move(threads)) {}

  absl::Status PrepareInference(Dataset dataset) override {
    examples_.emplace(dataset);
    return absl::OkStatus();
  }

  absl::StatusOr<double> Infer() override {
    double loss_sum = 0;
    for (int64_t start = 0; start < examples_->size();
         start += workload_.batch) {
      const int64_t size = std::min(workload_.batch, examples_->size() - start);
      LENSLET_ASSIGN_OR_RETURN(XnnpackNetwork* const network, NetworkFor(size));
      LENSLET_RETURN_IF_ERROR(network->SetInput(examples_->image(start)));
      LENSLET_RETURN_IF_ERROR(network->Run());
      loss_sum +=
          LossSum(network->scores(),
                  absl::MakeConstSpan(examples_->labels).subspan(start, size));
    }
    return loss_sum / static_cast<double>(examples_->size());
  }

  absl::Status PrepareLatency() override { return NetworkFor(1).status(); }

  absl::Status InferOne(const float* image, float* scores) override {
    LENSLET_ASSIGN_OR_RETURN(XnnpackNetwork* const network, NetworkFor(1));
    LENSLET_RETURN_IF_ERROR(network->SetInput(image));
    LENSLET_RETURN_IF_ERROR(network->Run());
    std::copy_n(network->scores(), kClasses, scores);
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<XnnpackNetwork*> NetworkFor(int64_t batch) {
    std::unique_ptr<XnnpackNetwork>& network = networks_[batch];
    if (network == nullptr) {
      auto created =
          std::make_unique<XnnpackNetwork>(workload_, batch, threads_.get());
      LENSLET_RETURN_IF_ERROR(created->Create(parameters_));
      network = std::move(created);
    }
    return network.get();
  }

  const Workload workload_;
  const Parameters parameters_;
  const Threads threads_;
  std::map<int64_t, std::unique_ptr<XnnpackNetwork>> networks_;
  std::optional<FloatExamples> examples_;
};

absl::StatusOr<std::unique_ptr<Peer>> MakePeer(const WorkerSettings& settings) {
  const Workload& workload = settings.workload;
  LENSLET_ASSIGN_OR_RETURN(const Graph graph, BuildNetwork(workload));
  LENSLET_ASSIGN_OR_RETURN(Parameters parameters,
                           InitialParameters(graph, workload.seed));
  LENSLET_RETURN_IF_ERROR(Check(xnn_initialize(/*allocator=*/nullptr)));
  Threads threads(workload.threads == 1 ? nullptr
                                        : pthreadpool_create(workload.threads));
  return std::make_unique<XnnpackPeer>(workload, std::move(parameters),
                                       std::move(threads));
}

}  // namespace
}  // namespace lenslet::peers

int main(int argc, char** argv) {
  const lenslet::FlushDenormals flush;
  return lenslet::peers::WorkerMain(argc, argv, lenslet::peers::MakePeer);
}
