#include "lenslet/ops/conv/conv_lanes_winograd_filter_gradient.h"

#include <algorithm>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/direct/winograd_tiles.h"
#include "lenslet/ops/transposed_product.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/transpose.h"

namespace lenslet {
namespace {

// The copies of a band stay in an L2 cache of 512 KiB, with the points of a
// pair.
constexpr int64_t kCopiesFloats = 256 * 1024 / sizeof(float);
constexpr int64_t kPointsFloats = 160 * 1024 / sizeof(float);
// With fewer positions, loading and storing the sums would cost too much beside
// their products.
constexpr int64_t kMinPositions = 48;

// Whole vectors, an odd number: what belongs to different images or points is
// not in the same set of the cache.
int64_t OddVectors(int64_t floats) {
  return ((floats + kLanes - 1) / kLanes | 1) * kLanes;
}

}  // namespace

double WinogradFilterGradientShare(const WinogradConv& c) {
  // In vector multiply-adds for 16 images, by measurement on AVX-512, where
  // they are cheapest beside the rest: to transform a tile's vector of
  // channels, with the copies that leave the lanes; to write, read and
  // transform a vector of sums; and one of the sums of products, with their
  // copies and what they compute on padding.
  constexpr double kTransform = 600;
  constexpr double kSum = 25;
  constexpr double kProduct = 1.25;
  const double inputs = static_cast<double>(LaneGroups(c.channels) * kLanes);
  const double outputs =
      static_cast<double>(LaneGroups(c.output_channels) * kLanes);
  const double tiles =
      static_cast<double>(WinogradTilesAlong(c.taps, c.output_height)) *
      static_cast<double>(WinogradTilesAlong(c.taps, c.output_width));
  const double pairs = inputs * static_cast<double>(c.output_channels);
  const double winograd = (kWinogradPoints * tiles + kSum) * pairs +
                          kTransform * tiles * (inputs + outputs);
  const double sums = kProduct * static_cast<double>(c.channels) *
                      static_cast<double>(c.output_channels) *
                      MultiplyAddsOfPair(c);
  return winograd / sums;
}

bool WinogradFilterGradientIsFaster(const WinogradConv& conv) {
  return WinogradFilterGradientShare(conv) < 1;
}

ConvLanesWinogradFilterGradient::ConvLanesWinogradFilterGradient(
    const WinogradConv& conv)
    : c_(conv),
      outputs_(WinogradOutputs(c_.taps)),
      tile_rows_(WinogradTilesAlong(c_.taps, c_.output_height)),
      tile_columns_(WinogradTilesAlong(c_.taps, c_.output_width)),
      packed_inputs_(PackedChannels(c_.channels)),
      packed_outputs_(PackedChannels(c_.output_channels)),
      tile_(ChooseTransposedProductTile(c_.output_channels, c_.channels)) {
  const int64_t x_row = c_.width * c_.channels;
  const int64_t dz_row = c_.output_width * c_.output_channels;
  const auto x_floats = [&](int64_t tile_rows) {
    return std::min(c_.height, tile_rows * outputs_ + c_.taps - 1) * x_row;
  };
  const auto dz_floats = [&](int64_t tile_rows) {
    return std::min(c_.output_height, tile_rows * outputs_) * dz_row;
  };
  band_tile_rows_ = 1;
  while (band_tile_rows_ < tile_rows_ &&
         (band_tile_rows_ * tile_columns_ * kLanes < kMinPositions ||
          kLanes * (x_floats(band_tile_rows_ + 1) +
                    dz_floats(band_tile_rows_ + 1)) <=
              kCopiesFloats)) {
    ++band_tile_rows_;
  }
  const int64_t tiles = band_tile_rows_ * tile_columns_;
  images_ = kLanes;
  while (images_ > 1 && images_ / 2 * tiles >= kMinPositions &&
         kWinogradPairPoints * images_ * tiles *
                 (c_.channels + c_.output_channels) >
             kPointsFloats) {
    images_ /= 2;
  }
  x_image_ = OddVectors(x_floats(band_tile_rows_) + kLanes);
  dz_image_ = OddVectors(dz_floats(band_tile_rows_) + kLanes);
  x_point_ = OddVectors(images_ * tiles * packed_inputs_);
  dz_point_ = OddVectors(images_ * tiles * packed_outputs_);
  sums_row_ = LaneGroups(c_.channels) * kLanes;
  sums_point_ = OddVectors(c_.output_channels * sums_row_);
}

absl::Status ConvLanesWinogradFilterGradient::Allocate() {
  LENSLET_ASSIGN_OR_RETURN(zeros_, MakeFloats(c_.width * c_.channels + kLanes));
  return absl::OkStatus();
}

int64_t ConvLanesWinogradFilterGradient::ScratchFloats() const {
  return kWinogradPoints * sums_point_ + kLanes * (x_image_ + dz_image_) +
         WinogradTilesColumnsFloats(c_.taps, tile_columns_) +
         kWinogradPairPoints * (x_point_ + dz_point_) + kLanes;
}

ConvLanesWinogradFilterGradient::Memory ConvLanesWinogradFilterGradient::Divide(
    float* scratch) const {
  Memory m;
  m.sums = scratch;
  m.x = m.sums + kWinogradPoints * sums_point_;
  m.dz = m.x + kLanes * x_image_;
  m.columns = m.dz + kLanes * dz_image_;
  m.x_points = m.columns + WinogradTilesColumnsFloats(c_.taps, tile_columns_);
  m.dz_points = m.x_points + kWinogradPairPoints * x_point_;
  return m;
}

int64_t ConvLanesWinogradFilterGradient::FirstInputRow(int64_t h) const {
  return std::clamp<int64_t>(h - c_.before_rows, 0, c_.height);
}

int64_t ConvLanesWinogradFilterGradient::EndOfInputRows(int64_t end) const {
  return std::clamp<int64_t>(end - c_.before_rows + c_.taps - 1, 0, c_.height);
}

void ConvLanesWinogradFilterGradient::AddRows(int64_t h, int64_t rows,
                                              const float* x, const float* dz,
                                              float* scratch) {
  const Memory memory = Divide(scratch);
  for (int64_t row = 0; row < rows; row += band_rows()) {
    AddBand(h + row, std::min(band_rows(), rows - row), x,
            dz + row * c_.output_width * c_.output_channels * kLanes, memory);
  }
}

void ConvLanesWinogradFilterGradient::AddBand(int64_t h, int64_t rows,
                                              const float* x, const float* dz,
                                              const Memory& memory) {
  const int64_t x_row = c_.width * c_.channels;
  const int64_t begin = FirstInputRow(h);
  const int64_t end = std::max(begin, EndOfInputRows(h + rows));
  Transpose((end - begin) * x_row, kLanes, x + begin * x_row * kLanes, kLanes,
            memory.x, x_image_);
  Transpose(rows * c_.output_width * c_.output_channels, kLanes, dz, kLanes,
            memory.dz, dz_image_);
  const WinogradTiles tiles = {.rows = WinogradTilesAlong(c_.taps, rows),
                               .columns = tile_columns_};
  WinogradTilesInput input = {.taps = c_.taps,
                              .tiles = tiles,
                              .height = end - begin,
                              .width = c_.width,
                              .channels = c_.channels,
                              .before_rows = begin - (h - c_.before_rows),
                              .before_columns = c_.before_columns,
                              .zeros = zeros_.data(),
                              .point_stride = x_point_,
                              .columns = memory.columns};
  WinogradTilesGradient gradient = {.taps = c_.taps,
                                    .tiles = tiles,
                                    .height = rows,
                                    .width = c_.output_width,
                                    .channels = c_.output_channels,
                                    .point_stride = dz_point_};
  for (int64_t image = 0; image < kLanes; image += images_) {
    for (int pair = 0; pair < kWinogradPairs; ++pair) {
      input.pair = gradient.pair = pair;
      for (int64_t i = 0; i < images_; ++i) {
        input.x = memory.x + (image + i) * x_image_;
        input.points = memory.x_points + i * tiles.count() * packed_inputs_;
        TransformTilesInput(input);
        gradient.dy = memory.dz + (image + i) * dz_image_;
        gradient.points =
            memory.dz_points + i * tiles.count() * packed_outputs_;
        TransformTilesGradient(gradient);
      }
      for (int64_t i = 0; i < kWinogradPairPoints; ++i) {
        AddTransposedProduct(
            {.rows = images_ * tiles.count(),
             .m = c_.output_channels,
             .n = c_.channels,
             .a = {.data = memory.dz_points + i * dz_point_,
                   .row_stride = packed_outputs_},
             .b = {.data = memory.x_points + i * x_point_,
                   .row_stride = packed_inputs_},
             .c = memory.sums + WinogradPoint(pair, i) * sums_point_,
             .c_stride = sums_row_,
             .overwrite = h == 0 && image == 0},
            tile_);
      }
    }
  }
}

void ConvLanesWinogradFilterGradient::AddGroup(float* dw,
                                               float* scratch) const {
  const int64_t filter = c_.taps * c_.taps * c_.channels;
  for (int64_t k = 0; k < c_.output_channels; ++k) {
    AddWinogradFilterGradients(c_.taps, c_.channels, scratch + k * sums_row_,
                               sums_point_, dw + k * filter, c_.channels);
  }
}

}  // namespace lenslet
