#include "lenslet/data/arrays.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

class ArrayExamples : public Examples {
 public:
  explicit ArrayExamples(ExampleArrays arrays)
      : arrays_(std::move(arrays)),
        shape_(*Shape::Create(arrays_.inputs.shape().dims().subspan(1))),
        target_({.kind = arrays_.kind,
                 .shape = *Shape::Create(
                     arrays_.targets.shape().dims().subspan(1))}) {}

  int64_t size() const override { return arrays_.inputs.shape().dim(0); }
  Shape shape() const override { return shape_; }
  ElementType type() const override { return arrays_.inputs.type(); }
  TargetSpec target() const override { return target_; }
  bool keeps_inputs() const override { return true; }
  int64_t bytes() const override {
    return arrays_.inputs.bytes() + arrays_.targets.bytes();
  }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    if (type() == ElementType::kUint8) {
      SetInputs(arrays_.inputs.data<uint8_t>(), indices, batch);
    } else {
      SetInputs(arrays_.inputs.data(), indices, batch);
    }
    return absl::OkStatus();
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    switch (arrays_.kind) {
      case TargetKind::kClasses:
        if (arrays_.targets.type() == ElementType::kUint8) {
          CopyTargets(arrays_.targets.data<uint8_t>(), indices,
                      batch.classes().data());
        } else {
          CopyTargets(arrays_.targets.data(), indices, batch.classes().data());
        }
        if (arrays_.ignored.has_value()) {
          std::replace(batch.classes().begin(), batch.classes().end(),
                       int32_t{*arrays_.ignored}, kIgnoredClass);
        }
        break;
      case TargetKind::kLabels:
        CopyTargets(arrays_.targets.data<uint8_t>(), indices,
                    batch.values().data());
        break;
      case TargetKind::kValues:
        CopyTargets(arrays_.targets.data(), indices, batch.values().data());
        break;
    }
    return absl::OkStatus();
  }

 private:
  template <typename T>
  void SetInputs(const T* inputs, absl::Span<const int64_t> indices,
                 ExampleBatch& batch) const {
    const int64_t elements = shape_.elements();
    for (size_t i = 0; i < indices.size(); ++i) {
      LENSLET_CHECK(indices[i] >= 0 && indices[i] < size());
      batch.SetInput(i, inputs + indices[i] * elements);
    }
  }

  template <typename From, typename To>
  void CopyTargets(const From* targets, absl::Span<const int64_t> indices,
                   To* out) const {
    const int64_t elements = target_.shape.elements();
    for (const int64_t index : indices) {
      LENSLET_CHECK(index >= 0 && index < size());
      out = std::copy_n(targets + index * elements, elements, out);
    }
  }

  const ExampleArrays arrays_;
  const Shape shape_;
  const TargetSpec target_;
};

absl::Status CheckShapes(const ExampleArrays& arrays) {
  const Shape& inputs = arrays.inputs.shape();
  const Shape& targets = arrays.targets.shape();
  if (inputs.rank() < 1 || targets.rank() < 1 ||
      inputs.dim(0) != targets.dim(0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the data set's inputs have shape ", inputs.ToString(),
                     " and its targets ", targets.ToString(),
                     "; expected a target for each input"));
  }
  const ElementType type = arrays.kind == TargetKind::kValues
                               ? ElementType::kFloat32
                               : ElementType::kUint8;
  if (arrays.kind != TargetKind::kClasses && arrays.targets.type() != type) {
    return absl::InvalidArgumentError(
        absl::StrCat("the data set's targets are ", Name(arrays.targets.type()),
                     "; expected ", Name(type), " for targets of kind \"",
                     Name(arrays.kind), "\""));
  }
  if (arrays.kind == TargetKind::kLabels && targets.rank() != 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("the data set's targets have shape ", targets.ToString(),
                     "; expected [size, labels]"));
  }
  return absl::OkStatus();
}

bool IsIndex(uint8_t number, size_t limit) { return number < limit; }

bool IsIndex(float number, size_t limit) {
  return number >= 0 && number < static_cast<float>(limit) &&
         number == std::trunc(number);
}

// The first target that is not less than `limit`, unless it is ignored.
template <typename T>
absl::Status CheckLess(const Tensor& targets, size_t limit,
                       std::optional<uint8_t> ignored,
                       absl::string_view expected) {
  const absl::Span<const T> all = targets.span<T>();
  const auto bad = std::find_if(all.begin(), all.end(), [&](T target) {
    return !IsIndex(target, limit) && target != ignored;
  });
  if (bad == all.end()) return absl::OkStatus();
  const int64_t example =
      (bad - all.begin()) / targets.shape().inner_elements();
  return absl::InvalidArgumentError(
      absl::StrCat("the target of example ", example, " is ", *bad, expected));
}

// `what` is "input" or "target".
absl::Status CheckFinite(const Tensor& numbers, absl::string_view what) {
  const absl::Span<const float> all = numbers.span();
  const auto bad = std::find_if(all.begin(), all.end(),
                                [](float x) { return !std::isfinite(x); });
  if (bad == all.end()) return absl::OkStatus();
  const int64_t example =
      (bad - all.begin()) / numbers.shape().inner_elements();
  return absl::InvalidArgumentError(absl::StrCat("the ", what, " of example ",
                                                 example, " is ", *bad,
                                                 "; expected a finite number"));
}

absl::Status CheckTargets(const ExampleArrays& arrays,
                          absl::Span<const std::string> names) {
  if (arrays.ignored.has_value() && (arrays.kind != TargetKind::kClasses ||
                                     arrays.targets.shape().rank() < 2)) {
    return absl::InvalidArgumentError(
        "a class is ignored; expected targets with a class at each position");
  }
  if (arrays.kind == TargetKind::kClasses) {
    if (names.empty() && arrays.targets.shape().dim(0) > 0) {
      return absl::InvalidArgumentError("the data set has no names of classes");
    }
    const std::string expected = absl::StrCat(
        "; expected less than ", names.size(), ", the number of classes");
    return arrays.targets.type() == ElementType::kUint8
               ? CheckLess<uint8_t>(arrays.targets, names.size(),
                                    arrays.ignored, expected)
               : CheckLess<float>(arrays.targets, names.size(), arrays.ignored,
                                  expected);
  }
  const int64_t numbers = arrays.targets.shape().inner_elements();
  if (!names.empty() && static_cast<int64_t>(names.size()) != numbers) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the data set has ", names.size(), " names of ", Name(arrays.kind),
        "; expected ", numbers, ", one for each"));
  }
  return arrays.kind == TargetKind::kLabels
             ? CheckLess<uint8_t>(arrays.targets, 2, std::nullopt,
                                  "; expected 0 or 1")
             : CheckFinite(arrays.targets, "target");
}

}  // namespace

absl::StatusOr<Tensor> ClassTensor(absl::Span<const int32_t> classes,
                                   const Shape& shape) {
  LENSLET_CHECK(static_cast<int64_t>(classes.size()) == shape.elements());
  const bool are_bytes =
      std::all_of(classes.begin(), classes.end(),
                  [](int32_t c) { return c >= 0 && c <= 255; });
  LENSLET_ASSIGN_OR_RETURN(
      Tensor tensor,
      Tensor::Create(are_bytes ? ElementType::kUint8 : ElementType::kFloat32,
                     shape));
  if (are_bytes) {
    std::copy(classes.begin(), classes.end(), tensor.data<uint8_t>());
  } else {
    std::copy(classes.begin(), classes.end(), tensor.data());
  }
  return tensor;
}

absl::StatusOr<Dataset> MakeDataset(ExampleArrays arrays,
                                    std::vector<std::string> target_names,
                                    Normalization normalization) {
  LENSLET_RETURN_IF_ERROR(CheckShapes(arrays));
  LENSLET_RETURN_IF_ERROR(CheckTargets(arrays, target_names));
  if (arrays.inputs.type() == ElementType::kFloat32) {
    LENSLET_RETURN_IF_ERROR(CheckFinite(arrays.inputs, "input"));
  }
  return Dataset{.examples = std::make_shared<ArrayExamples>(std::move(arrays)),
                 .target_names = std::move(target_names),
                 .normalization = std::move(normalization)};
}

}  // namespace lenslet
