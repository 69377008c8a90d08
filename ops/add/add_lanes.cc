#include "lenslet/ops/add/add_lanes.h"

#include "lenslet/ops/add/add_arrays.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

class AddLanesKernel : public Kernel {
 public:
  explicit AddLanesKernel(int64_t elements) : elements_(elements) {}

  Layout layout() const override { return Layout::kLanes; }

  void Forward(int64_t images) override {
    AddArrays(buffers().inputs, Size(images), buffers().output);
  }

  void Backward(int64_t images, absl::Span<float* const>) override {
    CopyToAll(buffers().output_gradient, Size(images),
              buffers().input_gradients);
  }

 private:
  int64_t Size(int64_t images) const {
    return RoomForImages(layout(), images) * elements_;
  }

  const int64_t elements_;
};

}  // namespace

std::unique_ptr<Kernel> MakeAddLanesKernel(int64_t elements) {
  return std::make_unique<AddLanesKernel>(elements);
}

}  // namespace lenslet
