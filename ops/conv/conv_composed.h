// Composes any convolution from plain ones. The filter of a plain convolution
// is not flipped, and has a number for each pair of its input and output
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

// Cuts the filter into P equal parts by output channels. P is 1 or the number
// of groups. A part's filter has shape
//   [output_channels / P, kernel..., input_channels / max(P, groups)]
// or, with a table of connections (P is then 1),
//   [output_channels, kernel..., input_channels], zero where nothing connects.
class ConvFilterParts {
 public:
  ConvFilterParts(const ConvGeometry& geometry, int64_t parts);

  // Writes part `part` of the convolution's filter.
  void Write(int64_t part, const float* filter, float* part_filter) const;

  // Adds a part's gradient to the gradient of the convolution's filter.
  void AddGradient(int64_t part, const float* part_gradient,
                   float* gradient) const;

 private:
  // Calls body(offset in the part's filter, offset in the filter) for each
  // number that both contain.
  template <typename Body>
  void ForEachNumber(int64_t part, Body body) const;

  int64_t TapInFilter(int64_t tap) const {
    return g_.flip ? taps_ - 1 - tap : tap;
  }

  ConvGeometry g_;
  int64_t part_outputs_;
  int64_t part_inputs_;  // That each output reads in the part's filter.
  int64_t taps_;
};

// Makes a plain kernel for the same number of images. Only called before
// MakeConvComposedKernel() returns.
using MakePlainConv = absl::FunctionRef<absl::StatusOr<std::unique_ptr<Kernel>>(
    const ConvGeometry&)>;

// Whether a backend must compose this convolution. `has_groups`: whether its
// plain kernels support groups.
bool NeedsComposition(const ConvGeometry& geometry, bool has_groups);

// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: as `make_plain`.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvComposedKernel(
    const ConvGeometry& geometry, int64_t images, bool has_groups,
    MakePlainConv make_plain);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_COMPOSED_H_
