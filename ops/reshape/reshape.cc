#include "lenslet/ops/reshape/reshape.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/ops/simple_call.h"

namespace lenslet {

absl::StatusOr<Shape> ReshapedShape(absl::Span<const int64_t> shape,
                                    const Shape& image) {
  // The number of images is a dimension too.
  constexpr int kMaxSizes = Shape::kMaxRank - 1;
  if (shape.empty() || shape.size() > kMaxSizes) {
    return absl::InvalidArgumentError(
        absl::StrCat("shape has ", CountText(shape.size(), "size"),
                     "; expected 1 to ", kMaxSizes));
  }
  const std::string text = absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
  std::vector<int64_t> dims(shape.begin(), shape.end());
  auto rest = dims.end();
  for (auto size = dims.begin(); size != dims.end(); ++size) {
    if (*size == -1 && rest == dims.end()) {
      rest = size;
      *size = 1;
    } else if (*size < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape ", text, " has ", *size,
                       *size == -1 ? " twice; expected it at most once"
                                   : "; expected sizes of at least 1, or -1"));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(const Shape known, Shape::Create(dims));
  const int64_t elements = image.elements();
  if (rest == dims.end() ? known.elements() != elements
                         : elements % known.elements() != 0 || elements == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "shape ", text, " does not fit an input of shape ", image.ToString(),
        ", which has ", CountText(elements, "element")));
  }
  if (rest != dims.end()) *rest = elements / known.elements();
  return Shape::Create(dims);
}

absl::StatusOr<Tensor> Reshape(const Tensor& x,
                               absl::Span<const int64_t> shape) {
  LENSLET_RETURN_IF_ERROR(
      CheckFloats("x", x, "[N, ...]", std::max(1, x.shape().rank())));
  LENSLET_ASSIGN_OR_RETURN(const Shape image, ImageShape(x));
  LENSLET_ASSIGN_OR_RETURN(const Shape output, ReshapedShape(shape, image));
  LENSLET_ASSIGN_OR_RETURN(Tensor y, MakeOutput(x.shape().dim(0), output));
  std::copy(x.span().begin(), x.span().end(), y.span().begin());
  return y;
}

Shape FlattenedShape(const Shape& image) { return {image.elements()}; }

absl::StatusOr<Tensor> Flatten(const Tensor& x) { return Reshape(x, {-1}); }

}  // namespace lenslet
