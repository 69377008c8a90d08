// Composes any convolution from plain ones. A plain convolution has zero
// padding and a filter that is not flipped, and whose groups connect all their
// channels.

#ifndef LENSLET_OPS_CONV_CONV_COMPOSED_H_
#define LENSLET_OPS_CONV_CONV_COMPOSED_H_

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// The filter of the plain convolution, of shape
//   [output_channels, kernel..., input_channels / groups]
// It is zero where a table of connections connects nothing.
class ConvPlainFilter {
 public:
  explicit ConvPlainFilter(const ConvGeometry& geometry);

  // Writes it from the convolution's filter.
  void Write(const float* filter, float* plain) const;

  // Adds its gradient to the gradient of the convolution's filter.
  void AddGradient(const float* plain_gradient, float* gradient) const;

 private:
  // Calls body(offset in the plain filter, offset in the filter) for each
  // number that both contain.
  template <typename Body>
  void ForEachNumber(Body body) const;

  int64_t TapInFilter(int64_t tap) const {
    return g_.flip ? taps_ - 1 - tap : tap;
  }

  ConvGeometry g_;
  int64_t inputs_;  // That each output reads in the plain filter.
  int64_t taps_;
};

// Makes a plain kernel for the same number of images. Only called before
// MakeConvComposedKernel() returns.
using MakePlainConv = absl::FunctionRef<absl::StatusOr<std::unique_ptr<Kernel>>(
    const ConvGeometry&)>;

// Whether the convolution is not plain.
bool NeedsComposition(const ConvGeometry& geometry);

// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: as `make_plain`.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvComposedKernel(
    const ConvGeometry& geometry, int64_t images, MakePlainConv make_plain);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_COMPOSED_H_
