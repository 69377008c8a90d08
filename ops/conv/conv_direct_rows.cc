#include <algorithm>
#include <cstdint>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/conv_pool.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/direct/interleave.h"
#include "lenslet/ops/direct/winograd_rows.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class ConvDirectRowsKernel : public InferenceKernel {
 public:
  ConvDirectRowsKernel(const ConvGeometry& geometry,
                       const EpilogueGeometry& epilogue)
      : g_(geometry),
        activation_(epilogue.activation),
        pool_(*Pool2x2Of(epilogue)),
        output_(epilogue.pool ? epilogue.pool->output : geometry.output),
        tiles_((g_.output[2] + kRowOutputs - 1) / kRowOutputs),
        point_rows_((g_.output[1] + 1) / 2 * 2 + kRowTaps - 1) {}

  absl::Status ParametersChanged() override {
    TransformRowFilter(g_.output_channels, ParameterData(0),
                       packed_filter_.data());
    if (g_.has_bias) {
      std::copy_n(ParameterData(1), g_.output_channels, packed_bias_.data());
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    WinogradRowSums sums = {.rows = g_.output[1],
                            .columns = g_.output[2],
                            .channels = g_.output_channels,
                            .points = points_.data(),
                            .tiles = tiles_,
                            .packed_w = packed_filter_.data(),
                            .packed_start = packed_bias_.data(),
                            .pool = pool_,
                            .y = OutputData()};
    if (IsRelu(activation_)) sums.minimum = 0;
    const float* x = InputData(0);
    const int64_t y_image = Volume(output_) * g_.output_channels;
    for (int64_t n = 0; n < images; ++n) {
      TransformImage(x);
      ComputeWinogradRowSums(sums);
      x += Volume(g_.input);
      sums.y += y_image;
    }
    ActivateUnlessRelu(activation_, images * y_image, OutputData());
  }

 private:
  absl::Status Allocate() override {
    const int64_t outputs = PackedChannels(g_.output_channels);
    LENSLET_ASSIGN_OR_RETURN(const Shape filter,
                             Shape::Create({kRowPoints, kRowTaps, outputs}));
    LENSLET_ASSIGN_OR_RETURN(packed_filter_,
                             Tensor::Create(ElementType::kFloat32, filter));
    LENSLET_ASSIGN_OR_RETURN(packed_bias_,
                             Tensor::Create(ElementType::kFloat32, {outputs}));
    LENSLET_ASSIGN_OR_RETURN(const Shape row,
                             Shape::Create({kRowOutputs * (tiles_ + 1)}));
    LENSLET_ASSIGN_OR_RETURN(row_, Tensor::Create(ElementType::kFloat32, row));
    LENSLET_ASSIGN_OR_RETURN(const Shape points,
                             Shape::Create({point_rows_, tiles_, kRowPoints}));
    LENSLET_ASSIGN_OR_RETURN(points_,
                             Tensor::Create(ElementType::kFloat32, points));
    return absl::OkStatus();
  }

  // Rows and columns of padding are zero from the start.
  void TransformImage(const float* x) {
    const Axes& before = g_.window.padding.before;
    const int64_t columns =
        std::min(g_.input[2], kRowOutputs * (tiles_ + 1) - before[2]);
    const int64_t rows = std::min(g_.input[1], point_rows_ - before[1]);
    for (int64_t h = 0; h < rows; ++h) {
      std::copy_n(x + h * g_.input[2], columns, row_.data() + before[2]);
      TransformRowInput(
          {.x = row_.data(),
           .tiles = tiles_,
           .points = points_.data() + (h + before[1]) * tiles_ * kRowPoints});
    }
  }

  const ConvGeometry g_;
  const std::optional<ActivationSpec> activation_;
  const Pool2x2 pool_;
  const Axes output_;
  const int64_t tiles_;  // Of a row.
  const int64_t point_rows_;
  Tensor packed_filter_;
  Tensor packed_bias_;  // Zero if there is none.
  Tensor row_;          // A padded row of the input.
  Tensor points_;       // [point_rows_, tiles_, kRowPoints]
};

}  // namespace

bool PrefersWinogradRows(const ConvGeometry& geometry) {
  const Window& w = geometry.window;
  return geometry.input_channels == 1 && geometry.groups == 1 &&
         geometry.output_channels > kMaxInterleavedChannels &&
         geometry.output[0] == 1 && geometry.output[2] >= 2 * kRowOutputs &&
         w.kernel == Axes{1, kRowTaps, kRowTaps} && w.stride[1] == 1 &&
         w.stride[2] == 1 && w.dilation[1] == 1 && w.dilation[2] == 1;
}

std::unique_ptr<Kernel> MakeConvDirectRowsKernel(
    const ConvGeometry& geometry, const EpilogueGeometry& epilogue) {
  return std::make_unique<ConvDirectRowsKernel>(geometry, epilogue);
}

}  // namespace lenslet
