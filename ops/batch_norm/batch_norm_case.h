// Test cases for batch normalization, for ops/testing/kernel_checks.h.

#ifndef LENSLET_OPS_BATCH_NORM_BATCH_NORM_CASE_H_
#define LENSLET_OPS_BATCH_NORM_BATCH_NORM_CASE_H_

#include <cstdint>
#include <string>

#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Batch normalization over the last dimension of blocks of `images` images of
// shape `image`. In training, each channel must have at least two positions,
// counted over all images.
KernelCase BatchNormCase(const std::string& name, const Shape& image,
                         int64_t images, bool training);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_CASE_H_
