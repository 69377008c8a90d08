#include "lenslet/ops/concat/concat_reference.h"

#include <cstdint>
#include <utility>

namespace lenslet {
namespace {

class ConcatReferenceKernel : public Kernel {
 public:
  explicit ConcatReferenceKernel(ConcatGeometry geometry)
      : g_(std::move(geometry)) {}

  void Forward(int64_t images) override {
    ForEachElement(images, [this](int64_t y, int input, int64_t x) {
      buffers().output[y] = buffers().inputs[input][x];
    });
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    ForEachElement(images, [this](int64_t y, int input, int64_t x) {
      float* dx = buffers().input_gradients[input];
      if (dx != nullptr) dx[x] = buffers().output_gradient[y];
    });
  }

 private:
  // Calls body(y, input, x) where element y of the output is element x of an
  // input.
  template <typename Body>
  void ForEachElement(int64_t images, Body body) {
    for (int64_t y = 0; y < images * g_.rows * g_.row; ++y) {
      const int64_t row = y / g_.row;
      int64_t x = y % g_.row;
      int input = 0;
      while (x >= g_.pieces[input]) x -= g_.pieces[input++];
      body(y, input, row * g_.pieces[input] + x);
    }
  }

  const ConcatGeometry g_;
};

}  // namespace

std::unique_ptr<Kernel> MakeConcatReferenceKernel(ConcatGeometry geometry) {
  return std::make_unique<ConcatReferenceKernel>(std::move(geometry));
}

}  // namespace lenslet
