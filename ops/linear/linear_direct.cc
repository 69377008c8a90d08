#include "lenslet/ops/linear/linear_direct.h"

#include <algorithm>
#include <array>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/direct/inference_kernel.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class LinearDirectKernel : public InferenceKernel {
 public:
  LinearDirectKernel(const LinearSpec& spec, int64_t rows, int64_t images,
                     std::optional<ActivationSpec> activation)
      : spec_(spec),
        rows_(rows),
        activation_(activation),
        tile_(ChooseChannelSumsTile(rows * images, spec.output_features)) {}

  absl::Status ParametersChanged() override {
    PackChannelWeights(tile_, spec_.output_features, spec_.input_features,
                       buffers().parameters[0], packed_weight_.data());
    if (spec_.has_bias) {
      std::copy_n(buffers().parameters[1], spec_.output_features,
                  packed_bias_.data());
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const std::array runs = {ChannelRun{.count = spec_.input_features}};
    ChannelSums sums = {.runs = runs,
                        .positions = images * rows_,
                        .channels = spec_.output_features,
                        .steps = spec_.input_features,
                        .x = buffers().inputs[0],
                        .x_stride = spec_.input_features,
                        .packed_w = packed_weight_.data(),
                        .packed_start = packed_bias_.data(),
                        .y = buffers().output,
                        .y_stride = spec_.output_features};
    // A rectifier costs nothing while the sums are still in registers.
    if (IsRelu(activation_)) sums.minimum = 0;
    ComputeChannelSums(sums, tile_);
    if (activation_ && !IsRelu(activation_)) {
      Activate(*activation_, images * rows_ * spec_.output_features,
               buffers().output, buffers().output);
    }
  }

 private:
  absl::Status Allocate() override {
    const int64_t outputs = PackedChannels(spec_.output_features);
    LENSLET_ASSIGN_OR_RETURN(const Shape weight,
                             Shape::Create({spec_.input_features, outputs}));
    LENSLET_ASSIGN_OR_RETURN(packed_weight_,
                             Tensor::Create(ElementType::kFloat32, weight));
    LENSLET_ASSIGN_OR_RETURN(packed_bias_,
                             Tensor::Create(ElementType::kFloat32, {outputs}));
    return absl::OkStatus();
  }

  const LinearSpec spec_;
  const int64_t rows_;
  const std::optional<ActivationSpec> activation_;
  const TileSize tile_;
  Tensor packed_weight_;
  Tensor packed_bias_;  // Zero if there is none.
};

}  // namespace

std::unique_ptr<Kernel> MakeLinearDirectKernel(
    const LinearSpec& spec, int64_t rows, int64_t images,
    std::optional<ActivationSpec> activation) {
  return std::make_unique<LinearDirectKernel>(spec, rows, images, activation);
}

}  // namespace lenslet
