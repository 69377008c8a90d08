#include "lenslet/bindings/c/batch_examples.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "lenslet/data/target_kind.h"

namespace lenslet {
namespace {

absl::Status WrongCount(absl::string_view what, int64_t count, int64_t expected,
                        int64_t examples) {
  return absl::InvalidArgumentError(
      absl::StrCat("the batch has ", count, " elements of ", what,
                   "; expected ", expected, " for ", examples, " examples"));
}

}  // namespace

const void* BatchExamples::inputs(const lenslet_batch& batch) const {
  return form_.type == ElementType::kUint8
             ? static_cast<const void*>(batch.bytes)
             : static_cast<const void*>(batch.floats);
}

absl::Status BatchExamples::SetBatch(const lenslet_batch& batch) {
  if (batch.examples < 1 || batch.examples > form_.size) {
    return absl::InvalidArgumentError(
        absl::StrCat("the batch has ", batch.examples, " examples; expected 1 ",
                     "to ", form_.size, ", the batch_size"));
  }
  const bool has_bytes = form_.type == ElementType::kUint8;
  if (inputs(batch) == nullptr ||
      (has_bytes ? batch.floats != nullptr : batch.bytes != nullptr)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the batch's inputs must be ", has_bytes ? "bytes" : "floats",
        ", as the trainer was created for, and the other array NULL"));
  }
  const int64_t inputs = batch.examples * form_.shape.elements();
  if (batch.input_elements != inputs) {
    return WrongCount("inputs", batch.input_elements, inputs, batch.examples);
  }
  const int64_t targets = batch.examples * form_.target.shape.elements();
  if (batch.target_elements != targets) {
    return WrongCount("targets", batch.target_elements, targets,
                      batch.examples);
  }
  const absl::Status status = CheckTargets(batch);
  if (status.ok()) batch_ = batch;
  return status;
}

absl::Status BatchExamples::CheckTargets(const lenslet_batch& batch) const {
  const bool has_classes = form_.target.kind == TargetKind::kClasses;
  if (has_classes ? batch.classes == nullptr || batch.values != nullptr
                  : batch.values == nullptr || batch.classes != nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the batch's targets must be ", has_classes ? "classes" : "values",
        ", as the network's ", "outputs are ", Name(form_.target.kind),
        ", and the other array NULL"));
  }
  const int64_t of_example = form_.target.shape.elements();
  const bool has_positions = form_.target.shape.rank() > 0;
  for (int64_t i = 0; i < batch.target_elements; ++i) {
    if (has_classes) {
      const int32_t label = batch.classes[i];
      const bool is_ignored = has_positions && label == kIgnoredClass;
      if (!is_ignored && (label < 0 || label >= form_.classes)) {
        return absl::InvalidArgumentError(
            absl::StrCat("example ", i / of_example, " has class ", label,
                         "; expected 0 ", "to ", form_.classes - 1));
      }
      continue;
    }
    const float value = batch.values[i];
    const bool is_label = form_.target.kind == TargetKind::kLabels;
    if (is_label ? !(value >= 0 && value <= 1) : !std::isfinite(value)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "example ", i / of_example, " has target ", value, "; expected a ",
          is_label ? "number from 0 to 1" : "finite number"));
    }
  }
  return absl::OkStatus();
}

absl::Status BatchExamples::ReadInputs(absl::Span<const int64_t> indices,
                                       ExampleBatch& batch) const {
  const int64_t bytes = form_.shape.elements() * SizeOf(form_.type);
  const char* const first = static_cast<const char*>(inputs(batch_));
  for (size_t i = 0; i < indices.size(); ++i) {
    batch.SetInput(static_cast<int64_t>(i), first + indices[i] * bytes);
  }
  return absl::OkStatus();
}

absl::Status BatchExamples::ReadTargets(absl::Span<const int64_t> indices,
                                        ExampleBatch& batch) const {
  const int64_t elements = form_.target.shape.elements();
  for (size_t i = 0; i < indices.size(); ++i) {
    const int64_t to = static_cast<int64_t>(i) * elements;
    const int64_t from = indices[i] * elements;
    if (form_.target.kind == TargetKind::kClasses) {
      std::copy_n(batch_.classes + from, elements, batch.classes().data() + to);
    } else {
      std::copy_n(batch_.values + from, elements, batch.values().data() + to);
    }
  }
  return absl::OkStatus();
}

}  // namespace lenslet
