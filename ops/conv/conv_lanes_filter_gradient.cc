#include "lenslet/ops/conv/conv_lanes_filter_gradient.h"

#include <algorithm>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/transposed_product.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/transpose.h"

namespace lenslet {
namespace {

// The copies of a band stay in an L2 cache of 512 KiB.
constexpr int64_t kBandFloats = 384 * 1024 / sizeof(float);
constexpr int64_t kMinImages = 4;
// A tile reads a line of the cache or two at each output position, of x and of
// dz. In an L1 cache of 32 KiB and eight ways, so many positions of 16, 32 or
// 64 channels leave enough lines of the sets that they share.
constexpr int64_t kPassFloats = 16 * 1024 / sizeof(float);
// With fewer positions, loading and storing the sums would cost more than lines
// that are read again from the L2 cache.
constexpr int64_t kMinPassPositions = 48;

// An odd number of cache lines: the same place of several images is not in the
// same set of the cache.
int64_t ImageStride(int64_t floats) {
  const int64_t lines = (floats + kLanes - 1) / kLanes;
  return (lines | 1) * kLanes;
}

}  // namespace

ConvLanesFilterGradient::ConvLanesFilterGradient(const ConvLanesShape& shape)
    : s_(shape),
      column_step_(s_.g.window.kernel[2] == 1 ? s_.g.window.stride[2] : 1),
      row_step_(s_.g.window.kernel[1] == 1 ? s_.g.window.stride[1] : 1),
      x_row_((column_step_ > 1 ? s_.g.output[2] : s_.padded[2]) *
             s_.g.input_channels),
      dz_row_(s_.g.output[2] * s_.g.output_channels),
      tile_(ChooseTransposedProductTile(s_.g.output_channels, s_.run_vectors)) {
  const int64_t channels = std::max(s_.g.input_channels, s_.g.output_channels);
  const int64_t positions = std::max(kPassFloats / channels, kMinPassPositions);
  band_rows_ =
      std::clamp(positions / s_.g.output[2], int64_t{1}, s_.g.output[1]);
  // The most common pooling has windows of two rows.
  if (band_rows_ > 1 && band_rows_ < s_.g.output[1]) {
    band_rows_ = band_rows_ / 2 * 2;
  }
  images_ = kLanes;
  while (images_ > kMinImages &&
         images_ * BandFloats(band_rows_) > kBandFloats) {
    images_ /= 2;
  }
  pass_images_ = 1;
  while (pass_images_ < images_ &&
         2 * pass_images_ * band_rows_ * s_.g.output[2] <= positions) {
    pass_images_ *= 2;
  }
  x_image_ = ImageStride(InputRows(band_rows_) * x_row_);
  dz_image_ = ImageStride(band_rows_ * dz_row_);
}

bool ConvLanesFilterGradient::IsFaster(const ConvLanesShape& shape) {
  // A vector's lanes beyond a run are idle.
  constexpr double kBusyLanes = 0.95;
  const int64_t lanes = LaneGroups(shape.run_vectors) * kLanes;
  if (shape.run_vectors < kBusyLanes * lanes) return false;
  // Copies pay if each number takes part in many products.
  constexpr double kProducts = 10;
  const ConvLanesFilterGradient images(shape);
  const double positions = images.band_rows_ * shape.g.output[2];
  return positions * shape.FilterSize() >=
         kProducts * images.BandFloats(images.band_rows_);
}

int64_t ConvLanesFilterGradient::InputRows(int64_t rows) const {
  const Window& w = s_.g.window;
  if (row_step_ > 1) return rows;
  return (rows - 1) * w.stride[1] + (w.kernel[1] - 1) * w.dilation[1] + 1;
}

int64_t ConvLanesFilterGradient::BandFloats(int64_t rows) const {
  return rows * dz_row_ + s_.g.window.kernel[0] * InputRows(rows) * x_row_;
}

absl::Status ConvLanesFilterGradient::Allocate() {
  // Vectors may reach past the last number.
  LENSLET_ASSIGN_OR_RETURN(x_, MakeFloats(images_ * x_image_ + kLanes));
  LENSLET_ASSIGN_OR_RETURN(dz_, MakeFloats(images_ * dz_image_ + kLanes));
  return absl::OkStatus();
}

void ConvLanesFilterGradient::AddRows(int64_t d, int64_t h, int64_t rows,
                                      const float* x, const float* dz,
                                      float* dw) {
  for (int64_t row = 0; row < rows; row += band_rows_) {
    for (int64_t image = 0; image < kLanes; image += images_) {
      AddBand({.d = d,
               .h = h + row,
               .rows = std::min(band_rows_, rows - row),
               .image = image},
              x, dz + row * s_.RowFloats(), dw);
    }
  }
}

void ConvLanesFilterGradient::AddBand(const Band& band, const float* x,
                                      const float* dz, float* dw) {
  Transpose(band.rows * dz_row_, images_, dz + band.image, kLanes, dz_.data(),
            dz_image_);
  for (int64_t kd = 0; kd < s_.g.window.kernel[0]; ++kd) {
    if (!s_.IsInput(
            0, band.d * s_.g.window.stride[0] + kd * s_.g.window.dilation[0])) {
      continue;
    }
    CopyInput(band, kd, x);
    for (int64_t kh = 0; kh < s_.g.window.kernel[1]; ++kh) {
      AddFilterRow(band, kd, kh, dw);
    }
  }
}

void ConvLanesFilterGradient::CopyInput(const Band& band, int64_t kd,
                                        const float* x) {
  const Window& w = s_.g.window;
  const int64_t id = band.d * w.stride[0] + kd * w.dilation[0];
  const int64_t first = band.h * w.stride[1];
  // Sums leave out rows of padding.
  int64_t begin = 0;
  int64_t end = InputRows(band.rows);
  while (begin < end && !s_.IsInput(1, first + begin * row_step_)) ++begin;
  while (begin < end && !s_.IsInput(1, first + (end - 1) * row_step_)) --end;
  if (begin == end) return;
  const float* from =
      x + RowOffset(s_.padded, id, first) * s_.x_position + band.image;
  float* to = x_.data();
  if (row_step_ == 1 && column_step_ == 1) {
    Transpose((end - begin) * x_row_, images_, from + begin * x_row_ * kLanes,
              kLanes, to + begin * x_row_, x_image_);
    return;
  }
  const int64_t channels = s_.g.input_channels;
  const int64_t columns = x_row_ / channels;
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      Transpose(
          channels, images_,
          from + (row * row_step_ * s_.padded[2] + column * column_step_) *
                     s_.x_position,
          kLanes, to + row * x_row_ + column * channels, x_image_);
    }
  }
}

void ConvLanesFilterGradient::AddFilterRow(const Band& band, int64_t kd,
                                           int64_t kh, float* dw) const {
  const Window& w = s_.g.window;
  const int64_t channels = s_.g.input_channels;
  const int64_t filter = s_.taps * channels;
  const int64_t row_stride = row_step_ > 1 ? 1 : w.stride[1];
  const int64_t column_stride = column_step_ > 1 ? 1 : w.stride[2];
  // The rows whose tap is not on padding.
  const int64_t ih = band.h * w.stride[1] + kh * w.dilation[1];
  int64_t begin = 0;
  int64_t end = band.rows;
  while (begin < end && !s_.IsInput(1, ih + begin * w.stride[1])) ++begin;
  while (begin < end && !s_.IsInput(1, ih + (end - 1) * w.stride[1])) --end;
  if (begin == end) return;
  // Rows without gaps between them are as good as one row.
  const bool one_row =
      row_stride == 1 && x_row_ == s_.g.output[2] * column_stride * channels;
  const int64_t rows = one_row ? 1 : end - begin;
  for (int64_t i = 0; i < s_.runs_per_row; ++i) {
    const float* x = x_.data() +
                     (begin * row_stride + kh * w.dilation[1]) * x_row_ +
                     i * w.dilation[2] * channels;
    const int64_t run = (kd * w.kernel[1] + kh) * s_.runs_per_row + i;
    for (int64_t image = 0; image < images_; image += pass_images_) {
      AddTransposedProduct(
          {.blocks = pass_images_,
           .groups = rows,
           .rows = (end - begin) / rows * s_.g.output[2],
           .m = s_.g.output_channels,
           .n = s_.run_vectors,
           .a = {.data = dz_.data() + image * dz_image_ + begin * dz_row_,
                 .block_stride = dz_image_,
                 .group_stride = dz_row_,
                 .row_stride = s_.g.output_channels},
           .b = {.data = x + image * x_image_,
                 .block_stride = x_image_,
                 .group_stride = row_stride * x_row_,
                 .row_stride = column_stride * channels},
           .c = dw + run * s_.run_vectors,
           .c_stride = filter},
          tile_);
    }
  }
}

}  // namespace lenslet
