// XNNPACK's functions for a program without it, where Debian has only a shared
// library: initialization fails, so that no operator is ever created, and
// layers run on other backends. The other functions are never called.

#include <stdlib.h>
#include <xnnpack.h>

enum xnn_status xnn_initialize(const struct xnn_allocator* allocator) {
  (void)allocator;
  return xnn_status_unsupported_hardware;
}

#define LENSLET_NEVER_CALLED(function) \
  __asm__(".globl " #function "\n.set " #function ", LensletNoXnnpack\n")

void LensletNoXnnpack(void);
void LensletNoXnnpack(void) { abort(); }

LENSLET_NEVER_CALLED(xnn_create_add_nd_f32);
LENSLET_NEVER_CALLED(xnn_create_average_pooling2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_create_clamp_nc_f32);
LENSLET_NEVER_CALLED(xnn_create_constant_pad_nd_x32);
LENSLET_NEVER_CALLED(xnn_create_convolution2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_create_deconvolution2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_create_elu_nc_f32);
LENSLET_NEVER_CALLED(xnn_create_fully_connected_nc_f32);
LENSLET_NEVER_CALLED(xnn_create_global_average_pooling_nwc_f32);
LENSLET_NEVER_CALLED(xnn_create_hardswish_nc_f32);
LENSLET_NEVER_CALLED(xnn_create_leaky_relu_nc_f32);
LENSLET_NEVER_CALLED(xnn_create_max_pooling2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_create_multiply_nd_f32);
LENSLET_NEVER_CALLED(xnn_create_sigmoid_nc_f32);
LENSLET_NEVER_CALLED(xnn_create_softmax_nc_f32);
LENSLET_NEVER_CALLED(xnn_delete_operator);
LENSLET_NEVER_CALLED(xnn_run_operator);
LENSLET_NEVER_CALLED(xnn_setup_add_nd_f32);
LENSLET_NEVER_CALLED(xnn_setup_average_pooling2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_setup_clamp_nc_f32);
LENSLET_NEVER_CALLED(xnn_setup_constant_pad_nd_x32);
LENSLET_NEVER_CALLED(xnn_setup_convolution2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_setup_deconvolution2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_setup_elu_nc_f32);
LENSLET_NEVER_CALLED(xnn_setup_fully_connected_nc_f32);
LENSLET_NEVER_CALLED(xnn_setup_global_average_pooling_nwc_f32);
LENSLET_NEVER_CALLED(xnn_setup_hardswish_nc_f32);
LENSLET_NEVER_CALLED(xnn_setup_leaky_relu_nc_f32);
LENSLET_NEVER_CALLED(xnn_setup_max_pooling2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_setup_multiply_nd_f32);
LENSLET_NEVER_CALLED(xnn_setup_sigmoid_nc_f32);
LENSLET_NEVER_CALLED(xnn_setup_softmax_nc_f32);

// Of XNNPACK of 2024 (ops/xnnpack_versions.h).
LENSLET_NEVER_CALLED(xnn_create_binary_elementwise_nd);
LENSLET_NEVER_CALLED(xnn_create_copy_nc_x32);
LENSLET_NEVER_CALLED(xnn_create_unary_elementwise_nc);
LENSLET_NEVER_CALLED(xnn_reshape_average_pooling2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_reshape_binary_elementwise_nd);
LENSLET_NEVER_CALLED(xnn_reshape_constant_pad_nd_x32);
LENSLET_NEVER_CALLED(xnn_reshape_convolution2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_reshape_copy_nc_x32);
LENSLET_NEVER_CALLED(xnn_reshape_deconvolution2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_reshape_fully_connected_nc_f32);
LENSLET_NEVER_CALLED(xnn_reshape_max_pooling2d_nhwc_f32);
LENSLET_NEVER_CALLED(xnn_reshape_softmax_nc_f32);
LENSLET_NEVER_CALLED(xnn_reshape_unary_elementwise_nc);
LENSLET_NEVER_CALLED(xnn_setup_binary_elementwise_nd);
LENSLET_NEVER_CALLED(xnn_setup_copy_nc_x32);
LENSLET_NEVER_CALLED(xnn_setup_unary_elementwise_nc);
