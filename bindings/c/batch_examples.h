// A caller's batch, as examples for a trainer.

#ifndef LENSLET_BINDINGS_C_BATCH_EXAMPLES_H_
#define LENSLET_BINDINGS_C_BATCH_EXAMPLES_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/bindings/c/lenslet_c.h"
#include "lenslet/data/examples.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Examples 0 to batch.examples - 1 are those of the batch that was set last.
// size() is that of the largest batch.
class BatchExamples : public Examples {
 public:
  struct Form {
    int64_t size = 0;  // The largest batch.
    Shape shape;
    ElementType type = ElementType::kUint8;
    TargetSpec target;
    int64_t classes = 0;  // If the targets are classes.
  };

  explicit BatchExamples(const Form& form) : form_(form) {}

  // Refers to the batch's arrays. Errors: InvalidArgument for arrays or numbers
  // that do not fit, and for targets out of their range.
  absl::Status SetBatch(const lenslet_batch& batch);

  int64_t size() const override { return form_.size; }
  Shape shape() const override { return form_.shape; }
  ElementType type() const override { return form_.type; }
  TargetSpec target() const override { return form_.target; }
  bool keeps_inputs() const override { return true; }
  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override;
  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override;

 private:
  const void* inputs(const lenslet_batch& batch) const;
  absl::Status CheckTargets(const lenslet_batch& batch) const;

  const Form form_;
  lenslet_batch batch_ = {};
};

}  // namespace lenslet

#endif  // LENSLET_BINDINGS_C_BATCH_EXAMPLES_H_
