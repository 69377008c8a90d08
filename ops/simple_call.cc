#include "lenslet/ops/simple_call.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

// How the arguments over so many spatial dimensions are written.
struct Layouts {
  absl::string_view x;
  absl::string_view filter;
};
constexpr Layouts kConvLayouts[] = {
    {"[N, L, Cin]", "[Cout, K, Cin]"},
    {"[N, H, W, Cin]", "[Cout, Kh, Kw, Cin]"},
    {"[N, D, H, W, Cin]", "[Cout, Kd, Kh, Kw, Cin]"},
};

}  // namespace

absl::Status CheckFloats(absl::string_view argument, const Tensor& tensor,
                         absl::string_view layout, int rank) {
  if (tensor.type() != ElementType::kFloat32 || tensor.shape().rank() != rank) {
    return absl::InvalidArgumentError(
        absl::StrCat(argument, " is ", Name(tensor.type()), " ",
                     tensor.shape().ToString(), "; expected float32 ", layout));
  }
  return absl::OkStatus();
}

absl::Status CheckConvArguments(int rank, const Tensor& x, const Tensor& filter,
                                const Tensor* bias) {
  const Layouts& layouts = kConvLayouts[rank - 1];
  LENSLET_RETURN_IF_ERROR(CheckFloats("x", x, layouts.x, rank + 2));
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("filter", filter, layouts.filter, rank + 2));
  if (bias == nullptr) return absl::OkStatus();
  LENSLET_RETURN_IF_ERROR(CheckFloats("bias", *bias, "[Cout]", 1));
  const int64_t output_channels = filter.shape().dim(0);
  if (bias->shape().dim(0) != output_channels) {
    return absl::InvalidArgumentError(
        absl::StrCat("bias has shape ", bias->shape().ToString(), ", filter ",
                     filter.shape().ToString(), " has ", output_channels,
                     " output channels"));
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
