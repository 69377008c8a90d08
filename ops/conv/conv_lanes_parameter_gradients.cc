#include "lenslet/ops/conv/conv_lanes_parameter_gradients.h"

#include <algorithm>
#include <numeric>

#include "lenslet/base/status_macros.h"

namespace lenslet {

ConvLanesParameterGradients::ConvLanesParameterGradients(
    const ConvLanesShape& shape, bool exact)
    : s_(shape),
      tile_(ChooseProductSumsTile(s_.g.output_channels, s_.run_vectors)) {
  if (!exact && WinogradSupports(s_.g) &&
      WinogradFilterGradientIsFaster(ForwardWinograd(s_.g))) {
    winograd_.emplace(ForwardWinograd(s_.g));
  } else if (ConvLanesFilterGradient::IsFaster(s_)) {
    image_sums_.emplace(s_);
  }
}

int64_t ConvLanesParameterGradients::RowsAtOnce(int64_t window_rows) const {
  int64_t rows = 0;
  if (LeavesLanes()) {
    rows =
        std::lcm(winograd_ ? winograd_->band_rows() : image_sums_->band_rows(),
                 window_rows);
  } else {
    rows = std::max(int64_t{1}, CachedRows() / window_rows) * window_rows;
  }
  return std::min(rows, s_.g.output[1]);
}

// Gradients of so many rows, with the input's rows they belong to, fill most of
// an L1 cache of 32 KiB or more; but they are so many that loading and storing
// the sums of each product costs little beside making them.
int64_t ConvLanesParameterGradients::CachedRows() const {
  constexpr int64_t kCacheFloats = 32 * 1024 / sizeof(float);
  constexpr int64_t kPositions = 48;
  const int64_t input_rows = std::min(s_.g.window.stride[1], s_.padded[1]);
  const int64_t row_floats =
      s_.RowFloats() + input_rows * s_.padded[2] * s_.x_position;
  return std::max(
      {int64_t{1}, kCacheFloats / row_floats, kPositions / s_.g.output[2]});
}

bool ConvLanesParameterGradients::NeedsWholeGroups() const {
  constexpr int64_t kCacheFloats = 512 * 1024 / sizeof(float);
  return !LeavesLanes() && s_.FilterSize() * kLanes > kCacheFloats;
}

absl::Status ConvLanesParameterGradients::Allocate() {
  LENSLET_ASSIGN_OR_RETURN(bias_sums_, MakeFloats(s_.y_position));
  if (winograd_) return winograd_->Allocate();
  if (image_sums_) return image_sums_->Allocate();
  if (!NeedsWholeGroups()) {
    LENSLET_ASSIGN_OR_RETURN(filter_sums_,
                             MakeFloats(s_.FilterSize() * kLanes));
    return absl::OkStatus();
  }
  LENSLET_ASSIGN_OR_RETURN(filter_sums_,
                           MakeFloats(tile_.rows * tile_.columns * kLanes));
  LENSLET_ASSIGN_OR_RETURN(packed_dz_,
                           MakeFloats(Volume(s_.g.output) * s_.y_position));
  LENSLET_ASSIGN_OR_RETURN(
      packed_x_, MakeFloats(s_.padded[0] * s_.padded[1] * s_.g.output[2] *
                            tile_.columns * kLanes));
  return absl::OkStatus();
}

void ConvLanesParameterGradients::Start(absl::Span<float* const> gradients,
                                        float* scratch) {
  filter_gradient_ = gradients[0];
  bias_gradient_ = s_.g.has_bias ? gradients[1] : nullptr;
  scratch_ = scratch;
  first_ = true;
  std::fill(bias_sums_.span().begin(), bias_sums_.span().end(), 0.0f);
}

template <typename Body>
void ConvLanesParameterGradients::ForEachRun(Body body) const {
  int64_t run = 0;
  for (int64_t kd = 0; kd < s_.g.window.kernel[0]; ++kd) {
    for (int64_t kh = 0; kh < s_.g.window.kernel[1]; ++kh) {
      for (int64_t i = 0; i < s_.runs_per_row; ++i, ++run) {
        body(run, RunPlace{kd, kh, i});
      }
    }
  }
}

ConvLanesParameterGradients::OutputRows ConvLanesParameterGradients::InsideRows(
    const RunPlace& place, const OutputRows& outputs) const {
  const Window& w = s_.g.window;
  const int64_t id = outputs.d * w.stride[0] + place.kd * w.dilation[0];
  const int64_t ih = outputs.h * w.stride[1] + place.kh * w.dilation[1];
  int64_t begin = 0;
  int64_t end = s_.IsInput(0, id) ? outputs.rows : 0;
  while (begin < end && !s_.IsInput(1, ih + begin * w.stride[1])) ++begin;
  while (begin < end && !s_.IsInput(1, ih + (end - 1) * w.stride[1])) --end;
  return {.d = outputs.d, .h = outputs.h + begin, .rows = end - begin};
}

int64_t ConvLanesParameterGradients::InputRow(const RunPlace& place,
                                              const OutputRows& outputs) const {
  const Window& w = s_.g.window;
  return (outputs.d * w.stride[0] + place.kd * w.dilation[0]) * s_.padded[1] +
         outputs.h * w.stride[1] + place.kh * w.dilation[1];
}

void ConvLanesParameterGradients::AddRows(int64_t d, int64_t h, int64_t rows,
                                          const float* x, const float* dz) {
  if (bias_gradient_ != nullptr) {
    AddVectorSums(rows * s_.g.output[2], s_.g.output_channels, dz,
                  bias_sums_.data());
  }
  if (filter_gradient_ == nullptr || NeedsWholeGroups()) return;
  if (winograd_) {
    winograd_->AddRows(h, rows, x, dz, scratch_);
    return;
  }
  if (image_sums_) {
    image_sums_->AddRows(d, h, rows, x, dz, filter_gradient_);
    return;
  }
  ForEachRun([&](int64_t run, const RunPlace& place) {
    const OutputRows outputs =
        InsideRows(place, {.d = d, .h = h, .rows = rows});
    // The first rows' sums are written even where all is padding.
    if (outputs.rows == 0 && !first_) return;
    const Window& w = s_.g.window;
    ComputeProductSums(
        {.start_with_sums = !first_,
         .rows = outputs.rows,
         .positions = s_.g.output[2],
         .a_size = s_.g.output_channels,
         .b_size = s_.run_vectors,
         .a = dz + (outputs.h - h) * s_.RowFloats(),
         .a_stride = s_.y_position,
         .a_row_stride = s_.RowFloats(),
         .b = x + (InputRow(place, outputs) * s_.padded[2] +
                   place.i * w.dilation[2]) *
                      s_.x_position,
         .b_stride = w.stride[2] * s_.x_position,
         .b_row_stride = w.stride[1] * s_.padded[2] * s_.x_position,
         .sums = filter_sums_.data() + run * s_.run_vectors * kLanes,
         .sums_stride = s_.taps * s_.x_position},
        tile_);
  });
  first_ = false;
}

void ConvLanesParameterGradients::PackGradient(const float* dz) {
  const int64_t positions = Volume(s_.g.output);
  float* to = packed_dz_.data();
  for (int64_t k = 0; k < s_.g.output_channels; k += tile_.rows) {
    const int64_t floats =
        std::min<int64_t>(tile_.rows, s_.g.output_channels - k) * kLanes;
    for (int64_t i = 0; i < positions; ++i) {
      to = std::copy_n(dz + i * s_.y_position + k * kLanes, floats, to);
    }
  }
}

void ConvLanesParameterGradients::PackInput(int64_t i, int64_t j,
                                            int64_t vectors, const float* x) {
  const Window& w = s_.g.window;
  float* to = packed_x_.data();
  for (int64_t row = 0; row < s_.padded[0] * s_.padded[1]; ++row) {
    const float* from =
        x + (row * s_.padded[2] + i * w.dilation[2]) * s_.x_position +
        j * kLanes;
    for (int64_t o = 0; o < s_.g.output[2]; ++o) {
      to = std::copy_n(from + o * w.stride[2] * s_.x_position, vectors * kLanes,
                       to);
    }
  }
}

void ConvLanesParameterGradients::AddGroup(const float* x, const float* dz) {
  if (filter_gradient_ == nullptr) return;
  if (winograd_) return winograd_->AddGroup(filter_gradient_, scratch_);
  if (!NeedsWholeGroups()) return;
  PackGradient(dz);
  for (int64_t i = 0; i < s_.runs_per_row; ++i) {
    for (int64_t j = 0; j < s_.run_vectors; j += tile_.columns) {
      const int64_t vectors =
          std::min<int64_t>(tile_.columns, s_.run_vectors - j);
      PackInput(i, j, vectors, x);
      for (int64_t kd = 0; kd < s_.g.window.kernel[0]; ++kd) {
        for (int64_t kh = 0; kh < s_.g.window.kernel[1]; ++kh) {
          AddPackedTiles({kd, kh, i}, j, vectors);
        }
      }
    }
  }
}

void ConvLanesParameterGradients::AddPackedTiles(const RunPlace& place,
                                                 int64_t j, int64_t vectors) {
  const int64_t run =
      (place.kd * s_.g.window.kernel[1] + place.kh) * s_.runs_per_row + place.i;
  const int64_t x_row = s_.g.output[2] * vectors * kLanes;
  const float* dz = packed_dz_.data();
  for (int64_t k = 0; k < s_.g.output_channels; k += tile_.rows) {
    const int64_t channels =
        std::min<int64_t>(tile_.rows, s_.g.output_channels - k);
    const int64_t dz_row = s_.g.output[2] * channels * kLanes;
    for (int64_t d = 0; d < s_.g.output[0]; ++d) {
      const OutputRows outputs =
          InsideRows(place, {.d = d, .h = 0, .rows = s_.g.output[1]});
      ComputeProductSums(
          {.start_with_sums = d > 0,
           .rows = outputs.rows,
           .positions = s_.g.output[2],
           .a_size = channels,
           .b_size = vectors,
           .a = dz + (d * s_.g.output[1] + outputs.h) * dz_row,
           .a_stride = channels * kLanes,
           .a_row_stride = dz_row,
           .b = packed_x_.data() + InputRow(place, outputs) * x_row,
           .b_stride = vectors * kLanes,
           .b_row_stride = s_.g.window.stride[1] * x_row,
           .sums = filter_sums_.data(),
           .sums_stride = vectors * kLanes},
          tile_);
    }
    for (int64_t c = 0; c < channels; ++c) {
      AddLaneSums(vectors, filter_sums_.data() + c * vectors * kLanes,
                  filter_gradient_ + (k + c) * s_.taps * s_.g.input_channels +
                      run * s_.run_vectors + j);
    }
    dz += Volume(s_.g.output) * channels * kLanes;
  }
}

void ConvLanesParameterGradients::Finish() {
  if (filter_gradient_ != nullptr && !LeavesLanes() && !NeedsWholeGroups()) {
    AddLaneSums(s_.FilterSize(), filter_sums_.data(), filter_gradient_);
  }
  if (bias_gradient_ != nullptr) {
    AddLaneSums(s_.g.output_channels, bias_sums_.data(), bias_gradient_);
  }
}

}  // namespace lenslet
