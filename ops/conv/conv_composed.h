// The filter of any convolution as the filters of plain ones: not flipped, and
// with a number for each pair of a part's channels.

#ifndef LENSLET_OPS_CONV_CONV_COMPOSED_H_
#define LENSLET_OPS_CONV_CONV_COMPOSED_H_

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/kernel.h"

namespace lenslet {

// Part p of P has the p-th of the P equal parts of the output channels. P is 1,
// or the number of groups. A part's filter has shape
//   [output_channels / P, kernel..., input_channels / max(P, groups)]
// or, with a table of connections, whose P is 1,
//   [output_channels, kernel..., input_channels], zero where nothing connects.
class ConvFilterParts {
 public:
  ConvFilterParts(const ConvGeometry& geometry, int64_t parts);

  // Writes part `part` of the convolution's filter.
  void Write(int64_t part, const float* filter, float* part_filter) const;

  // Adds a part's gradient to that of the convolution's filter.
  void AddGradient(int64_t part, const float* part_gradient,
                   float* gradient) const;

 private:
  // Calls body(offset in the part's filter, offset in the filter) for each
  // number of the part that is one of the filter's.
  template <typename Body>
  void ForEachNumber(int64_t part, Body body) const;

  int64_t TapInFilter(int64_t tap) const {
    return g_.flip ? taps_ - 1 - tap : tap;
  }

  ConvGeometry g_;
  int64_t part_outputs_;
  int64_t part_inputs_;  // That each of them reads in the part's filter.
  int64_t taps_;
};

// Makes a plain kernel, for the same number of images; only called before
// MakeConvComposedKernel() returns.
using MakePlainConv = absl::FunctionRef<absl::StatusOr<std::unique_ptr<Kernel>>(
    const ConvGeometry&)>;

// Whether a backend needs this for a convolution; `has_groups` says whether its
// plain kernels have the groups, too.
bool NeedsComposition(const ConvGeometry& geometry, bool has_groups);

// For blocks of up to `images` images. Parameters: filter and, if the geometry
// has one, bias. Errors: those of `make_plain`.
absl::StatusOr<std::unique_ptr<Kernel>> MakeConvComposedKernel(
    const ConvGeometry& geometry, int64_t images, bool has_groups,
    MakePlainConv make_plain);

}  // namespace lenslet

#endif  // LENSLET_OPS_CONV_CONV_COMPOSED_H_
