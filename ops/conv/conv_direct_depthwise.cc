#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/activation/activation_functions.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/direct/channel_sums.h"
#include "lenslet/ops/direct/depthwise_sums.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/lanes/sliding_sums.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// The taps along an axis that meet the input, from `begin` to `end`.
struct TapRange {
  int64_t begin = 0;
  int64_t end = 0;

  friend bool operator==(const TapRange& a, const TapRange& b) {
    return a.begin == b.begin && a.end == b.end;
  }
};

int64_t DivideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Of output `o`.
TapRange TapsThatMeet(const ConvGeometry& g, int axis, int64_t o) {
  const Window& w = g.window;
  const int64_t first = o * w.stride[axis] - w.padding.before[axis];
  const int64_t dilation = w.dilation[axis];
  const int64_t begin = DivideUp(std::max(-first, int64_t{0}), dilation);
  const int64_t end =
      std::min(w.kernel[axis],
               DivideUp(std::max(g.input[axis] - first, int64_t{0}), dilation));
  return begin < end ? TapRange{begin, end} : TapRange{};
}

// Whether each column of the input is loaded once for all taps of a row. That
// takes half the time, so it is worth as many empty lanes.
bool Slides(const ConvGeometry& g) {
  const Window& w = g.window;
  return CanSlide(w.kernel[2], w.stride[2]) && w.dilation[2] == 1 &&
         w.padding.before[2] < w.kernel[2] &&
         w.padding.after[2] < w.kernel[2] &&
         2 * g.input_channels >= PackedChannels(g.input_channels);
}

// How many neighboring positions go into vectors together: those after which
// their channels end where a vector does. 1 where that saves nothing, or the
// weights, repeated for each of them, would no longer stay in the L1 cache.
int64_t MergedPositions(const ConvGeometry& g) {
  if (Slides(g)) return 1;
  constexpr int64_t kMaxVectors = 8;
  const int64_t lanes = ChannelLanes();
  const int64_t merged = lanes / std::gcd(lanes, g.input_channels);
  return g.window.stride[2] == 1 && g.output[2] > 1 &&
                 g.input_channels <= kMaxVectors * lanes / merged
             ? merged
             : 1;
}

class ConvDirectDepthwiseKernel : public InferenceKernel {
 public:
  ConvDirectDepthwiseKernel(const ConvGeometry& geometry,
                            std::optional<ActivationSpec> activation)
      : g_(geometry),
        activation_(activation),
        channels_(geometry.input_channels),
        slides_(Slides(geometry)),
        merged_(MergedPositions(geometry)),
        w_stride_(PackedChannels(merged_ * channels_)) {}

  absl::Status ParametersChanged() override {
    const int64_t taps = Volume(g_.window.kernel);
    const float* filter = ParameterData(0);
    for (int64_t i = 0; i < merged_ * channels_; ++i) {
      const int64_t c = i % channels_;
      for (int64_t tap = 0; tap < taps; ++tap) {
        filter_.data()[tap * w_stride_ + i] = filter[c * taps + tap];
      }
      if (g_.has_bias) bias_.data()[i] = ParameterData(1)[c];
    }
    return absl::OkStatus();
  }

  void Forward(int64_t images) override {
    if (slides_) {
      ForwardRows(images, ComputeSlidingRow,
                  {.runs = {},
                   .taps = g_.window.kernel[2],
                   .stride = g_.window.stride[2],
                   .padding = g_.window.padding.before[2],
                   .columns = g_.input[2],
                   .positions = g_.output[2],
                   .channels = channels_});
    } else {
      ForwardRows(images, ComputeDepthwiseRow,
                  {.runs = {},
                   .spans = spans_,
                   .x_step = g_.window.dilation[2] * channels_});
    }
    ActivateUnlessRelu(activation_, images * Volume(g_.output) * channels_,
                       OutputData());
  }

 private:
  absl::Status Allocate() override {
    LENSLET_ASSIGN_OR_RETURN(
        const Shape filter,
        Shape::Create({Volume(g_.window.kernel), w_stride_}));
    LENSLET_ASSIGN_OR_RETURN(filter_,
                             Tensor::Create(ElementType::kFloat32, filter));
    LENSLET_ASSIGN_OR_RETURN(
        bias_, Tensor::Create(ElementType::kFloat32, {w_stride_}));
    if (!slides_) ListSpans();
    runs_.reserve(g_.window.kernel[0] * g_.window.kernel[1]);
    return absl::OkStatus();
  }

  // Of all the images. `row` lacks what DepthwiseRow and SlidingRow share.
  template <typename Row>
  void ForwardRows(int64_t images, void (*compute)(const Row&), Row row) {
    row.x = InputData(0);
    row.w = filter_.data();
    row.w_stride = w_stride_;
    row.start = bias_.data();
    row.y = OutputData();
    // A rectifier costs nothing while the sums are still in registers.
    if (IsRelu(activation_)) row.minimum = 0;
    for (int64_t n = 0; n < images; ++n) {
      for (int64_t d = 0; d < g_.output[0]; ++d) {
        for (int64_t h = 0; h < g_.output[1]; ++h) {
          ListRuns(d, h);
          row.runs = runs_;
          compute(row);
          row.y += g_.output[2] * channels_;
        }
      }
      row.x += Volume(g_.input) * channels_;
    }
  }

  void ListSpans() {
    for (int64_t begin = 0; begin < g_.output[2];) {
      const TapRange taps = TapsThatMeet(g_, 2, begin);
      int64_t end = begin + 1;
      while (end < g_.output[2] && TapsThatMeet(g_, 2, end) == taps) ++end;
      const int64_t merged = (end - begin) / merged_ * merged_;
      AddSpan(taps, begin, merged / merged_, merged_);
      if (merged < end - begin) {
        AddSpan(taps, begin + merged, 1, end - begin - merged);
      }
      begin = end;
    }
  }

  // Of `count` times `merged` outputs from `first` on, `merged` of which are
  // one position.
  void AddSpan(const TapRange& taps, int64_t first, int64_t count,
               int64_t merged) {
    if (count == 0) return;
    const Window& w = g_.window;
    const int64_t channels = merged * channels_;
    DepthwiseSpan span = {.positions = count,
                          .channels = channels,
                          .x_stride = w.stride[2] * channels,
                          .w = taps.begin * w_stride_,
                          .taps = taps.end - taps.begin,
                          .y = first * channels_,
                          .y_stride = channels,
                          .tile = ChooseDepthwiseTile(count, channels)};
    if (span.taps > 0) {
      span.x = (first * w.stride[2] - w.padding.before[2] +
                taps.begin * w.dilation[2]) *
               channels_;
    }
    spans_.push_back(span);
  }

  // The rows of the filter that meet the input at row (d, h) of the output.
  void ListRuns(int64_t d, int64_t h) {
    const Window& w = g_.window;
    const TapRange planes = TapsThatMeet(g_, 0, d);
    const TapRange rows = TapsThatMeet(g_, 1, h);
    const int64_t input_d = d * w.stride[0] - w.padding.before[0];
    const int64_t input_h = h * w.stride[1] - w.padding.before[1];
    runs_.clear();
    for (int64_t kd = planes.begin; kd < planes.end; ++kd) {
      for (int64_t kh = rows.begin; kh < rows.end; ++kh) {
        runs_.push_back(
            {.x = ((input_d + kd * w.dilation[0]) * g_.input[1] + input_h +
                   kh * w.dilation[1]) *
                  g_.input[2] * channels_,
             .w = (kd * w.kernel[1] + kh) * w.kernel[2] * w_stride_});
      }
    }
  }

  const ConvGeometry g_;
  const std::optional<ActivationSpec> activation_;
  const int64_t channels_;
  const bool slides_;
  const int64_t merged_;    // Positions whose channels share vectors.
  const int64_t w_stride_;  // Floats of a tap.
  std::vector<DepthwiseSpan> spans_;
  std::vector<SlidingRun> runs_;
  Tensor filter_;  // [taps, w_stride_], repeated for each merged position.
  Tensor bias_;    // Likewise; zero if there is none.
};

}  // namespace

std::unique_ptr<Kernel> MakeConvDirectDepthwiseKernel(
    const ConvGeometry& geometry, std::optional<ActivationSpec> activation) {
  return std::make_unique<ConvDirectDepthwiseKernel>(geometry, activation);
}

}  // namespace lenslet
