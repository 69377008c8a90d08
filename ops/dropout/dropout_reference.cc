#include <algorithm>

#include "lenslet/ops/dropout/dropout_hash.h"
#include "lenslet/ops/dropout/kernels.h"

namespace lenslet {
namespace {

class DropoutReferenceKernel : public Kernel {
 public:
  DropoutReferenceKernel(const DropoutSpec& spec, int64_t elements)
      : rate_(spec.rate),
        threshold_(DropoutThreshold(spec.rate)),
        elements_(elements) {}

  void Seed(uint64_t seed) override { next_seed_ = seed; }

  void Forward(int64_t images) override {
    seed_ = next_seed_;
    Drop(images, InputData(0), OutputData());
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    float* dx = buffers().input_gradients[0];
    if (dx != nullptr) Drop(images, buffers().output_gradient, dx);
  }

 private:
  void Drop(int64_t images, const float* from, float* to) const {
    if (!buffers().training) {
      std::copy_n(from, images * elements_, to);
      return;
    }
    for (int64_t n = 0; n < images; ++n) {
      const uint32_t key = DropoutKey(seed_, n);
      for (int64_t i = 0; i < elements_; ++i) {
        const int64_t at = n * elements_ + i;
        to[at] = DropoutKeeps(key, threshold_, i)
                     ? static_cast<float>(from[at] / (1 - rate_))
                     : 0.0f;
      }
    }
  }

  const double rate_;
  const int32_t threshold_;
  const int64_t elements_;
  uint64_t next_seed_ = 0;
  uint64_t seed_ = 0;  // Of the last Forward().
};

}  // namespace

std::unique_ptr<Kernel> MakeDropoutReferenceKernel(const DropoutSpec& spec,
                                                   int64_t elements) {
  return std::make_unique<DropoutReferenceKernel>(spec, elements);
}

}  // namespace lenslet
