#include "ops/simple_call.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace lenslet {

absl::Status CheckFloats(absl::string_view argument, const Tensor& tensor,
                         absl::string_view layout, int rank) {
  if (tensor.type() != ElementType::kFloat32 || tensor.shape().rank() != rank) {
    return absl::InvalidArgumentError(
        absl::StrCat(argument, " is ", Name(tensor.type()), " ",
                     tensor.shape().ToString(), ", expected float32 ", layout));
  }
  return absl::OkStatus();
}

absl::StatusOr<Shape> ImageShape(const Tensor& x) {
  if (x.shape().rank() < 1 || x.shape().dim(0) < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("x of shape ", x.shape().ToString(), " holds no images"));
  }
  return Shape::Create(x.shape().dims().subspan(1));
}

absl::StatusOr<Tensor> MakeOutput(int64_t images, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, image.WithOuter(images));
  return Tensor::Create(ElementType::kFloat32, shape);
}

}  // namespace lenslet
