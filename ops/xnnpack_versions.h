// XNNPACK of 2022, which Debian 12 has, and of 2024, which later Debians have,
// through one set of functions. Only xnnpack.h includes this.
//
// Setting up an operator is what 2022's xnn_setup_... does: it stores the sizes
// of inputs and the arrays that RunXnn() reads and writes. In 2024 that is two
// functions, which want the number of channels as well, and some operators
// compute in memory of their caller's. The functions SetUpXnn...() fit both.
// What else differs are names and arguments: for 2024, this header defines
// 2022's functions, in this namespace, by what took their place.
//
// Arguments and results are XNNPACK's.

#ifndef LENSLET_OPS_XNNPACK_VERSIONS_H_
#define LENSLET_OPS_XNNPACK_VERSIONS_H_

#include <xnnpack.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace lenslet {

struct DeleteXnnOperator {
  void operator()(xnn_operator* op) const { xnn_delete_operator(op); }

  // What the operator computes in, of 2024's.
  std::vector<std::byte> workspace;
};
using XnnOperator = std::unique_ptr<xnn_operator, DeleteXnnOperator>;

// The macro is new in 2024.
#ifdef XNN_FLAG_KEEP_DIMS

inline void* XnnWorkspace(XnnOperator& op, size_t size, size_t alignment) {
  if (size == 0) return nullptr;
  alignment = std::max<size_t>(alignment, 1);
  std::vector<std::byte>& workspace = op.get_deleter().workspace;
  workspace.resize(std::max(workspace.size(), size + alignment));
  void* start = workspace.data();
  size_t space = workspace.size();
  return std::align(alignment, size, start, space);
}

inline xnn_status xnn_create_convolution2d_nhwc_f32(
    uint32_t top, uint32_t right, uint32_t bottom, uint32_t left,
    uint32_t kernel_height, uint32_t kernel_width, uint32_t stride_height,
    uint32_t stride_width, uint32_t dilation_height, uint32_t dilation_width,
    uint32_t groups, size_t group_inputs, size_t group_outputs,
    size_t input_stride, size_t output_stride, const float* kernel,
    const float* bias, float min, float max, uint32_t flags,
    xnn_operator_t* op) {
  return ::xnn_create_convolution2d_nhwc_f32(
      top, right, bottom, left, kernel_height, kernel_width, stride_height,
      stride_width, dilation_height, dilation_width, groups, group_inputs,
      group_outputs, input_stride, output_stride, kernel, bias, min, max, flags,
      /*code_cache=*/nullptr, /*weights_cache=*/nullptr, op);
}

inline xnn_status xnn_create_deconvolution2d_nhwc_f32(
    uint32_t top, uint32_t right, uint32_t bottom, uint32_t left,
    uint32_t kernel_height, uint32_t kernel_width, uint32_t stride_height,
    uint32_t stride_width, uint32_t dilation_height, uint32_t dilation_width,
    uint32_t groups, size_t group_inputs, size_t group_outputs,
    size_t input_stride, size_t output_stride, const float* kernel,
    const float* bias, float min, float max, uint32_t flags,
    xnn_operator_t* op) {
  return ::xnn_create_deconvolution2d_nhwc_f32(
      top, right, bottom, left, kernel_height, kernel_width, stride_height,
      stride_width, dilation_height, dilation_width, groups, group_inputs,
      group_outputs, input_stride, output_stride, kernel, bias, min, max, flags,
      /*code_cache=*/nullptr, /*weights_cache=*/nullptr, op);
}

inline xnn_status xnn_create_fully_connected_nc_f32(
    size_t inputs, size_t outputs, size_t input_stride, size_t output_stride,
    const float* kernel, const float* bias, float min, float max,
    uint32_t flags, xnn_operator_t* op) {
  return ::xnn_create_fully_connected_nc_f32(
      inputs, outputs, input_stride, output_stride, kernel, bias, min, max,
      flags, /*code_cache=*/nullptr, /*weights_cache=*/nullptr, op);
}

inline xnn_status xnn_create_softmax_nc_f32(size_t, size_t, size_t,
                                            uint32_t flags,
                                            xnn_operator_t* op) {
  return ::xnn_create_softmax_nc_f32(flags, op);
}

inline xnn_status xnn_create_max_pooling2d_nhwc_f32(
    uint32_t top, uint32_t right, uint32_t bottom, uint32_t left,
    uint32_t height, uint32_t width, uint32_t stride_height,
    uint32_t stride_width, uint32_t dilation_height, uint32_t dilation_width,
    size_t, size_t, size_t, float min, float max, uint32_t flags,
    xnn_operator_t* op) {
  return ::xnn_create_max_pooling2d_nhwc_f32(
      top, right, bottom, left, height, width, stride_height, stride_width,
      dilation_height, dilation_width, min, max, flags, op);
}

inline xnn_status xnn_create_average_pooling2d_nhwc_f32(
    uint32_t top, uint32_t right, uint32_t bottom, uint32_t left,
    uint32_t height, uint32_t width, uint32_t stride_height,
    uint32_t stride_width, size_t, size_t, size_t, float min, float max,
    uint32_t flags, xnn_operator_t* op) {
  return ::xnn_create_average_pooling2d_nhwc_f32(
      top, right, bottom, left, height, width, stride_height, stride_width, min,
      max, flags, op);
}

// An average of one pixel. Of more, SetUpXnnGlobalAveragePool() makes another
// operator: only then is their number known. Debian's 2024 library calls a null
// pointer for its own mean, xnn_create_reduce_nd(). Without bounds.
inline xnn_status xnn_create_global_average_pooling_nwc_f32(
    size_t, size_t, size_t, float, float, uint32_t flags, xnn_operator_t* op) {
  return xnn_create_copy_nc_x32(flags, op);
}

inline xnn_status CreateXnnUnary(xnn_unary_operator kind,
                                 const xnn_unary_params& params, uint32_t flags,
                                 xnn_operator_t* op) {
  return xnn_create_unary_elementwise_nc(
      kind, xnn_datatype_fp32, xnn_datatype_fp32, &params,
      /*input_quantization=*/nullptr,
      /*output_quantization=*/nullptr, flags, op);
}

inline xnn_status xnn_create_clamp_nc_f32(size_t, size_t, size_t, float min,
                                          float max, uint32_t flags,
                                          xnn_operator_t* op) {
  xnn_unary_params params = {};
  params.clamp.min = min;
  params.clamp.max = max;
  return CreateXnnUnary(xnn_unary_clamp, params, flags, op);
}

inline xnn_status xnn_create_hardswish_nc_f32(size_t, size_t, size_t,
                                              uint32_t flags,
                                              xnn_operator_t* op) {
  return CreateXnnUnary(xnn_unary_hardswish, {}, flags, op);
}

inline xnn_status xnn_create_leaky_relu_nc_f32(size_t, size_t, size_t,
                                               float slope, uint32_t flags,
                                               xnn_operator_t* op) {
  xnn_unary_params params = {};
  params.leaky_relu.negative_slope = slope;
  return CreateXnnUnary(xnn_unary_leaky_relu, params, flags, op);
}

inline xnn_status xnn_create_elu_nc_f32(size_t, size_t, size_t, float alpha,
                                        uint32_t flags, xnn_operator_t* op) {
  // As in 2022.
  if (!std::isnormal(alpha)) return xnn_status_invalid_parameter;
  xnn_unary_params params = {};
  params.elu.alpha = alpha;
  return CreateXnnUnary(xnn_unary_elu, params, flags, op);
}

inline xnn_status xnn_create_sigmoid_nc_f32(size_t, size_t, size_t,
                                            uint32_t flags,
                                            xnn_operator_t* op) {
  return CreateXnnUnary(xnn_unary_sigmoid, {}, flags, op);
}

// Operators on numbers: `size` of them, each a separate channel.
inline xnn_status xnn_setup_sigmoid_nc_f32(xnn_operator_t op, size_t size,
                                           const float* x, float* y,
                                           pthreadpool_t threadpool) {
  const xnn_status status = xnn_reshape_unary_elementwise_nc(
      op, size, /*channels=*/1, /*input_stride=*/1, /*output_stride=*/1,
      threadpool);
  if (status != xnn_status_success) return status;
  return xnn_setup_unary_elementwise_nc(op, x, y);
}
inline constexpr auto& xnn_setup_clamp_nc_f32 = xnn_setup_sigmoid_nc_f32;
inline constexpr auto& xnn_setup_hardswish_nc_f32 = xnn_setup_sigmoid_nc_f32;
inline constexpr auto& xnn_setup_leaky_relu_nc_f32 = xnn_setup_sigmoid_nc_f32;
inline constexpr auto& xnn_setup_elu_nc_f32 = xnn_setup_sigmoid_nc_f32;

// Without bounds, as above.
inline xnn_status xnn_create_add_nd_f32(float, float, uint32_t flags,
                                        xnn_operator_t* op) {
  return xnn_create_binary_elementwise_nd(xnn_binary_add, xnn_datatype_fp32,
                                          /*input1_quantization=*/nullptr,
                                          /*input2_quantization=*/nullptr,
                                          /*output_quantization=*/nullptr,
                                          flags, op);
}

inline xnn_status xnn_create_multiply_nd_f32(float, float, uint32_t flags,
                                             xnn_operator_t* op) {
  return xnn_create_binary_elementwise_nd(
      xnn_binary_multiply, xnn_datatype_fp32,
      /*input1_quantization=*/nullptr,
      /*input2_quantization=*/nullptr,
      /*output_quantization=*/nullptr, flags, op);
}

inline xnn_status xnn_setup_add_nd_f32(xnn_operator_t op, size_t a_dims,
                                       const size_t* a_shape, size_t b_dims,
                                       const size_t* b_shape, const float* a,
                                       const float* b, float* y,
                                       pthreadpool_t threadpool) {
  const xnn_status status = xnn_reshape_binary_elementwise_nd(
      op, a_dims, a_shape, b_dims, b_shape, threadpool);
  if (status != xnn_status_success) return status;
  return xnn_setup_binary_elementwise_nd(op, a, b, y);
}
inline constexpr auto& xnn_setup_multiply_nd_f32 = xnn_setup_add_nd_f32;

inline xnn_status xnn_setup_constant_pad_nd_x32(
    xnn_operator_t op, size_t dims, const size_t* shape, const size_t* before,
    const size_t* after, const void* x, void* y, pthreadpool_t threadpool) {
  const xnn_status status = xnn_reshape_constant_pad_nd_x32(
      op, dims, shape, before, after, threadpool);
  if (status != xnn_status_success) return status;
  return ::xnn_setup_constant_pad_nd_x32(op, x, y);
}

inline xnn_status xnn_setup_deconvolution2d_nhwc_f32(
    xnn_operator_t op, size_t images, size_t height, size_t width,
    uint32_t adjustment_height, uint32_t adjustment_width, const float* x,
    float* y, pthreadpool_t threadpool) {
  size_t output_height, output_width;
  const xnn_status status = xnn_reshape_deconvolution2d_nhwc_f32(
      op, images, height, width, adjustment_height, adjustment_width,
      &output_height, &output_width, threadpool);
  if (status != xnn_status_success) return status;
  return ::xnn_setup_deconvolution2d_nhwc_f32(op, x, y);
}

inline xnn_status xnn_setup_fully_connected_nc_f32(xnn_operator_t op,
                                                   size_t rows, const float* x,
                                                   float* y,
                                                   pthreadpool_t threadpool) {
  const xnn_status status =
      xnn_reshape_fully_connected_nc_f32(op, rows, threadpool);
  if (status != xnn_status_success) return status;
  return ::xnn_setup_fully_connected_nc_f32(op, x, y);
}

inline xnn_status SetUpXnnConvolution(XnnOperator& op, size_t images,
                                      size_t height, size_t width,
                                      const float* x, float* y) {
  size_t size, alignment, output_height, output_width;
  const xnn_status status = xnn_reshape_convolution2d_nhwc_f32(
      op.get(), images, height, width, &size, &alignment, &output_height,
      &output_width, /*threadpool=*/nullptr);
  if (status != xnn_status_success) return status;
  return xnn_setup_convolution2d_nhwc_f32(
      op.get(), XnnWorkspace(op, size, alignment), x, y);
}

inline xnn_status SetUpXnnMaxPool(XnnOperator& op, size_t images, size_t height,
                                  size_t width, size_t channels, const float* x,
                                  float* y) {
  size_t output_height, output_width;
  const xnn_status status = xnn_reshape_max_pooling2d_nhwc_f32(
      op.get(), images, height, width, channels, channels, channels,
      &output_height, &output_width, /*threadpool=*/nullptr);
  if (status != xnn_status_success) return status;
  return xnn_setup_max_pooling2d_nhwc_f32(op.get(), x, y);
}

inline xnn_status SetUpXnnAveragePool(XnnOperator& op, size_t images,
                                      size_t height, size_t width,
                                      size_t channels, const float* x,
                                      float* y) {
  size_t size, alignment, output_height, output_width;
  const xnn_status status = xnn_reshape_average_pooling2d_nhwc_f32(
      op.get(), images, height, width, channels, channels, channels, &size,
      &alignment, &output_height, &output_width, /*threadpool=*/nullptr);
  if (status != xnn_status_success) return status;
  return xnn_setup_average_pooling2d_nhwc_f32(
      op.get(), XnnWorkspace(op, size, alignment), x, y);
}

inline xnn_status SetUpXnnGlobalAveragePool(XnnOperator& op, size_t images,
                                            size_t pixels, size_t channels,
                                            const float* x, float* y) {
  if (pixels == 1) {
    const xnn_status status = xnn_reshape_copy_nc_x32(
        op.get(), images, channels, /*input_stride=*/channels,
        /*output_stride=*/channels, /*threadpool=*/nullptr);
    if (status != xnn_status_success) return status;
    return xnn_setup_copy_nc_x32(op.get(), x, y);
  }
  // A row of pixels.
  xnn_operator_t average = nullptr;
  const xnn_status status = xnn_create_average_pooling2d_nhwc_f32(
      0, 0, 0, 0, /*height=*/1, /*width=*/static_cast<uint32_t>(pixels),
      /*stride_height=*/1, /*stride_width=*/1, channels, channels, channels,
      -std::numeric_limits<float>::infinity(),
      std::numeric_limits<float>::infinity(), /*flags=*/0, &average);
  if (status != xnn_status_success) return status;
  op.reset(average);
  return SetUpXnnAveragePool(op, images, /*height=*/1, /*width=*/pixels,
                             channels, x, y);
}

inline xnn_status SetUpXnnSoftmax(XnnOperator& op, size_t rows, size_t channels,
                                  const float* x, float* y) {
  const xnn_status status =
      xnn_reshape_softmax_nc_f32(op.get(), channels, channels, channels, rows,
                                 /*threadpool=*/nullptr);
  if (status != xnn_status_success) return status;
  return xnn_setup_softmax_nc_f32(op.get(), x, y);
}

#else

inline xnn_status SetUpXnnConvolution(XnnOperator& op, size_t images,
                                      size_t height, size_t width,
                                      const float* x, float* y) {
  return xnn_setup_convolution2d_nhwc_f32(op.get(), images, height, width, x, y,
                                          /*threadpool=*/nullptr);
}

inline xnn_status SetUpXnnMaxPool(XnnOperator& op, size_t images, size_t height,
                                  size_t width, size_t, const float* x,
                                  float* y) {
  return xnn_setup_max_pooling2d_nhwc_f32(op.get(), images, height, width, x, y,
                                          /*threadpool=*/nullptr);
}

inline xnn_status SetUpXnnAveragePool(XnnOperator& op, size_t images,
                                      size_t height, size_t width, size_t,
                                      const float* x, float* y) {
  return xnn_setup_average_pooling2d_nhwc_f32(op.get(), images, height, width,
                                              x, y, /*threadpool=*/nullptr);
}

inline xnn_status SetUpXnnGlobalAveragePool(XnnOperator& op, size_t images,
                                            size_t pixels, size_t,
                                            const float* x, float* y) {
  return xnn_setup_global_average_pooling_nwc_f32(op.get(), images, pixels, x,
                                                  y, /*threadpool=*/nullptr);
}

inline xnn_status SetUpXnnSoftmax(XnnOperator& op, size_t rows, size_t,
                                  const float* x, float* y) {
  return xnn_setup_softmax_nc_f32(op.get(), rows, x, y,
                                  /*threadpool=*/nullptr);
}

#endif

}  // namespace lenslet

#endif  // LENSLET_OPS_XNNPACK_VERSIONS_H_
