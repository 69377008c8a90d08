#include "lenslet/data/dataset.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/fatal.h"

namespace lenslet {
namespace {

// Of the shape and the type of an empty tensor of bytes.
class NoneExamples : public Examples {
 public:
  int64_t size() const override { return 0; }
  Shape shape() const override { return {}; }
  ElementType type() const override { return ElementType::kUint8; }
  absl::Status ReadInputs(absl::Span<const int64_t>,
                          ExampleBatch&) const override {
    return absl::OkStatus();
  }
  absl::Status ReadTargets(absl::Span<const int64_t>,
                           ExampleBatch&) const override {
    return absl::OkStatus();
  }
};

// As an array of shape `shape`.
absl::StatusOr<Tensor> ReadInputs(const Examples& examples,
                                  absl::Span<const int64_t> indices,
                                  const Shape& shape) {
  LENSLET_ASSIGN_OR_RETURN(Tensor inputs,
                           Tensor::Create(examples.type(), shape));
  const int64_t bytes = examples.shape().elements() * SizeOf(examples.type());
  char* to = examples.type() == ElementType::kUint8
                 ? reinterpret_cast<char*>(inputs.data<uint8_t>())
                 : reinterpret_cast<char*>(inputs.data());
  ExampleBatch batch;
  for (const int64_t index : indices) {
    LENSLET_RETURN_IF_ERROR(batch.ReadInputs(examples, {index}));
    std::memcpy(to, batch.inputs()[0], bytes);
    to += bytes;
  }
  return inputs;
}

}  // namespace

std::shared_ptr<const Examples> Dataset::NoExamples() {
  static const auto& none =
      *new std::shared_ptr<const Examples>(new NoneExamples);
  return none;
}

absl::StatusOr<Tensor> Dataset::Example(int64_t i) const {
  if (i < 0 || i >= size()) {
    Fatal(
        absl::StrCat("example ", i, " of a data set of ", size(), " examples"));
  }
  return ReadInputs(*examples, {i}, example_shape());
}

absl::StatusOr<Tensor> Dataset::Inputs() const {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                           example_shape().WithOuter(size()));
  return ReadInputs(*examples, AllIndices(size()), shape);
}

absl::StatusOr<std::vector<int32_t>> Dataset::Classes(
    absl::Span<const int64_t> indices) const {
  LENSLET_CHECK(examples->target() == TargetSpec());
  constexpr size_t kAtOnce = 4096;
  std::vector<int32_t> classes;
  classes.reserve(indices.size());
  ExampleBatch batch;
  for (size_t first = 0; first < indices.size(); first += kAtOnce) {
    LENSLET_RETURN_IF_ERROR(
        batch.ReadTargets(*examples, indices.subspan(first, kAtOnce)));
    classes.insert(classes.end(), batch.classes().begin(),
                   batch.classes().end());
  }
  return classes;
}

absl::StatusOr<std::vector<int32_t>> Dataset::Classes() const {
  return Classes(AllIndices(size()));
}

std::vector<int64_t> AllIndices(int64_t size) {
  std::vector<int64_t> indices(size);
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

}  // namespace lenslet
