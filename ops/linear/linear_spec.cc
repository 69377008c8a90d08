#include "lenslet/ops/linear/linear_spec.h"

#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxFeatures = std::numeric_limits<int32_t>::max();

absl::Status CheckFeatures(absl::string_view name, int64_t features) {
  if (features < 1 || features > kMaxFeatures) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " features are ", features, ", which is not in [1, ",
                     kMaxFeatures, "]"));
  }
  return absl::OkStatus();
}

absl::Status Check(const LinearSpec& spec) {
  LENSLET_RETURN_IF_ERROR(CheckFeatures("input", spec.input_features));
  return CheckFeatures("output", spec.output_features);
}

}  // namespace

absl::StatusOr<Shape> OutputShape(const LinearSpec& spec, const Shape& image) {
  LENSLET_RETURN_IF_ERROR(Check(spec));
  if (image.rank() < 1 || image.elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of shape ", image.ToString(), " has no features"));
  }
  const int last = image.rank() - 1;
  if (image.dim(last) != spec.input_features) {
    return absl::InvalidArgumentError(
        absl::StrCat("input has ", image.dim(last),
                     " features, weight expects ", spec.input_features));
  }
  std::vector<int64_t> dims(image.dims().begin(), image.dims().end());
  dims[last] = spec.output_features;
  return Shape::Create(dims);
}

absl::StatusOr<Shape> WeightShape(const LinearSpec& spec) {
  LENSLET_RETURN_IF_ERROR(Check(spec));
  return Shape::Create({spec.output_features, spec.input_features});
}

absl::StatusOr<Cost> ComputeCost(const LinearSpec& spec, const Shape& image) {
  LENSLET_ASSIGN_OR_RETURN(const Shape output, OutputShape(spec, image));
  LENSLET_ASSIGN_OR_RETURN(const Shape weight, WeightShape(spec));
  const int64_t rows = output.elements() / spec.output_features;
  Cost cost;
  if (__builtin_mul_overflow(rows, weight.elements(), &cost.multiply_adds)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a weight of shape ", weight.ToString(), " on ", rows,
                     " rows needs more multiply-adds than 64 bits can count"));
  }
  LENSLET_RETURN_IF_ERROR(
      SetBytes({.input = image.elements(),
                .weight = weight.elements(),
                .bias = spec.has_bias ? spec.output_features : 0,
                .output = output.elements()},
               cost));
  return cost;
}

}  // namespace lenslet
