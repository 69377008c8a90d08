#include "ops/linear/linear_lanes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/status_macros.h"
#include "ops/activation/activation_functions.h"
#include "ops/lanes/activated_sums.h"
#include "ops/lanes/product_sums.h"
#include "ops/lanes/weighted_sums.h"
#include "tensor/lanes.h"
#include "tensor/tensor.h"
#include "tensor/transpose.h"

namespace lenslet {
namespace {

class LinearLanesKernel : public Kernel {
 public:
  LinearLanesKernel(const LinearSpec& spec, int64_t rows, int64_t images,
                    std::optional<ActivationKind> activation)
      : inputs_(spec.input_features),
        inputs_stride_(LaneGroups(inputs_) * kLanes),
        outputs_(spec.output_features),
        has_bias_(spec.has_bias),
        rows_(rows),
        activation_(activation),
        block_positions_(LaneGroups(images) * rows),
        forward_tile_(ChooseWeightedSumsTile(outputs_, block_positions_)),
        input_gradient_tile_(ChooseWeightedSumsTile(inputs_, block_positions_)),
        weight_gradient_tile_(
            ChooseWeightedSumsTile(outputs_, inputs_ / kLanes)),
        last_columns_tile_(ChooseWeightedSumsTile(outputs_, 1)) {}

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    LENSLET_ASSIGN_OR_RETURN(transposed_weight_, MakeMatrix(inputs_, outputs_));
    if (this->buffers().output_gradient == nullptr) return absl::OkStatus();
    LENSLET_ASSIGN_OR_RETURN(x_images_, MakeMatrix(kLanes, inputs_stride_));
    LENSLET_ASSIGN_OR_RETURN(last_columns_, MakeMatrix(outputs_, kLanes));
    LENSLET_ASSIGN_OR_RETURN(dz_images_, MakeMatrix(kLanes, outputs_));
    LENSLET_ASSIGN_OR_RETURN(bias_sums_, MakeMatrix(outputs_, kLanes));
    if (activation_) {
      LENSLET_ASSIGN_OR_RETURN(dz_,
                               MakeMatrix(block_positions_ * outputs_, kLanes));
    }
    return absl::OkStatus();
  }

  absl::Status ParametersChanged() override {
    Transpose(outputs_, inputs_, buffers().parameters[0], inputs_,
              transposed_weight_.data(), outputs_);
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const std::array runs = {WeightedRun{.steps = inputs_}};
    const WeightedSums sums = {
        .runs = runs,
        .positions = LaneGroups(images) * rows_,
        .outputs = outputs_,
        .x = buffers().inputs[0],
        .x_stride = inputs_ * kLanes,
        .w = transposed_weight_.data(),
        .w_stride = outputs_,
        .start = has_bias_ ? buffers().parameters[1] : nullptr,
        .y = buffers().output,
        .y_stride = outputs_ * kLanes};
    ComputeActivatedSums(sums, forward_tile_, activation_);
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    const int64_t positions = LaneGroups(images) * rows_;
    const float* dz = buffers().output_gradient;
    if (activation_) {
      ActivationGradient(*activation_, positions * outputs_ * kLanes,
                         buffers().output, dz, dz_.data());
      dz = dz_.data();
    }
    for (int64_t position = 0; position < positions; ++position) {
      AddWeightGradient(buffers().inputs[0] + position * inputs_ * kLanes,
                        dz + position * outputs_ * kLanes,
                        parameter_gradients[0]);
    }
    if (has_bias_) {
      std::fill(bias_sums_.span().begin(), bias_sums_.span().end(), 0.0f);
      AddVectorSums(positions, outputs_, dz, bias_sums_.data());
      AddLaneSums(outputs_, bias_sums_.data(), parameter_gradients[1]);
    }
    if (buffers().input_gradients[0] != nullptr) {
      WriteInputGradient(positions, dz);
    }
  }

 private:
  static absl::StatusOr<Tensor> MakeMatrix(int64_t rows, int64_t columns) {
    LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({rows, columns}));
    return Tensor::Create(ElementType::kFloat32, shape);
  }

  // Of one row of a group's images.
  void AddWeightGradient(const float* x, const float* dz, float* dw) {
    Transpose(inputs_, kLanes, x, kLanes, x_images_.data(), inputs_stride_);
    Transpose(outputs_, kLanes, dz, kLanes, dz_images_.data(), outputs_);
    const std::array runs = {WeightedRun{.steps = kLanes}};
    WeightedSums sums = {.runs = runs,
                         .positions = inputs_ / kLanes,
                         .outputs = outputs_,
                         .x = x_images_.data(),
                         .x_stride = kLanes,
                         .x_step = inputs_stride_,
                         .w = dz_images_.data(),
                         .w_stride = outputs_,
                         .start_with_y = true,
                         .y = dw,
                         .y_stride = kLanes,
                         .y_output = inputs_};
    if (sums.positions > 0) ComputeWeightedSums(sums, weight_gradient_tile_);
    const int64_t done = inputs_ / kLanes * kLanes;
    if (done == inputs_) return;
    // The vectors' last floats would be others' gradients.
    sums.positions = 1;
    sums.x += done;
    sums.start_with_y = false;
    sums.y = last_columns_.data();
    sums.y_output = kLanes;
    ComputeWeightedSums(sums, last_columns_tile_);
    for (int64_t o = 0; o < outputs_; ++o) {
      for (int64_t i = done; i < inputs_; ++i) {
        dw[o * inputs_ + i] += last_columns_.data()[o * kLanes + i - done];
      }
    }
  }

  void WriteInputGradient(int64_t positions, const float* dz) {
    const std::array runs = {WeightedRun{.steps = outputs_}};
    ComputeWeightedSums({.runs = runs,
                         .positions = positions,
                         .outputs = inputs_,
                         .x = dz,
                         .x_stride = outputs_ * kLanes,
                         .w = buffers().parameters[0],
                         .w_stride = inputs_,
                         .y = buffers().input_gradients[0],
                         .y_stride = inputs_ * kLanes},
                        input_gradient_tile_);
  }

  const int64_t inputs_;
  const int64_t inputs_stride_;  // Of x_images_, whole vectors.
  const int64_t outputs_;
  const bool has_bias_;
  const int64_t rows_;
  const std::optional<ActivationKind> activation_;
  const int64_t block_positions_;
  const TileSize forward_tile_;
  const TileSize input_gradient_tile_;
  const TileSize weight_gradient_tile_;
  const TileSize last_columns_tile_;
  Tensor transposed_weight_;
  // The gradient before the activation.
  Tensor dz_;
  Tensor bias_sums_;
  // One image after the other.
  Tensor x_images_;
  Tensor dz_images_;
  // Sums for the inputs that do not fill a vector.
  Tensor last_columns_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLinearLanesKernel(
    const LinearSpec& spec, int64_t rows, int64_t images,
    std::optional<ActivationKind> activation) {
  return std::make_unique<LinearLanesKernel>(spec, rows, images, activation);
}

}  // namespace lenslet
