// Examples that are read anew each time, as those of files are, for tests.

#ifndef LENSLET_DATA_TESTING_READING_EXAMPLES_H_
#define LENSLET_DATA_TESTING_READING_EXAMPLES_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Those of a data set. Example `bad` cannot be read: DataLoss, "example 7 is
// torn".
class ReadingExamples : public Examples {
 public:
  explicit ReadingExamples(Dataset dataset, int64_t bad = -1)
      : dataset_(std::move(dataset)), bad_(bad) {}

  int64_t size() const override { return dataset_.size(); }
  Shape shape() const override { return dataset_.example_shape(); }
  ElementType type() const override { return dataset_.examples->type(); }
  TargetSpec target() const override { return dataset_.examples->target(); }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    LENSLET_RETURN_IF_ERROR(Check(indices));
    ExampleBatch read;
    LENSLET_RETURN_IF_ERROR(read.ReadInputs(*dataset_.examples, indices));
    for (size_t i = 0; i < indices.size(); ++i) {
      std::memcpy(batch.Input<uint8_t>(static_cast<int64_t>(i)),
                  read.inputs()[i], shape().elements() * SizeOf(type()));
    }
    return absl::OkStatus();
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    LENSLET_RETURN_IF_ERROR(Check(indices));
    return dataset_.examples->ReadTargets(indices, batch);
  }

 private:
  absl::Status Check(absl::Span<const int64_t> indices) const {
    if (std::find(indices.begin(), indices.end(), bad_) == indices.end()) {
      return absl::OkStatus();
    }
    return absl::DataLossError(absl::StrCat("example ", bad_, " is torn"));
  }

  const Dataset dataset_;
  const int64_t bad_;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_READING_EXAMPLES_H_
