#include "ops/softmax_cross_entropy/softmax_cross_entropy_xnnpack.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/status_macros.h"
#include "ops/xnnpack.h"
#include "tensor/tensor.h"

namespace lenslet {
namespace {

class SoftmaxCrossEntropyXnnpack : public SoftmaxCrossEntropy {
 public:
  SoftmaxCrossEntropyXnnpack(int64_t classes, XnnOperator softmax,
                             Tensor probabilities)
      : classes_(classes),
        softmax_(std::move(softmax)),
        probabilities_(std::move(probabilities)) {}

  void Run(int64_t images, const float* x, const int32_t* labels, float scale,
           float* losses, float* dx) override {
    CheckXnn(xnn_setup_softmax_nc_f32(softmax_.get(), images, x,
                                      probabilities_.data(),
                                      /*threadpool=*/nullptr));
    RunXnn(softmax_);
    const float* p = probabilities_.data();
    for (int64_t n = 0; n < images; ++n) {
      const float max_x = *std::max_element(x, x + classes_);
      const float max_p = *std::max_element(p, p + classes_);
      losses[n] = (max_x - x[labels[n]]) - std::log(max_p);
      if (dx != nullptr) {
        for (int64_t k = 0; k < classes_; ++k) dx[k] = scale * p[k];
        dx[labels[n]] = scale * (p[labels[n]] - 1.0f);
        dx += classes_;
      }
      x += classes_;
      p += classes_;
    }
  }

 private:
  const int64_t classes_;
  XnnOperator softmax_;
  Tensor probabilities_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SoftmaxCrossEntropy>>
MakeSoftmaxCrossEntropyXnnpack(int64_t classes, int64_t images) {
  XnnOperator softmax;
  LENSLET_RETURN_IF_ERROR(CreateXnnOperator(
      "softmax",
      [&](xnn_operator_t* op) {
        return xnn_create_softmax_nc_f32(classes, classes, classes,
                                         /*flags=*/0, op);
      },
      softmax));
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({images, classes}));
  LENSLET_ASSIGN_OR_RETURN(Tensor probabilities,
                           Tensor::Create(ElementType::kFloat32, shape));
  return std::make_unique<SoftmaxCrossEntropyXnnpack>(
      classes, std::move(softmax), std::move(probabilities));
}

}  // namespace lenslet
