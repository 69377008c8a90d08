#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activated_sums.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/conv_lanes_input_gradient.h"
#include "lenslet/ops/conv/conv_lanes_parameter_gradients.h"
#include "lenslet/ops/conv/conv_lanes_shape.h"
#include "lenslet/ops/conv/conv_lanes_winograd.h"
#include "lenslet/ops/conv/conv_lanes_winograd_input_gradient.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/lanes/packed_weights.h"
#include "lenslet/ops/lanes/weighted_sums.h"
#include "lenslet/ops/linear/kernels.h"
#include "lenslet/ops/pool/pool_lanes_row.h"
#include "lenslet/ops/scratch.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

class ConvLanesKernel : public Kernel {
 public:
  ConvLanesKernel(const ConvGeometry& geometry, int64_t images,
                  const EpilogueGeometry& epilogue, bool exact)
      : s_(geometry),
        block_groups_(LaneGroups(images)),
        activation_(epilogue.activation),
        pool_(epilogue.pool),
        tile_(ChooseWeightedSumsTile(s_.g.output_channels, s_.g.output[2])),
        parameter_gradients_(s_, exact),
        input_gradient_(s_) {
    if (!exact && WinogradSupports(s_.g)) {
      if (const WinogradConv conv = ForwardWinograd(s_.g);
          WinogradIsFaster(conv)) {
        winograd_.emplace(conv);
      }
      if (WinogradInputGradientIsFaster(s_.g)) {
        winograd_output_tiles_.emplace(ForwardWinograd(s_.g));
      } else if (const WinogradConv conv = InputGradientWinograd(s_.g);
                 WinogradIsFaster(conv)) {
        winograd_input_gradient_.emplace(conv);
      }
    }
    runs_.reserve(s_.taps);
    if (!pool_) return;
    pool_taps_.resize(Volume(pool_->window.kernel));
    for (int64_t row = 0; row < WindowRows(); ++row) {
      pool_rows_.push_back(row * s_.RowFloats());
    }
  }

  Layout layout() const override { return Layout::kLanes; }

  absl::Status Bind(KernelBuffers buffers) override {
    LENSLET_RETURN_IF_ERROR(Kernel::Bind(std::move(buffers)));
    if (winograd_) {
      LENSLET_RETURN_IF_ERROR(winograd_->Allocate());
    } else {
      LENSLET_ASSIGN_OR_RETURN(
          weights_,
          PackedWeights::Create(s_.g.output_channels,
                                s_.taps * s_.g.input_channels, tile_));
    }
    LENSLET_RETURN_IF_ERROR(scratch().Reserve(ScratchFloats()));
    if (HasPadding() && !winograd_) {
      // Backward may read it again; else one group's is enough.
      const int64_t groups = KeepsPaddedInput() ? block_groups_ : 1;
      LENSLET_ASSIGN_OR_RETURN(
          padded_x_, MakeFloats(groups * Volume(s_.padded) * s_.x_position));
    }
    if (pool_) {
      const int64_t rows =
          WantsGradients() ? block_groups_ * OutputRows() : UnpooledRows();
      LENSLET_ASSIGN_OR_RETURN(unpooled_, MakeFloats(rows * s_.RowFloats()));
    }
    if (!WantsGradients()) return absl::OkStatus();
    LENSLET_RETURN_IF_ERROR(parameter_gradients_.Allocate());
    if (WantsInputGradient()) {
      LENSLET_RETURN_IF_ERROR(
          winograd_output_tiles_     ? winograd_output_tiles_->Allocate()
          : winograd_input_gradient_ ? winograd_input_gradient_->Allocate()
                                     : input_gradient_.Allocate());
    }
    if (activation_ || pool_) {
      const int64_t rows = KeepsGradient() ? OutputRows() : RowsAtOnce();
      LENSLET_ASSIGN_OR_RETURN(dz_, MakeFloats(rows * s_.RowFloats()));
    }
    return absl::OkStatus();
  }

  absl::Status ParametersChanged() override {
    const float* filter = ParameterData(0);
    const int64_t inputs = s_.taps * s_.g.input_channels;
    if (winograd_) {
      winograd_->SetFilter(filter, inputs, s_.g.input_channels, 1,
                           scratch().data());
    } else {
      weights_.Pack(0, inputs, filter, inputs, 1);
    }
    if (!WantsInputGradient()) return absl::OkStatus();
    if (winograd_output_tiles_) {
      winograd_output_tiles_->SetFilter(filter, scratch().data());
    } else if (winograd_input_gradient_) {
      // In reverse.
      winograd_input_gradient_->SetFilter(
          filter + (s_.taps - 1) * s_.g.input_channels, 1, -s_.g.input_channels,
          inputs, scratch().data());
    } else {
      input_gradient_.SetFilter(filter);
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      if (winograd_) {
        WinogradForwardGroup(group);
        continue;
      }
      if (HasPadding()) CopyToPadded(group);
      ForwardGroup(group);
    }
  }

  void Backward(int64_t images,
                absl::Span<float* const> parameter_gradients) override {
    parameter_gradients_.Start(parameter_gradients, scratch().data());
    for (int64_t group = 0; group < LaneGroups(images); ++group) {
      if (CopiesInputBackward() && parameter_gradients[0] != nullptr) {
        CopyWithPadding(group);
      }
      const float* x = parameter_gradients_.ReadsPaddedInput()
                           ? PaddedGroup(group)
                           : InputGroup(group);
      const float* dz = AddRows(group, x);
      parameter_gradients_.AddGroup(x, dz);
      if (!WantsInputGradient()) continue;
      float* dx = buffers().input_gradients[0] +
                  group * Volume(s_.g.input) * s_.x_position;
      if (winograd_output_tiles_) {
        winograd_output_tiles_->Run(dz, dx, scratch().data());
      } else if (winograd_input_gradient_) {
        winograd_input_gradient_->Run(
            dz, /*bias=*/nullptr, -std::numeric_limits<float>::infinity(), dx,
            /*reuse_rows=*/false, scratch().data(), [](int64_t, int64_t) {});
      } else {
        input_gradient_.Write(dz, dx);
      }
    }
    parameter_gradients_.Finish();
  }

 private:
  bool HasPadding() const { return !(s_.padded == s_.g.input); }
  bool WantsGradients() const { return buffers().output_gradient != nullptr; }
  bool WantsInputGradient() const {
    return WantsGradients() && buffers().input_gradients[0] != nullptr;
  }

  // Whether a group's whole gradient before pooling and activation is kept.
  bool KeepsGradient() const {
    return WantsInputGradient() || parameter_gradients_.NeedsWholeGroups();
  }

  // Rows of outputs in a window of the pooling.
  int64_t WindowRows() const { return pool_ ? pool_->window.kernel[1] : 1; }

  // Rows of gradients that are made together: whole windows.
  int64_t RowsAtOnce() const {
    return parameter_gradients_.RowsAtOnce(WindowRows());
  }

  // The padding itself is zero from the start.
  void CopyToPadded(int64_t group) {
    CopyIntoPadding(s_, InputGroup(group), PaddedX(group));
  }

  // Writes the padding, too: another kernel may have used the memory. For an
  // input without depth.
  void CopyWithPadding(int64_t group) {
    const Padding& padding = s_.g.window.padding;
    const float* from = InputGroup(group);
    float* to = PaddedX(group);
    const int64_t before = padding.before[2] * s_.x_position;
    const int64_t row = s_.g.input[2] * s_.x_position;
    const int64_t after = padding.after[2] * s_.x_position;
    const int64_t padded_row = s_.padded[2] * s_.x_position;
    to = std::fill_n(to, padding.before[1] * padded_row, 0.0f);
    for (int64_t h = 0; h < s_.g.input[1]; ++h) {
      to = std::fill_n(to, before, 0.0f);
      to = std::copy_n(from, row, to);
      to = std::fill_n(to, after, 0.0f);
      from += row;
    }
    std::fill_n(to, padding.after[1] * padded_row, 0.0f);
  }

  // With Winograd's algorithm, only Backward() reads the padded input.
  float* PaddedX(int64_t group) {
    if (winograd_) return scratch().data();
    return padded_x_.data() +
           (KeepsPaddedInput() ? group * Volume(s_.padded) * s_.x_position : 0);
  }

  const float* PaddedGroup(int64_t group) {
    return HasPadding() ? PaddedX(group) : InputGroup(group);
  }

  const float* InputGroup(int64_t group) {
    return InputData(0) + group * Volume(s_.g.input) * s_.x_position;
  }

  // Whether Backward() reads what Forward() has padded.
  bool KeepsPaddedInput() const {
    return WantsGradients() && parameter_gradients_.ReadsPaddedInput();
  }

  // Whether Backward() copies the input into its padding, as Forward() has not.
  bool CopiesInputBackward() const {
    return winograd_ && HasPadding() && parameter_gradients_.ReadsPaddedInput();
  }

  // Calls body(run, offset) for each run of the filter that meets input rows at
  // output row (d, h); `offset` is from the padded input's start, in positions,
  // for the row's first output.
  template <typename Body>
  void ForEachRun(int64_t d, int64_t h, Body body) const {
    const Window& w = s_.g.window;
    int64_t run = 0;
    for (int64_t kd = 0; kd < w.kernel[0]; ++kd) {
      const int64_t id = d * w.stride[0] + kd * w.dilation[0];
      for (int64_t kh = 0; kh < w.kernel[1]; ++kh) {
        const int64_t ih = h * w.stride[1] + kh * w.dilation[1];
        const bool inside = s_.IsInput(0, id) && s_.IsInput(1, ih);
        for (int64_t i = 0; i < s_.runs_per_row; ++i, ++run) {
          if (inside) {
            body(run, RowOffset(s_.padded, id, ih) + i * w.dilation[2]);
          }
        }
      }
    }
  }

  Scratch& scratch() {
    return buffers().scratch == nullptr ? own_scratch_ : *buffers().scratch;
  }

  // The padded input of a group is no longer needed when the input's gradient
  // is computed.
  int64_t ScratchFloats() const {
    int64_t floats = 0;
    if (winograd_) {
      floats = winograd_->ScratchFloats();
      if (CopiesInputBackward() && WantsGradients()) {
        floats = std::max(floats, Volume(s_.padded) * s_.x_position);
      }
    }
    if (WantsGradients()) {
      floats = std::max(floats, parameter_gradients_.ScratchFloats());
    }
    if (winograd_output_tiles_ && WantsInputGradient()) {
      floats = std::max(floats, winograd_output_tiles_->ScratchFloats());
    }
    if (winograd_input_gradient_ && WantsInputGradient()) {
      floats = std::max(floats, winograd_input_gradient_->ScratchFloats());
    }
    return floats;
  }

  int64_t OutputRows() const { return s_.g.output[0] * s_.g.output[1]; }

  // Floats of a group in the buffers of the output and its gradient.
  int64_t GroupOutput() const {
    return Volume(pool_ ? pool_->output : s_.g.output) * s_.y_position;
  }

  // A group's output before pooling; without gradients, memory for some rows.
  float* Unpooled(int64_t group) {
    if (!pool_) return OutputData() + group * GroupOutput();
    return unpooled_.data() +
           (WantsGradients() ? group * OutputRows() * s_.RowFloats() : 0);
  }

  void ForwardGroup(int64_t group) {
    const float* x = PaddedGroup(group);
    float* y = Unpooled(group);
    float* pooled = OutputData() + group * GroupOutput();
    const int64_t rows = WindowRows();
    for (int64_t d = 0; d < s_.g.output[0]; ++d) {
      for (int64_t h = 0; h < s_.g.output[1]; h += rows) {
        for (int64_t row = 0; row < rows; ++row) {
          ForwardRow(d, h + row, x, y + row * s_.RowFloats());
        }
        if (pool_) {
          PoolRowForward(PoolRowAt(y, pooled));
          pooled += pool_->output[2] * s_.y_position;
        }
        if (!pool_ || WantsGradients()) y += rows * s_.RowFloats();
      }
    }
  }

  // Rows of the output before pooling that are kept without gradients.
  int64_t UnpooledRows() const {
    if (!winograd_) return WindowRows();
    const int64_t rows = winograd_->rows_at_once();
    return rows % WindowRows() == 0 ? std::min(rows, OutputRows())
                                    : OutputRows();
  }

  void WinogradForwardGroup(int64_t group) {
    const float* x = InputGroup(group);
    float* y = Unpooled(group);
    float* pooled = OutputData() + group * GroupOutput();
    const bool reuse_rows =
        pool_ && !WantsGradients() && UnpooledRows() < OutputRows();
    int64_t to_pool = 0;  // The first row that has not been pooled yet.
    winograd_->Run(
        x, s_.g.has_bias ? ParameterData(1) : nullptr,
        IsRelu(activation_) ? 0 : -std::numeric_limits<float>::infinity(), y,
        reuse_rows, scratch().data(), [&](int64_t begin, int64_t end) {
          float* rows = y + (reuse_rows ? 0 : begin * s_.RowFloats());
          ActivateUnlessRelu(activation_, (end - begin) * s_.RowFloats(), rows);
          if (!pool_) return;
          for (; to_pool + WindowRows() <= end; to_pool += WindowRows()) {
            PoolRowForward(
                PoolRowAt(rows + (to_pool - begin) * s_.RowFloats(), pooled));
            pooled += pool_->output[2] * s_.y_position;
          }
        });
  }

  void ForwardRow(int64_t d, int64_t h, const float* x, float* y) {
    runs_.clear();
    ForEachRun(d, h, [&](int64_t run, int64_t offset) {
      runs_.push_back({.x = offset * s_.x_position,
                       .w = weights_.OffsetOf(run * s_.run_vectors),
                       .steps = s_.run_vectors});
    });
    WeightedSums sums = {.runs = runs_,
                         .positions = s_.g.output[2],
                         .outputs = s_.g.output_channels,
                         .x = x,
                         .x_stride = s_.g.window.stride[2] * s_.x_position,
                         .start = s_.g.has_bias ? ParameterData(1) : nullptr,
                         .y = y,
                         .y_stride = s_.y_position};
    weights_.SetWeightsOf(sums);
    ComputeActivatedSums(sums, tile_, activation_);
  }

  // A row of windows over the rows from y on.
  PoolRow PoolRowAt(const float* y, float* pooled) {
    return {.geometry = &*pool_,
            .rows = &pool_rows_,
            .divisor = WindowRows(),
            .x = y,
            .y = pooled,
            .taps = &pool_taps_};
  }

  // The gradient before pooling and activation of `rows` rows of a group from
  // `row` on, in dz unless it is the output's.
  const float* RowsGradient(int64_t group, int64_t row, int64_t rows,
                            float* dz) {
    const float* y = Unpooled(group) + row * s_.RowFloats();
    const float* dy = buffers().output_gradient + group * GroupOutput();
    if (pool_) {
      const int64_t window = WindowRows();
      const int64_t pooled_row = pool_->output[2] * s_.y_position;
      float* pooled = OutputData() + group * GroupOutput();
      for (int64_t i = 0; i < rows; i += window) {
        const int64_t offset = (row + i) / window * pooled_row;
        PoolRow windows = PoolRowAt(y + i * s_.RowFloats(), pooled + offset);
        windows.dy = dy + offset;
        windows.dx = dz + i * s_.RowFloats();
        PoolRowBackward(windows);
      }
      dy = dz;
    } else {
      dy += row * s_.RowFloats();
    }
    if (!activation_) return dy;
    ActivationGradient(*activation_, rows * s_.RowFloats(), y, dy, dz);
    return dz;
  }

  // Adds a group's gradients w.r.t. the parameters, row by row. x is its input,
  // as parameter_gradients_ reads it. Returns its gradient before pooling and
  // activation; all of it only if KeepsGradient().
  const float* AddRows(int64_t group, const float* x) {
    for (int64_t d = 0; d < s_.g.output[0]; ++d) {
      for (int64_t h = 0; h < s_.g.output[1]; h += RowsAtOnce()) {
        const int64_t rows = std::min(RowsAtOnce(), s_.g.output[1] - h);
        const int64_t row = d * s_.g.output[1] + h;
        float* memory = dz_.empty() ? nullptr : dz_.data();
        if (memory != nullptr && KeepsGradient()) {
          memory += row * s_.RowFloats();
        }
        const float* dz = RowsGradient(group, row, rows, memory);
        parameter_gradients_.AddRows(d, h, rows, x, dz);
      }
    }
    return activation_ || pool_
               ? dz_.data()
               : buffers().output_gradient + group * GroupOutput();
  }

  const ConvLanesShape s_;
  const int64_t block_groups_;
  const std::optional<ActivationSpec> activation_;
  const std::optional<PoolGeometry> pool_;
  const TileSize tile_;
  ConvLanesParameterGradients parameter_gradients_;
  ConvLanesInputGradient input_gradient_;
  std::optional<ConvLanesWinograd> winograd_;
  // The input's gradient, one way or the other.
  std::optional<ConvLanesWinogradInputGradient> winograd_output_tiles_;
  std::optional<ConvLanesWinograd> winograd_input_gradient_;
  std::vector<WeightedRun> runs_;
  PackedWeights weights_;
  Scratch own_scratch_;
  Tensor padded_x_;
  // Of a window: its rows, and memory for its taps.
  std::vector<int64_t> pool_rows_;
  std::vector<int64_t> pool_taps_;
  // The output before pooling: of the block, or of a window's rows.
  Tensor unpooled_;
  // The gradient before pooling and activation: of a group, or of some rows.
  Tensor dz_;
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

// Whether each position is in exactly one window, and all windows are alike.
bool CutsIntoPieces(const PoolGeometry& pool) {
  if (pool.adaptive) return false;
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
    const EpilogueGeometry& epilogue, bool exact) {
  const std::optional<PoolGeometry>& pool = epilogue.pool;
  // Strides can make a small output of a padded input beyond counting.
  const Axes padded = PaddedInput(geometry);
  LENSLET_RETURN_IF_ERROR(
      Shape::Create({LaneGroups(images), padded[0], padded[1], padded[2],
                     geometry.input_channels, kLanes})
          .status());
  if (pool && pool->kind == PoolKind::kSoftmax) {
    return absl::UnimplementedError(
        "a convolution's kernel cannot compute softmax pooling; expected "
        "maximum, average or minimum pooling");
  }
  if (pool && !(CutsIntoPieces(*pool) && pool->window.kernel[0] == 1 &&
                !IsLinear(geometry))) {
    return absl::UnimplementedError(
        "a convolution's kernel cannot compute this pooling; expected windows "
        "of depth 1 that cut the result into pieces of equal size");
  }
  if (IsLinear(geometry)) {
    const int64_t inputs = Volume(geometry.input) * geometry.input_channels;
    return MakeLinearLanesKernel({.input_features = inputs,
                                  .output_features = geometry.output_channels,
                                  .has_bias = geometry.has_bias},
                                 /*rows=*/1, images, epilogue.activation);
  }
  return std::make_unique<ConvLanesKernel>(geometry, images, epilogue, exact);
}

}  // namespace lenslet
