#include "ops/pool/pool_gradient.h"

#include <algorithm>

namespace lenslet {
namespace {

// The taps of a window along one axis that are not on padding: [first, last).
struct Taps {
  int64_t first;
  int64_t last;
};

Taps InsideTaps(const PoolGeometry& g, int axis, int64_t o) {
  const int64_t start =
      o * g.window.stride[axis] - g.window.padding.before[axis];
  const int64_t dilation = g.window.dilation[axis];
  const int64_t first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  const int64_t last = std::min(
      g.window.kernel[axis], (g.input[axis] - start + dilation - 1) / dilation);
  return {first, std::max(first, last)};
}

// The window at one output position, without the taps on padding.
class Window2d {
 public:
  Window2d(const PoolGeometry& g, int64_t oh, int64_t ow)
      : g_(g),
        rows_(InsideTaps(g, 1, oh)),
        columns_(InsideTaps(g, 2, ow)),
        row_(oh * g.window.stride[1] - g.window.padding.before[1]),
        column_(ow * g.window.stride[2] - g.window.padding.before[2]) {}

  int64_t taps() const {
    return (rows_.last - rows_.first) * (columns_.last - columns_.first);
  }

  // Calls body(offset) with where the channels under each tap start in an
  // image, in row-major order.
  template <typename Body>
  void ForEachTap(Body body) const {
    for (int64_t kh = rows_.first; kh < rows_.last; ++kh) {
      const int64_t h = row_ + kh * g_.window.dilation[1];
      for (int64_t kw = columns_.first; kw < columns_.last; ++kw) {
        const int64_t w = column_ + kw * g_.window.dilation[2];
        body((h * g_.input[2] + w) * g_.channels);
      }
    }
  }

 private:
  const PoolGeometry& g_;
  const Taps rows_;
  const Taps columns_;
  const int64_t row_;
  const int64_t column_;
};

void AddAverageGradient(const PoolGeometry& g, const Window2d& window,
                        const float* dy, float* dx) {
  const int64_t taps =
      g.count_padding ? g.window.kernel[1] * g.window.kernel[2] : window.taps();
  const float share = 1.0f / static_cast<float>(taps);
  window.ForEachTap([&](int64_t offset) {
    for (int64_t c = 0; c < g.channels; ++c) dx[offset + c] += dy[c] * share;
  });
}

// The first tap that is as large as y gets dy. `open`, for each channel, is
// dy until then and 0 after it.
void AddMaximumGradient(const PoolGeometry& g, const Window2d& window,
                        const float* x, const float* y, const float* dy,
                        float* dx) {
  constexpr int64_t kTile = 16;
  for (int64_t start = 0; start < g.channels; start += kTile) {
    const int64_t width = std::min(kTile, g.channels - start);
    float open[kTile];
    std::copy_n(dy + start, width, open);
    window.ForEachTap([&](int64_t offset) {
      const float* from = x + offset + start;
      float* to = dx + offset + start;
      for (int64_t c = 0; c < width; ++c) {
        const bool largest = from[c] == y[start + c];
        to[c] += largest ? open[c] : 0.0f;
        open[c] = largest ? 0.0f : open[c];
      }
    });
  }
}

}  // namespace

void WritePoolGradient(const PoolGeometry& g, int64_t images, const float* x,
                       const float* y, const float* dy, float* dx) {
  const int64_t image = g.input[1] * g.input[2] * g.channels;
  std::fill_n(dx, images * image, 0.0f);
  for (int64_t n = 0; n < images; ++n) {
    for (int64_t oh = 0; oh < g.output[1]; ++oh) {
      for (int64_t ow = 0; ow < g.output[2]; ++ow) {
        const Window2d window(g, oh, ow);
        if (g.kind == PoolKind::kAverage) {
          AddAverageGradient(g, window, dy, dx);
        } else {
          AddMaximumGradient(g, window, x, y, dy, dx);
        }
        dy += g.channels;
        y += g.channels;
      }
    }
    x += image;
    dx += image;
  }
}

}  // namespace lenslet
