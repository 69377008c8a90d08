// Batch normalizations for the checks of ops/testing/kernel_checks.h.

#ifndef LENSLET_OPS_BATCH_NORM_BATCH_NORM_CASE_H_
#define LENSLET_OPS_BATCH_NORM_BATCH_NORM_CASE_H_

#include <cstdint>
#include <string>

#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// One over the last dimension of blocks of `images` images. In training, each
// channel has two positions at least, those of all images together.
KernelCase BatchNormCase(const std::string& name, const Shape& image,
                         int64_t images, bool training);

}  // namespace lenslet

#endif  // LENSLET_OPS_BATCH_NORM_BATCH_NORM_CASE_H_
