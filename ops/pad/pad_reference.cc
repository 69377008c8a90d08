#include "lenslet/ops/pad/pad_reference.h"

#include <cstdint>

#include "lenslet/ops/positions.h"

namespace lenslet {
namespace {

class PadReferenceKernel : public Kernel {
 public:
  explicit PadReferenceKernel(const PadGeometry& geometry) : g_(geometry) {}

  void Forward(int64_t images) override {
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.output, [&](const Axes& o) {
        Axes i = o;
        for (int axis = 0; axis < 3; ++axis) {
          i[axis] = SourceOf(g_.mode, o[axis] - g_.padding.before[axis],
                             g_.input[axis]);
        }
        for (int64_t c = 0; c < g_.channels; ++c) {
          buffers().output[OutputOffset(n, o, c)] =
              IsInside(i, g_.input) ? buffers().inputs[0][InputOffset(n, i, c)]
                                    : 0.0f;
        }
      });
    }
  }

  // dx[i] = sum over the positions o that hold a copy of x[i] of dy[o]
  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx == nullptr) return;
    for (int64_t n = 0; n < images; ++n) {
      ForEachPosition(g_.input, [&](const Axes& i) {
        for (int64_t c = 0; c < g_.channels; ++c) {
          double sum = 0;
          ForEachCopy(g_.mode, g_.padding, g_.input, i, [&](const Axes& copy) {
            Axes o = copy;
            for (int axis = 0; axis < 3; ++axis) {
              o[axis] += g_.padding.before[axis];
            }
            sum += buffers().output_gradient[OutputOffset(n, o, c)];
          });
          dx[InputOffset(n, i, c)] = static_cast<float>(sum);
        }
      });
    }
  }

 private:
  int64_t InputOffset(int64_t n, const Axes& i, int64_t c) const {
    return OffsetOf(n, i, g_.input, c, g_.channels);
  }
  int64_t OutputOffset(int64_t n, const Axes& o, int64_t c) const {
    return OffsetOf(n, o, g_.output, c, g_.channels);
  }

  const PadGeometry g_;
};

}  // namespace

std::unique_ptr<Kernel> MakePadReferenceKernel(const PadGeometry& geometry) {
  return std::make_unique<PadReferenceKernel>(geometry);
}

}  // namespace lenslet
