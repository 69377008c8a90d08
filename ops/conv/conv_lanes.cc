#include "ops/conv/conv_lanes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "ops/activation/activation_functions.h"
#include "ops/lanes/activated_sums.h"
#include "ops/lanes/packed_weights.h"
#include "ops/lanes/product_sums.h"
#include "ops/lanes/weighted_sums.h"
#include "ops/linear/linear_lanes.h"
#include "ops/pool/pool_lanes_row.h"
#include "tensor/lanes.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

int64_t Volume(const Axes& size) { return size[0] * size[1] * size[2]; }

// Where row (d, h) of an array [D, H, W] starts, in positions.
int64_t RowOffset(const Axes& size, int64_t d, int64_t h) {
  return (d * size[1] + h) * size[2];
}

absl::StatusOr<Tensor> MakeFloats(int64_t floats) {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({floats}));
  return Tensor::Create(ElementType::kFloat32, shape);
}

// The vectors of x that a filter's row reads at a position, if they follow each
// other; else those of a tap. Runs are what sums go through at once.
struct FilterRuns {
  explicit FilterRuns(const ConvGeometry& g)
      : per_row(g.window.dilation[2] == 1 ? 1 : g.window.kernel[2]),
        vectors(g.window.kernel[2] / per_row * g.input_channels) {}

  int64_t per_row;
  int64_t vectors;
};

class ConvLanesKernel : public Kernel {
 public:
  ConvLanesKernel(const ConvGeometry& geometry, int64_t images,
                  std::optional<ActivationKind> activation,
                  std::optional<PoolGeometry> pool)
      : g_(geometry),
        block_groups_(LaneGroups(images)),
        activation_(activation),
        pool_(std::move(pool)),
        padded_(PaddedInput(geometry)),
        taps_(Volume(geometry.window.kernel)),
        filter_runs_(geometry),
        x_position_(geometry.input_channels * kLanes),
        y_position_(geometry.output_channels * kLanes),
        forward_tile_(ChooseWeightedSumsTile(g_.output_channels, g_.output[2])),
        input_gradient_tile_(
            ChooseWeightedSumsTile(g_.input_channels, g_.output[2])),
        filter_gradient_tile_(
            ChooseProductSumsTile(g_.output_channels, filter_runs_.vectors)),
        rows_at_once_(RowsAtOnce()) {
    runs_.reserve(taps_);
    if (!pool_) return;
    pool_taps_.resize(Volume(pool_->window.kernel));
    for (int64_t row = 0; row < pool_->window.kernel[1]; ++row) {
      pool_rows_.push_back(row * RowFloats());
    }
  }

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    LENSLET_ASSIGN_OR_RETURN(
        forward_weights_,
        PackedWeights::Create(g_.output_channels, taps_ * g_.input_channels,
                              forward_tile_));
    if (WantsInputGradient()) {
      LENSLET_ASSIGN_OR_RETURN(
          input_gradient_weights_,
          PackedWeights::Create(g_.input_channels, taps_ * g_.output_channels,
                                input_gradient_tile_));
    }
    if (HasPadding()) {
      // Backward reads it again; else one group's is enough.
      const int64_t groups = WantsGradients() ? block_groups_ : 1;
      LENSLET_ASSIGN_OR_RETURN(
          padded_x_, MakeFloats(groups * Volume(padded_) * x_position_));
    }
    if (pool_) {
      const int64_t rows = WantsGradients()
                               ? block_groups_ * g_.output[0] * g_.output[1]
                               : pool_->window.kernel[1];
      LENSLET_ASSIGN_OR_RETURN(unpooled_, MakeFloats(rows * RowFloats()));
    }
    if (!WantsGradients()) return absl::OkStatus();
    const int64_t sums = FilterIsLarge()
                             ? kChannelsAtOnce * filter_runs_.vectors
                             : g_.output_channels * taps_ * g_.input_channels;
    LENSLET_ASSIGN_OR_RETURN(filter_sums_, MakeFloats(sums * kLanes));
    LENSLET_ASSIGN_OR_RETURN(bias_sums_, MakeFloats(y_position_));
    if (activation_ || pool_) {
      const int64_t rows =
          KeepsGradient() ? g_.output[0] * g_.output[1] : rows_at_once_;
      LENSLET_ASSIGN_OR_RETURN(dz_, MakeFloats(rows * RowFloats()));
    }
    return absl::OkStatus();
  }

  absl::Status ParametersChanged() override {
    const float* filter = buffers().parameters[0];
    const int64_t inputs = taps_ * g_.input_channels;
    forward_weights_.Pack(0, inputs, filter, inputs, 1);
    if (WantsInputGradient()) {
      for (int64_t tap = 0; tap < taps_; ++tap) {
        input_gradient_weights_.Pack(
            tap * g_.output_channels, g_.output_channels,
            filter + tap * g_.input_channels, 1, inputs);
      }
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      if (HasPadding()) CopyIntoPadding(group);
      ForwardGroup(group);
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    std::fill(bias_sums_.span().begin(), bias_sums_.span().end(), 0.0f);
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      const float* dz = AddParameterSums(group);
      if (FilterIsLarge()) {
        AddLargeFilterGradient(PaddedGroup(group), dz, parameter_gradients[0]);
      }
      if (WantsInputGradient()) {
        WriteInputGradient(dz, buffers().input_gradients[0] +
                                   group * Volume(g_.input) * x_position_);
      }
    }
    if (!FilterIsLarge()) {
      AddLaneSums(g_.output_channels * taps_ * g_.input_channels,
                  filter_sums_.data(), parameter_gradients[0]);
    }
    if (g_.has_bias) {
      AddLaneSums(g_.output_channels, bias_sums_.data(),
                  parameter_gradients[1]);
    }
  }

 private:
  bool HasPadding() const { return !(padded_ == g_.input); }
  bool WantsGradients() const { return buffers().output_gradient != nullptr; }
  bool WantsInputGradient() const {
    return WantsGradients() && buffers().input_gradients[0] != nullptr;
  }

  // Rows of the output whose gradients, with the input's rows they belong to,
  // fill most of an L1 cache of 32 KiB or more; but so many that loading and
  // storing the sums of each product costs little beside making them.
  int64_t RowsAtOnce() const {
    constexpr int64_t kCacheFloats = 32 * 1024 / sizeof(float);
    constexpr int64_t kPositions = 48;
    const int64_t row_floats = g_.output[2] * y_position_ +
                               g_.window.stride[1] * padded_[2] * x_position_;
    const int64_t rows = std::max(
        {int64_t{1}, kCacheFloats / row_floats, kPositions / g_.output[2]});
    if (!pool_) return rows;
    // Whole windows.
    const int64_t window = pool_->window.kernel[1];
    return std::max(int64_t{1}, rows / window) * window;
  }

  // Whether the sums for the filter are so many that they do not stay in the L2
  // cache while they are made row by row.
  bool FilterIsLarge() const {
    constexpr int64_t kCacheFloats = 512 * 1024 / sizeof(float);
    return g_.output_channels * taps_ * x_position_ > kCacheFloats;
  }

  // Whether a group's whole gradient before pooling and activation is kept.
  bool KeepsGradient() const { return WantsInputGradient() || FilterIsLarge(); }

  // The padding itself is zero from the start.
  void CopyIntoPadding(int64_t group) {
    const Axes& before = g_.window.padding.before;
    const float* from =
        buffers().inputs[0] + group * Volume(g_.input) * x_position_;
    float* to = PaddedX(group);
    const int64_t row = g_.input[2] * x_position_;
    for (int64_t d = 0; d < g_.input[0]; ++d) {
      for (int64_t h = 0; h < g_.input[1]; ++h) {
        std::copy_n(from, row,
                    to + (RowOffset(padded_, d + before[0], h + before[1]) +
                          before[2]) *
                             x_position_);
        from += row;
      }
    }
  }

  float* PaddedX(int64_t group) {
    return padded_x_.data() +
           (WantsGradients() ? group * Volume(padded_) * x_position_ : 0);
  }

  const float* PaddedGroup(int64_t group) {
    return HasPadding()
               ? PaddedX(group)
               : buffers().inputs[0] + group * Volume(padded_) * x_position_;
  }

  // Whether row i of the padded input along an axis is one of the input's.
  bool IsInput(int axis, int64_t i) const {
    const int64_t inside = i - g_.window.padding.before[axis];
    return inside >= 0 && inside < g_.input[axis];
  }

  // Calls body(run, offset) for each run of the filter that meets input rows at
  // output row (d, h); `offset` is from the padded input's start, in positions,
  // for the row's first output.
  template <typename Body>
  void ForEachRun(int64_t d, int64_t h, Body body) const {
    const Window& w = g_.window;
    int64_t run = 0;
    for (int64_t kd = 0; kd < w.kernel[0]; ++kd) {
      const int64_t id = d * w.stride[0] + kd * w.dilation[0];
      for (int64_t kh = 0; kh < w.kernel[1]; ++kh) {
        const int64_t ih = h * w.stride[1] + kh * w.dilation[1];
        const bool inside = IsInput(0, id) && IsInput(1, ih);
        for (int64_t i = 0; i < filter_runs_.per_row; ++i, ++run) {
          if (inside) {
            body(run, RowOffset(padded_, id, ih) + i * w.dilation[2]);
          }
        }
      }
    }
  }

  int64_t RowFloats() const { return g_.output[2] * y_position_; }
  int64_t OutputRows() const { return g_.output[0] * g_.output[1]; }

  // Floats of a group in the buffers of the output and its gradient.
  int64_t GroupOutput() const {
    return Volume(pool_ ? pool_->output : g_.output) * y_position_;
  }

  // A group's output before pooling; without gradients, memory for the rows of
  // a window.
  float* Unpooled(int64_t group) {
    if (!pool_) return buffers().output + group * GroupOutput();
    return unpooled_.data() +
           (WantsGradients() ? group * OutputRows() * RowFloats() : 0);
  }

  void ForwardGroup(int64_t group) {
    const float* x = PaddedGroup(group);
    float* y = Unpooled(group);
    float* pooled = buffers().output + group * GroupOutput();
    const int64_t rows = pool_ ? pool_->window.kernel[1] : 1;
    for (int64_t d = 0; d < g_.output[0]; ++d) {
      for (int64_t h = 0; h < g_.output[1]; h += rows) {
        for (int64_t row = 0; row < rows; ++row) {
          ForwardRow(d, h + row, x, y + row * RowFloats());
        }
        if (pool_) {
          PoolRowForward(PoolRowAt(y, pooled));
          pooled += pool_->output[2] * y_position_;
        }
        if (!pool_ || WantsGradients()) y += rows * RowFloats();
      }
    }
  }

  void ForwardRow(int64_t d, int64_t h, const float* x, float* y) {
    runs_.clear();
    ForEachRun(d, h, [&](int64_t run, int64_t offset) {
      runs_.push_back(
          {.x = offset * x_position_,
           .w = forward_weights_.OffsetOf(run * filter_runs_.vectors),
           .steps = filter_runs_.vectors});
    });
    WeightedSums sums = {
        .runs = runs_,
        .positions = g_.output[2],
        .outputs = g_.output_channels,
        .x = x,
        .x_stride = g_.window.stride[2] * x_position_,
        .start = g_.has_bias ? buffers().parameters[1] : nullptr,
        .y = y,
        .y_stride = y_position_};
    forward_weights_.SetWeightsOf(sums);
    ComputeActivatedSums(sums, forward_tile_, activation_);
  }

  // A row of windows over the rows from y on.
  PoolRow PoolRowAt(const float* y, float* pooled) {
    return {.geometry = &*pool_,
            .rows = &pool_rows_,
            .x = y,
            .y = pooled,
            .taps = &pool_taps_};
  }

  // The gradient before pooling and activation of `rows` rows of a group from
  // `row` on, in dz unless it is the output's.
  const float* RowsGradient(int64_t group, int64_t row, int64_t rows,
                            float* dz) {
    const float* y = Unpooled(group) + row * RowFloats();
    const float* dy = buffers().output_gradient + group * GroupOutput();
    if (pool_) {
      const int64_t window = pool_->window.kernel[1];
      const int64_t pooled_row = pool_->output[2] * y_position_;
      float* pooled = buffers().output + group * GroupOutput();
      for (int64_t i = 0; i < rows; i += window) {
        const int64_t offset = (row + i) / window * pooled_row;
        PoolRow windows = PoolRowAt(y + i * RowFloats(), pooled + offset);
        windows.dy = dy + offset;
        windows.dx = dz + i * RowFloats();
        PoolRowBackward(windows);
      }
      dy = dz;
    } else {
      dy += row * RowFloats();
    }
    if (!activation_) return dy;
    ActivationGradient(*activation_, rows * RowFloats(), y, dy, dz);
    return dz;
  }

  // Adds a group's gradients by bias and, unless it is large, filter to the
  // sums. Returns its gradient before pooling and activation; all of it only if
  // KeepsGradient().
  const float* AddParameterSums(int64_t group) {
    const float* x = PaddedGroup(group);
    for (int64_t d = 0; d < g_.output[0]; ++d) {
      for (int64_t h = 0; h < g_.output[1]; h += rows_at_once_) {
        const int64_t rows = std::min(rows_at_once_, g_.output[1] - h);
        const int64_t row = d * g_.output[1] + h;
        const float* dz = RowsGradient(
            group, row, rows,
            dz_.data() + (KeepsGradient() ? row * RowFloats() : 0));
        AddVectorSums(rows * g_.output[2], g_.output_channels, dz,
                      bias_sums_.data());
        if (FilterIsLarge()) continue;
        const bool first_rows = group == 0 && row == 0;
        AddFilterSums(first_rows, {.d = d, .h = h, .rows = rows}, x, dz);
      }
    }
    return activation_ || pool_
               ? dz_.data()
               : buffers().output_gradient + group * GroupOutput();
  }

  // Output rows (d, h) to (d, h + rows - 1).
  struct OutputRange {
    int64_t d;
    int64_t h;
    int64_t rows;
  };
  // The i-th run of the filter's row (kd, kh).
  struct RunPlace {
    int64_t kd;
    int64_t kh;
    int64_t i;
  };

  template <typename Body>
  void ForEachRunPlace(Body body) const {
    int64_t run = 0;
    for (int64_t kd = 0; kd < g_.window.kernel[0]; ++kd) {
      for (int64_t kh = 0; kh < g_.window.kernel[1]; ++kh) {
        for (int64_t i = 0; i < filter_runs_.per_row; ++i, ++run) {
          body(run, RunPlace{kd, kh, i});
        }
      }
    }
  }

  // The sums of a run's products over some output rows, whose gradient is dz,
  // but for the channels and where they go. No rows: all lie on padding.
  ProductSums RunSums(const RunPlace& place, const OutputRange& range,
                      const float* x, const float* dz) const {
    const Window& w = g_.window;
    const int64_t id = range.d * w.stride[0] + place.kd * w.dilation[0];
    const int64_t ih = range.h * w.stride[1] + place.kh * w.dilation[1];
    // The rows whose tap is not on padding.
    int64_t begin = 0;
    int64_t end = IsInput(0, id) ? range.rows : 0;
    while (begin < end && !IsInput(1, ih + begin * w.stride[1])) ++begin;
    while (begin < end && !IsInput(1, ih + (end - 1) * w.stride[1])) --end;
    return {.rows = end - begin,
            .positions = g_.output[2],
            .b_size = filter_runs_.vectors,
            .a = dz + begin * RowFloats(),
            .a_stride = y_position_,
            .a_row_stride = RowFloats(),
            .b = x + (RowOffset(padded_, id, ih + begin * w.stride[1]) +
                      place.i * w.dilation[2]) *
                         x_position_,
            .b_stride = w.stride[2] * x_position_,
            .b_row_stride = w.stride[1] * padded_[2] * x_position_};
  }

  void AddFilterSums(bool first, const OutputRange& range, const float* x,
                     const float* dz) {
    ForEachRunPlace([&](int64_t run, const RunPlace& place) {
      ProductSums sums = RunSums(place, range, x, dz);
      if (sums.rows == 0 && !first) return;
      sums.start_with_sums = !first;
      sums.a_size = g_.output_channels;
      sums.sums = filter_sums_.data() + run * filter_runs_.vectors * kLanes;
      sums.sums_stride = taps_ * x_position_;
      ComputeProductSums(sums, filter_gradient_tile_);
    });
  }

  // Of one group, for a run and some channels at a time, so that the sums stay
  // in the L2 cache.
  void AddLargeFilterGradient(const float* x, const float* dz, float* dw) {
    const int64_t vectors = filter_runs_.vectors;
    ForEachRunPlace([&](int64_t run, const RunPlace& place) {
      for (int64_t k = 0; k < g_.output_channels; k += kChannelsAtOnce) {
        const int64_t channels =
            std::min(kChannelsAtOnce, g_.output_channels - k);
        bool first = true;
        for (int64_t d = 0; d < g_.output[0]; ++d) {
          for (int64_t h = 0; h < g_.output[1]; h += rows_at_once_) {
            const OutputRange range = {
                .d = d,
                .h = h,
                .rows = std::min(rows_at_once_, g_.output[1] - h)};
            ProductSums sums =
                RunSums(place, range, x,
                        dz + (d * g_.output[1] + h) * RowFloats() + k * kLanes);
            sums.start_with_sums = !first;
            sums.a_size = channels;
            sums.sums = filter_sums_.data();
            sums.sums_stride = vectors * kLanes;
            ComputeProductSums(sums, filter_gradient_tile_);
            first = false;
          }
        }
        for (int64_t i = 0; i < channels; ++i) {
          AddLaneSums(vectors, filter_sums_.data() + i * vectors * kLanes,
                      dw + (k + i) * taps_ * g_.input_channels + run * vectors);
        }
      }
    });
  }

  void WriteInputGradient(const float* dz, float* dx) {
    for (int64_t d = 0; d < g_.input[0]; ++d) {
      for (int64_t h = 0; h < g_.input[1]; ++h) {
        std::fill_n(dx, g_.input[2] * x_position_, 0.0f);
        for (int64_t kw = 0; kw < g_.window.kernel[2]; ++kw) {
          AddInputGradientRow(d, h, kw, dz, dx);
        }
        dx += g_.input[2] * x_position_;
      }
    }
  }

  // What tap kw of the outputs gives to input row (d, h), at dx.
  void AddInputGradientRow(int64_t d, int64_t h, int64_t kw, const float* dz,
                           float* dx) {
    const Window& w = g_.window;
    // Outputs [begin, end) have their tap in the row, not on padding.
    const int64_t first = kw * w.dilation[2] - w.padding.before[2];
    const int64_t begin =
        first >= 0 ? 0 : (-first + w.stride[2] - 1) / w.stride[2];
    const int64_t last = g_.input[2] - 1 - first;
    if (last < 0) return;
    const int64_t end = std::min(g_.output[2], last / w.stride[2] + 1);
    if (begin >= end) return;

    runs_.clear();
    for (int64_t kd = 0; kd < w.kernel[0]; ++kd) {
      const int64_t od = OutputOf(0, d, kd);
      for (int64_t kh = 0; kh < w.kernel[1] && od >= 0; ++kh) {
        const int64_t oh = OutputOf(1, h, kh);
        if (oh < 0) continue;
        runs_.push_back(
            {.x = (RowOffset(g_.output, od, oh) + begin) * y_position_,
             .w = input_gradient_weights_.OffsetOf(
                 ((kd * w.kernel[1] + kh) * w.kernel[2] + kw) *
                 g_.output_channels),
             .steps = g_.output_channels});
      }
    }
    if (runs_.empty()) return;
    WeightedSums sums = {.runs = runs_,
                         .positions = end - begin,
                         .outputs = g_.input_channels,
                         .x = dz,
                         .x_stride = y_position_,
                         .start_with_y = true,
                         .y = dx + (begin * w.stride[2] + first) * x_position_,
                         .y_stride = w.stride[2] * x_position_};
    input_gradient_weights_.SetWeightsOf(sums);
    ComputeWeightedSums(sums, input_gradient_tile_);
  }

  // The output whose tap `tap` is at input `i` along an axis, or -1.
  int64_t OutputOf(int axis, int64_t i, int64_t tap) const {
    const Window& w = g_.window;
    const int64_t start = i + w.padding.before[axis] - tap * w.dilation[axis];
    if (start < 0 || start % w.stride[axis] != 0) return -1;
    const int64_t o = start / w.stride[axis];
    return o < g_.output[axis] ? o : -1;
  }

  // Output channels of a large filter whose sums are made together.
  static constexpr int64_t kChannelsAtOnce = 16;

  const ConvGeometry g_;
  const int64_t block_groups_;
  const std::optional<ActivationKind> activation_;
  const std::optional<PoolGeometry> pool_;
  const Axes padded_;  // The size of the padded input.
  const int64_t taps_;
  const FilterRuns filter_runs_;
  // Floats of a position.
  const int64_t x_position_;
  const int64_t y_position_;
  const TileSize forward_tile_;
  const TileSize input_gradient_tile_;
  const TileSize filter_gradient_tile_;
  const int64_t rows_at_once_;
  std::vector<WeightedRun> runs_;
  PackedWeights forward_weights_;
  PackedWeights input_gradient_weights_;
  Tensor padded_x_;
  // Of a window: its rows, and memory for its taps.
  std::vector<int64_t> pool_rows_;
  std::vector<int64_t> pool_taps_;
  // The output before pooling: of the block, or of a window's rows.
  Tensor unpooled_;
  // The gradient before pooling and activation: of a group, or of some rows.
  Tensor dz_;
  // Parameters' gradients, in vectors that have yet to be added up.
  Tensor filter_sums_;
  Tensor bias_sums_;
};

// Whether the filter covers the whole input, and meets it at one position.
bool IsLinear(const ConvGeometry& g) {
  for (int axis = 0; axis < 3; ++axis) {
    if (g.output[axis] != 1 || g.window.kernel[axis] != g.input[axis] ||
        g.window.padding.before[axis] != 0 ||
        g.window.padding.after[axis] != 0 ||
        (g.window.kernel[axis] > 1 && g.window.dilation[axis] != 1)) {
      return false;
    }
  }
  return true;
}

// Whether each position is in exactly one window.
bool CutsIntoPieces(const PoolGeometry& pool) {
  for (int axis = 0; axis < 3; ++axis) {
    const Window& w = pool.window;
    if (w.stride[axis] != w.kernel[axis] || w.dilation[axis] != 1 ||
        w.padding.before[axis] != 0 || w.padding.after[axis] != 0 ||
        pool.input[axis] % w.kernel[axis] != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Kernel>> MakeConvLanesKernel(
    const ConvGeometry& geometry, int64_t images,
    std::optional<ActivationKind> activation,
    std::optional<PoolGeometry> pool) {
  if (pool && !(CutsIntoPieces(*pool) && pool->window.kernel[0] == 1 &&
                !IsLinear(geometry))) {
    return absl::UnimplementedError(
        "a convolution's kernel computes a pooling only if its windows cut the "
        "result into pieces of one depth");
  }
  if (IsLinear(geometry)) {
    const int64_t inputs = Volume(geometry.input) * geometry.input_channels;
    return MakeLinearLanesKernel({.input_features = inputs,
                                  .output_features = geometry.output_channels,
                                  .has_bias = geometry.has_bias},
                                 /*rows=*/1, images, activation);
  }
  return std::make_unique<ConvLanesKernel>(geometry, images, activation,
                                           std::move(pool));
}

}  // namespace lenslet
