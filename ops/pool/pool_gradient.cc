#include "lenslet/ops/pool/pool_gradient.h"

#include <algorithm>

#include "lenslet/base/check.h"

namespace lenslet {
namespace {

// The window at one output position, without the taps on padding.
struct Window3d {
  PoolTaps depth;
  PoolTaps height;
  PoolTaps width;

  int64_t divisor() const {
    return depth.divisor * height.divisor * width.divisor;
  }

  // Calls body(offset) with where the channels under each tap start in an
  // image, in row-major order.
  template <typename Body>
  void ForEachTap(const PoolGeometry& g, Body body) const {
    for (int64_t kd = 0; kd < depth.count; ++kd) {
      const int64_t d = depth.first + kd * depth.dilation;
      for (int64_t kh = 0; kh < height.count; ++kh) {
        const int64_t h = height.first + kh * height.dilation;
        for (int64_t kw = 0; kw < width.count; ++kw) {
          const int64_t w = width.first + kw * width.dilation;
          body(((d * g.input[1] + h) * g.input[2] + w) * g.channels);
        }
      }
    }
  }
};

void AddAverageGradient(const PoolGeometry& g, const Window3d& window,
                        const float* dy, float* dx) {
  const float share = 1.0f / static_cast<float>(window.divisor());
  window.ForEachTap(g, [&](int64_t offset) {
    for (int64_t c = 0; c < g.channels; ++c) dx[offset + c] += dy[c] * share;
  });
}

// The first tap that is as large as y gets dy. `open`, for each channel, is
// dy until then and 0 after it.
void AddMaximumGradient(const PoolGeometry& g, const Window3d& window,
                        const float* x, const float* y, const float* dy,
                        float* dx) {
  constexpr int64_t kTile = 16;
  for (int64_t start = 0; start < g.channels; start += kTile) {
    const int64_t width = std::min(kTile, g.channels - start);
    float open[kTile];
    std::copy_n(dy + start, width, open);
    window.ForEachTap(g, [&](int64_t offset) {
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
  LENSLET_CHECK(g.kind == PoolKind::kMax || g.kind == PoolKind::kAverage);
  const int64_t image = Volume(g.input) * g.channels;
  std::fill_n(dx, images * image, 0.0f);
  for (int64_t n = 0; n < images; ++n) {
    for (int64_t od = 0; od < g.output[0]; ++od) {
      for (int64_t oh = 0; oh < g.output[1]; ++oh) {
        for (int64_t ow = 0; ow < g.output[2]; ++ow) {
          const Window3d window = {TapsAt(g, 0, od), TapsAt(g, 1, oh),
                                   TapsAt(g, 2, ow)};
          if (g.kind == PoolKind::kAverage) {
            AddAverageGradient(g, window, dy, dx);
          } else {
            AddMaximumGradient(g, window, x, y, dy, dx);
          }
          dy += g.channels;
          y += g.channels;
        }
      }
    }
    x += image;
    dx += image;
  }
}

}  // namespace lenslet
