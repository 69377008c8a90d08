#include <algorithm>
#include <array>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activated_sums.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/lanes/packed_weights.h"
#include "lenslet/ops/lanes/product_sums.h"
#include "lenslet/ops/lanes/weighted_sums.h"
#include "lenslet/ops/linear/kernels.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/transpose.h"

namespace lenslet {
namespace {

class LinearLanesKernel : public Kernel {
 public:
  LinearLanesKernel(const LinearSpec& spec, int64_t rows, int64_t images,
                    std::optional<ActivationSpec> activation)
      : inputs_(spec.input_features),
        outputs_(spec.output_features),
        has_bias_(spec.has_bias),
        rows_(rows),
        activation_(activation),
        block_positions_(LaneGroups(images) * rows),
        forward_tile_(ChooseWeightedSumsTile(outputs_, block_positions_)),
        input_gradient_tile_(ChooseWeightedSumsTile(inputs_, block_positions_)),
        product_(outputs_, inputs_, rows * kLanes) {}

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    LENSLET_ASSIGN_OR_RETURN(
        forward_weights_,
        PackedWeights::Create(outputs_, inputs_, forward_tile_));
    if (this->buffers().output_gradient == nullptr) return absl::OkStatus();
    if (WantsInputGradient()) {
      LENSLET_ASSIGN_OR_RETURN(
          input_gradient_weights_,
          PackedWeights::Create(inputs_, outputs_, input_gradient_tile_));
    }
    const int64_t rows = block_positions_ * kLanes;
    LENSLET_ASSIGN_OR_RETURN(dz_rows_, MakeMatrix(rows, product_.a_stride()));
    LENSLET_ASSIGN_OR_RETURN(x_rows_, MakeMatrix(rows, product_.b_stride()));
    own_rows_ = {.a = dz_rows_.data(), .b = x_rows_.data()};
    product_rows_ = own_rows_;
    LENSLET_ASSIGN_OR_RETURN(bias_sums_, MakeMatrix(outputs_, kLanes));
    if (activation_) {
      LENSLET_ASSIGN_OR_RETURN(dz_,
                               MakeMatrix(block_positions_ * outputs_, kLanes));
    }
    return absl::OkStatus();
  }

  absl::Status ParametersChanged() override {
    const float* weight = ParameterData(0);
    forward_weights_.Pack(0, inputs_, weight, inputs_, 1);
    if (WantsInputGradient()) {
      input_gradient_weights_.Pack(0, outputs_, weight, 1, inputs_);
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    const std::array runs = {WeightedRun{.steps = inputs_}};
    WeightedSums sums = {.runs = runs,
                         .positions = LaneGroups(images) * rows_,
                         .outputs = outputs_,
                         .x = InputData(0),
                         .x_stride = inputs_ * kLanes,
                         .start = has_bias_ ? ParameterData(1) : nullptr,
                         .y = OutputData(),
                         .y_stride = outputs_ * kLanes};
    forward_weights_.SetWeightsOf(sums);
    ComputeActivatedSums(sums, forward_tile_, activation_);
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    const int64_t positions = LaneGroups(images) * rows_;
    const float* dz = buffers().output_gradient;
    if (activation_) {
      ActivationGradient(*activation_, positions * outputs_ * kLanes,
                         OutputData(), dz, dz_.data());
      dz = dz_.data();
    }
    if (product_rows_.a != own_rows_.a) {
      WriteRows(positions, dz);
    } else if (parameter_gradients[0] != nullptr) {
      WriteRows(positions, dz);
      product_.Compute(positions * kLanes, product_rows_.a, product_rows_.b, 0,
                       outputs_, /*add=*/true, parameter_gradients[0]);
    }
    product_rows_ = own_rows_;
    if (has_bias_ && parameter_gradients[1] != nullptr) {
      std::fill(bias_sums_.span().begin(), bias_sums_.span().end(), 0.0f);
      AddVectorSums(positions, outputs_, dz, bias_sums_.data());
      AddLaneSums(outputs_, bias_sums_.data(), parameter_gradients[1]);
    }
    if (WantsInputGradient()) {
      WriteInputGradient(positions, dz);
    }
  }

  const GradientProduct* gradient_product() const override { return &product_; }

  void WriteProductRows(float* a, float* b) override {
    product_rows_ = {.a = a, .b = b};
  }

 private:
  bool WantsInputGradient() const {
    return buffers().output_gradient != nullptr &&
           buffers().input_gradients[0] != nullptr;
  }

  static absl::StatusOr<Tensor> MakeMatrix(int64_t rows, int64_t columns) {
    LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({rows, columns}));
    return Tensor::Create(ElementType::kFloat32, shape);
  }

  // One image after the other, out of the lanes.
  void WriteRows(int64_t positions, const float* dz) {
    for (int64_t position = 0; position < positions; ++position) {
      const int64_t row = position * kLanes;
      Transpose(outputs_, kLanes, dz + row * outputs_, kLanes,
                product_rows_.a + row * product_.a_stride(),
                product_.a_stride());
      Transpose(inputs_, kLanes, InputData(0) + row * inputs_, kLanes,
                product_rows_.b + row * product_.b_stride(),
                product_.b_stride());
    }
  }

  void WriteInputGradient(int64_t positions, const float* dz) {
    const std::array runs = {WeightedRun{.steps = outputs_}};
    WeightedSums sums = {.runs = runs,
                         .positions = positions,
                         .outputs = inputs_,
                         .x = dz,
                         .x_stride = outputs_ * kLanes,
                         .y = buffers().input_gradients[0],
                         .y_stride = inputs_ * kLanes};
    input_gradient_weights_.SetWeightsOf(sums);
    ComputeWeightedSums(sums, input_gradient_tile_);
  }

  const int64_t inputs_;
  const int64_t outputs_;
  const bool has_bias_;
  const int64_t rows_;
  const std::optional<ActivationSpec> activation_;
  const int64_t block_positions_;
  const TileSize forward_tile_;
  const TileSize input_gradient_tile_;
  const GradientProduct product_;
  PackedWeights forward_weights_;
  PackedWeights input_gradient_weights_;
  // The gradient before the activation.
  Tensor dz_;
  Tensor bias_sums_;
  struct ProductRows {
    float* a = nullptr;
    float* b = nullptr;
  };
  // Where the next Backward() writes: to its own, or to its caller's.
  ProductRows product_rows_;
  ProductRows own_rows_;
  Tensor dz_rows_;
  Tensor x_rows_;
};

}  // namespace

std::unique_ptr<Kernel> MakeLinearLanesKernel(
    const LinearSpec& spec, int64_t rows, int64_t images,
    std::optional<ActivationSpec> activation) {
  return std::make_unique<LinearLanesKernel>(spec, rows, images, activation);
}

}  // namespace lenslet
