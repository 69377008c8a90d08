#include "lenslet/ops/conv/conv_filter_gradient.h"

#include <cstring>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/transposed_product.h"

namespace lenslet {

absl::StatusOr<ConvFilterGradient> ConvFilterGradient::Create(
    const ConvGeometry& geometry) {
  Axes size = geometry.input;
  for (int axis = 0; axis < 3; ++axis) {
    size[axis] += geometry.window.padding.before[axis] +
                  geometry.window.padding.after[axis];
  }
  LENSLET_ASSIGN_OR_RETURN(
      const Shape shape,
      Shape::Create({size[0], size[1], size[2], geometry.input_channels}));
  LENSLET_ASSIGN_OR_RETURN(Tensor frame,
                           Tensor::Create(ElementType::kFloat32, shape));
  return ConvFilterGradient(geometry, size, std::move(frame));
}

void ConvFilterGradient::CopyIntoFrame(const float* image) {
  const Axes& before = g_.window.padding.before;
  const int64_t row = g_.input[2] * g_.input_channels;
  for (int64_t d = 0; d < g_.input[0]; ++d) {
    for (int64_t h = 0; h < g_.input[1]; ++h) {
      const int64_t position =
          ((d + before[0]) * frame_size_[1] + h + before[1]) * frame_size_[2] +
          before[2];
      std::memcpy(frame_.data() + position * g_.input_channels, image,
                  row * sizeof(float));
      image += row;
    }
  }
}

void ConvFilterGradient::Add(int64_t images, const float* x, const float* dy,
                             float* dw) {
  const Axes& kernel = g_.window.kernel;
  const Axes& stride = g_.window.stride;
  const Axes& dilation = g_.window.dilation;
  const int64_t channels = g_.input_channels;
  const int64_t group_inputs = channels / g_.groups;
  const int64_t group_outputs = g_.output_channels / g_.groups;
  const int64_t taps_together =
      dilation[2] == 1 && g_.groups == 1 ? kernel[2] : 1;
  const int64_t filter = Volume(kernel) * group_inputs;
  const int64_t output_row = g_.output[2] * g_.output_channels;
  const TileSize tile =
      ChooseTransposedProductTile(group_outputs, taps_together * group_inputs);
  for (int64_t n = 0; n < images; ++n) {
    CopyIntoFrame(x);
    for (int64_t od = 0; od < g_.output[0]; ++od) {
      for (int64_t kd = 0; kd < kernel[0]; ++kd) {
        for (int64_t kh = 0; kh < kernel[1]; ++kh) {
          for (int64_t kw = 0; kw < kernel[2]; kw += taps_together) {
            const int64_t d = od * stride[0] + kd * dilation[0];
            const int64_t position =
                (d * frame_size_[1] + kh * dilation[1]) * frame_size_[2] +
                kw * dilation[2];
            const int64_t tap = (kd * kernel[1] + kh) * kernel[2] + kw;
            for (int64_t group = 0; group < g_.groups; ++group) {
              AddTransposedProduct(
                  {.groups = g_.output[1],
                   .rows = g_.output[2],
                   .m = group_outputs,
                   .n = taps_together * group_inputs,
                   .a = {.data = dy + od * g_.output[1] * output_row +
                                 group * group_outputs,
                         .group_stride = output_row,
                         .row_stride = g_.output_channels},
                   .b = {.data = frame_.data() + position * channels +
                                 group * group_inputs,
                         .group_stride = stride[1] * frame_size_[2] * channels,
                         .row_stride = stride[2] * channels},
                   .c =
                       dw + group * group_outputs * filter + tap * group_inputs,
                   .c_stride = filter},
                  tile);
            }
          }
        }
      }
    }
    x += Volume(g_.input) * channels;
    dy += g_.output[0] * g_.output[1] * output_row;
  }
}

}  // namespace lenslet
