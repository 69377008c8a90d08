#include "lenslet/ops/conv/conv_case.h"

#include <algorithm>
#include <cmath>

#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_direct_winograd.h"
#include "lenslet/ops/conv/conv_lanes_winograd.h"
#include "lenslet/ops/conv/conv_lanes_winograd_filter_gradient.h"
#include "lenslet/ops/conv/conv_lanes_winograd_input_gradient.h"
#include "lenslet/ops/conv/kernels.h"

namespace lenslet {
namespace {

// The most positions of the padded input that hold the same number.
int64_t MostCopies(const ConvGeometry& g) {
  int64_t copies = 1;
  if (g.padding_mode == PaddingMode::kZero) return copies;
  for (int axis = 0; axis < 3; ++axis) {
    copies *= 1 + g.window.padding.before[axis] + g.window.padding.after[axis];
  }
  return copies;
}

bool MayUseWinograd(const ConvGeometry& g) {
  return g.padding_mode == PaddingMode::kZero && g.groups == 1 &&
         WinogradSupports(g);
}

// As WinogradError(), for sums over `rows` rows of the filter along one axis,
// of all input channels. The sum over p of (A_rp |B_p| |G_p|)^2 is at most 149,
// for the first and the last output of a tile.
double WinogradRowsError(int64_t rows) {
  const auto n = static_cast<double>(rows);
  return 6 * 0x1p-24 * (0.71 * n + 9.4 * std::sqrt(n)) * std::sqrt(149) / 3;
}

// For the output or the input's gradient, whichever is larger.
double WinogradErrorOf(const ConvGeometry& g) {
  double error = 0;
  if (PrefersWinogradRows(g) || PrefersWinogradRowChannels(g)) {
    error = WinogradRowsError(g.window.kernel[1] * g.input_channels);
  }
  if (!MayUseWinograd(g)) return error;
  for (const WinogradConv& conv :
       {ForwardWinograd(g), InputGradientWinograd(g)}) {
    if (WinogradIsFaster(conv)) {
      error = std::max(error, WinogradError(conv.taps, conv.channels));
    }
  }
  if (WinogradInputGradientIsFaster(g)) {
    error =
        std::max(error, WinogradError(g.window.kernel[1], g.output_channels));
  }
  if (DirectWinogradIsFaster(g)) {
    error =
        std::max(error, WinogradError(g.window.kernel[1], g.input_channels));
  }
  if (PrefersWinogradRows(g) || PrefersWinogradRowChannels(g)) {
    error = std::max(error,
                     WinogradRowsError(g.window.kernel[1] * g.input_channels));
  }
  return error;
}

double FilterGradientErrorOf(const ConvGeometry& g) {
  if (!MayUseWinograd(g)) return 0;
  const WinogradConv c = ForwardWinograd(g);
  if (!WinogradFilterGradientIsFaster(c)) return 0;
  return WinogradFilterGradientError(
      c.taps, WinogradTilesAlong(c.taps, c.output_height) *
                  WinogradTilesAlong(c.taps, c.output_width));
}

}  // namespace

// Rounding errors add up like a random walk, as in SumTolerance()
// (ops/testing/kernel_checks.cc). The input's and the filter's numbers have a
// variance of 1/3. Those of their transforms have 1/3 times a sum of squares of
// B^T's and G's rows. So a product of point (i, j) has the deviation
//   s_ij = 1/3 |B_i| |B_j| |G_i| |G_j|.
// The partial sums of C products have deviations of up to sqrt(c) s_ij. The
// roundings of all C of them, each of at most u of the partial sum, add up to
// an error of deviation u C / sqrt(2) s_ij. Each factor of a product has at
// most 16 roundings of its size in its transforms: sqrt(2 * 16 C) u s_ij.
// The output transform rounds partial sums of at most the result's deviation,
// sqrt(C) s, 14 times. So the errors of the output add up to a deviation below
//   u (C / sqrt(2) + sqrt(2 * 16 C) + sqrt(14 C)) s < u (0.71 C + 9.4 sqrt(C))s
// where s^2 is the sum over (i, j) of (A_ri A_qj s_ij)^2. For one axis and r =
// 0, where it is largest, the sum over i of (A_ri |B_i| |G_i|)^2 is 24.6, so s
// is at most 24.6 / 3; for 5 taps 29.2 / 3. Six deviations are not exceeded in
// a billion numbers.
//
// For the input's gradient from tiles of outputs, C is the output's channels,
// and the rows of A^T take the place of B^T's, and the other way round. For one
// axis, the sum over i and over the inputs r of the tiles that overlap, of
// (B_ir |A_i| |G_i|)^2, is at most 21.7; for 5 taps 29.2. The factors have 14
// roundings instead of 2 * 16 together, and the output transform 8 and one for
// each of at most 9 tiles instead of 14.
double WinogradError(int64_t taps, int64_t channels) {
  const auto c = static_cast<double>(channels);
  return 6 * 0x1p-24 * (0.71 * c + 9.4 * std::sqrt(c)) *
         (taps == 3 ? 24.6 : 29.2) / 3;
}

// As above, for sums over tiles and images instead of channels: gradients of
// outputs are transformed in place of filters, and products in place of
// outputs, with at most as many roundings. The sum over i of
// (G_ti |B_i| |A_i|)^2 is at most 26.3, for t = 0; for 5 taps 22.8. The error
// of the sum over n images is less than n times that of one.
double WinogradFilterGradientError(int64_t taps, int64_t tiles) {
  const auto n = static_cast<double>(tiles);
  return 6 * 0x1p-24 * (0.71 * n + 9.4 * std::sqrt(n)) *
         (taps == 3 ? 26.3 : 22.8) / 3;
}

KernelCase ConvCase(const std::string& name, const ConvSpec& spec,
                    const Shape& image, int64_t images) {
  const Shape output = *OutputShape(spec, image);
  const ConvGeometry g = *Resolve(spec, image);
  KernelCase c = {
      .name = name,
      .make =
          [spec, image](Backend backend, int64_t images) {
            return MakeConvKernel(backend, spec, image, images);
          },
      .inputs = {image},
      .output = output,
      .parameters = {*FilterShape(spec)},
      .images = images,
  };
  const int64_t positions = output.elements() / spec.output_channels;
  const int64_t taps = Volume(g.window.kernel);
  c.terms =
      std::max({taps * spec.input_channels / spec.groups, positions,
                taps * spec.output_channels / spec.groups * MostCopies(g)});
  c.rounding_error = WinogradErrorOf(g);
  c.parameter_rounding_error = FilterGradientErrorOf(g);
  if (spec.has_bias) c.parameters.push_back({spec.output_channels});
  return c;
}

std::vector<std::vector<int64_t>> LeNet5Connections() {
  return {{0, 1, 2},    {1, 2, 3},    {2, 3, 4},    {3, 4, 5},
          {0, 4, 5},    {0, 1, 5},    {0, 1, 2, 3}, {1, 2, 3, 4},
          {2, 3, 4, 5}, {0, 3, 4, 5}, {0, 1, 4, 5}, {0, 1, 2, 5},
          {0, 1, 3, 4}, {1, 2, 4, 5}, {0, 2, 3, 5}, {0, 1, 2, 3, 4, 5}};
}

}  // namespace lenslet
