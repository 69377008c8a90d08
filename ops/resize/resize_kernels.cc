#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/ops/inference_kernel.h"
#include "lenslet/ops/positions.h"
#include "lenslet/ops/resize/kernels.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class ResizeReferenceKernel : public Kernel {
 public:
  explicit ResizeReferenceKernel(const ResizeGeometry& geometry)
      : g_(geometry) {}

  absl::Status Bind(KernelBuffers buffers) override {
    sums_.resize(Volume(g_.input) * g_.channels);
    return Kernel::Bind(std::move(buffers));
  }

  void Forward(int64_t images) override {
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.output, [&](const Axes& o) {
        for (int64_t c = 0; c < g_.channels; ++c) {
          double sum = 0;
          ForEachTap(o, [&](const Axes& i, double weight) {
            sum +=
                weight * InputData(0)[OffsetOf(n, i, g_.input, c, g_.channels)];
          });
          OutputData()[OffsetOf(n, o, g_.output, c, g_.channels)] =
              static_cast<float>(sum);
        }
      });
    }
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    for (int64_t n = 0; n < images; ++n) {
      std::fill(sums_.begin(), sums_.end(), 0.0);
      ForEachPosition(g_.output, [&](const Axes& o) {
        for (int64_t c = 0; c < g_.channels; ++c) {
          const double dy =
              buffers()
                  .output_gradient[OffsetOf(n, o, g_.output, c, g_.channels)];
          ForEachTap(o, [&](const Axes& i, double weight) {
            sums_[OffsetOf(0, i, g_.input, c, g_.channels)] += weight * dy;
          });
        }
      });
      std::copy(sums_.begin(), sums_.end(),
                dx + n * static_cast<int64_t>(sums_.size()));
    }
  }

 private:
  // Calls body(i, weight) for the input positions that position o reads.
  template <typename Body>
  void ForEachTap(const Axes& o, Body body) const {
    std::array<ResizeTap, 3> taps;
    for (int axis = 0; axis < 3; ++axis) taps[axis] = TapAt(g_, axis, o[axis]);
    ForEachPosition({2, 2, 2}, [&](const Axes& side) {
      Axes i = o;
      double weight = 1;
      for (int axis = 0; axis < 3; ++axis) {
        const ResizeTap& tap = taps[axis];
        i[axis] = side[axis] == 0 ? tap.first : tap.second;
        weight *= side[axis] == 0 ? 1 - tap.weight : tap.weight;
      }
      if (weight != 0) body(i, weight);
    });
  }

  const ResizeGeometry g_;
  std::vector<double> sums_;
};

}  // namespace

std::unique_ptr<Kernel> MakeResizeReferenceKernel(
    const ResizeGeometry& geometry) {
  return std::make_unique<ResizeReferenceKernel>(geometry);
}

namespace {

// Resizes arrays whose positions have `floats` floats.
class PositionResizer {
 public:
  PositionResizer(const ResizeGeometry& geometry, int64_t floats)
      : g_(geometry), floats_(floats) {}

  void Prepare() {
    for (int axis = 0; axis < 3; ++axis) {
      taps_[axis].clear();
      for (int64_t o = 0; o < g_.output[axis]; ++o) {
        taps_[axis].push_back(TapAt(g_, axis, o));
      }
    }
  }

  void Forward(int64_t count, const float* x, float* y) const {
    for (int64_t n = 0; n < count; ++n) {
      ForEachOutput([&](const Sources& sources) {
        const float* from[8];
        for (int k = 0; k < sources.count; ++k) {
          from[k] = x + sources.index[k] * floats_;
        }
        switch (sources.count) {
          case 1:
            std::copy_n(from[0], floats_, y);
            break;
          case 2:
            Mix<2>(from, sources.weight, y);
            break;
          case 4:
            Mix<4>(from, sources.weight, y);
            break;
          default:
            Mix<8>(from, sources.weight, y);
            break;
        }
        y += floats_;
      });
      x += Volume(g_.input) * floats_;
    }
  }

  void Backward(int64_t count, const float* dy, float* dx) const {
    std::fill_n(dx, count * Volume(g_.input) * floats_, 0.0f);
    for (int64_t n = 0; n < count; ++n) {
      ForEachOutput([&](const Sources& sources) {
        for (int k = 0; k < sources.count; ++k) {
          float* to = dx + sources.index[k] * floats_;
          const float weight = sources.weight[k];
          for (int64_t i = 0; i < floats_; ++i) to[i] += weight * dy[i];
        }
        dy += floats_;
      });
      dx += Volume(g_.input) * floats_;
    }
  }

 private:
  // The positions that an output position reads: 1, 2, 4 or 8.
  struct Sources {
    int count = 1;
    int64_t index[8] = {};
    float weight[8] = {1};
  };

  template <int kCount>
  void Mix(const float* const* from, const float* weight, float* y) const {
    for (int64_t i = 0; i < floats_; ++i) {
      float sum = weight[0] * from[0][i];
      for (int k = 1; k < kCount; ++k) sum += weight[k] * from[k][i];
      y[i] = sum;
    }
  }

  // Splits each source in two along an axis, unless one has no weight.
  static void Extend(const ResizeTap& tap, int64_t size, Sources& sources) {
    const int count = sources.count;
    for (int k = 0; k < count; ++k) {
      const int64_t index = sources.index[k] * size;
      const float weight = sources.weight[k];
      sources.index[k] = index + tap.first;
      if (tap.weight == 0) continue;
      sources.weight[k] = weight * static_cast<float>(1 - tap.weight);
      sources.index[count + k] = index + tap.second;
      sources.weight[count + k] = weight * static_cast<float>(tap.weight);
    }
    if (tap.weight != 0) sources.count *= 2;
  }

  // Calls body(sources) for each position of the output, in order.
  template <typename Body>
  void ForEachOutput(Body body) const {
    for (const ResizeTap& d : taps_[0]) {
      Sources plane;
      Extend(d, g_.input[0], plane);
      for (const ResizeTap& h : taps_[1]) {
        Sources row = plane;
        Extend(h, g_.input[1], row);
        for (const ResizeTap& w : taps_[2]) {
          Sources position = row;
          Extend(w, g_.input[2], position);
          body(position);
        }
      }
    }
  }

  const ResizeGeometry g_;
  const int64_t floats_;
  std::array<std::vector<ResizeTap>, 3> taps_;
};

class ResizePlainKernel : public Kernel {
 public:
  ResizePlainKernel(const ResizeGeometry& geometry, Layout layout)
      : layout_(layout),
        resizer_(geometry, layout == Layout::kLanes ? geometry.channels * kLanes
                                                    : geometry.channels) {}

  Layout layout() const override { return layout_; }

  absl::Status Bind(KernelBuffers buffers) override {
    resizer_.Prepare();
    return Kernel::Bind(std::move(buffers));
  }

  void Forward(int64_t images) override {
    resizer_.Forward(Count(images), InputData(0), OutputData());
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    resizer_.Backward(Count(images), buffers().output_gradient, dx);
  }

 private:
  // Images, or groups of them.
  int64_t Count(int64_t images) const {
    return layout_ == Layout::kLanes ? LaneGroups(images) : images;
  }

  const Layout layout_;
  PositionResizer resizer_;
};

class ResizeInferenceKernel : public InferenceKernel {
 public:
  explicit ResizeInferenceKernel(const ResizeGeometry& geometry)
      : resizer_(geometry, geometry.channels) {}

  void Forward(int64_t images) override {
    resizer_.Forward(images, InputData(0), OutputData());
  }

 private:
  absl::Status Allocate() override {
    resizer_.Prepare();
    return absl::OkStatus();
  }

  PositionResizer resizer_;
};

}  // namespace

std::unique_ptr<Kernel> MakeResizePlainKernel(const ResizeGeometry& geometry,
                                              Layout layout) {
  return std::make_unique<ResizePlainKernel>(geometry, layout);
}

std::unique_ptr<Kernel> MakeResizeInferenceKernel(
    const ResizeGeometry& geometry) {
  return std::make_unique<ResizeInferenceKernel>(geometry);
}

}  // namespace lenslet
