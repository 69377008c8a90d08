#include "lenslet/data/input_targets.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "lenslet/base/status_macros.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/normalization.h"

namespace lenslet {
namespace {

// Writes each input as numbers, one after the other.
void CopyNumbers(absl::Span<const void* const> inputs, ElementType type,
                 int64_t elements, float* out) {
  for (const void* input : inputs) {
    if (type == ElementType::kUint8) {
      ScalePixels(
          absl::MakeConstSpan(static_cast<const uint8_t*>(input), elements),
          out);
    } else {
      std::copy_n(static_cast<const float*>(input), elements, out);
    }
    out += elements;
  }
}

class InputTargets : public Examples {
 public:
  explicit InputTargets(std::shared_ptr<const Examples> inputs)
      : inputs_(std::move(inputs)) {}

  int64_t size() const override { return inputs_->size(); }
  Shape shape() const override { return inputs_->shape(); }
  ElementType type() const override { return inputs_->type(); }
  TargetSpec target() const override {
    return {.kind = TargetKind::kValues, .shape = shape()};
  }
  bool keeps_inputs() const override { return inputs_->keeps_inputs(); }
  bool target_is_input() const override { return true; }
  int64_t bytes() const override { return inputs_->bytes(); }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    return inputs_->ReadInputs(indices, batch);
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    ExampleBatch read;
    LENSLET_RETURN_IF_ERROR(read.ReadInputs(*inputs_, indices));
    CopyNumbers(read.inputs(), type(), shape().elements(),
                batch.values().data());
    return absl::OkStatus();
  }

  std::vector<int64_t> EpochOrder(uint64_t seed, int64_t epoch) const override {
    return inputs_->EpochOrder(seed, epoch);
  }

  void WillRead(absl::Span<const int64_t> order) const override {
    inputs_->WillRead(order);
  }

  absl::Status AddToDigest(absl::Span<const int64_t> indices,
                           Digest& digest) const override {
    digest.AddWord("inputs as targets");
    return inputs_->AddToDigest(indices, digest);
  }

 private:
  const std::shared_ptr<const Examples> inputs_;
};

}  // namespace

Dataset WithInputsAsTargets(const Dataset& dataset) {
  return {.examples = std::make_shared<InputTargets>(dataset.examples),
          .target_names = {},
          .input_names = dataset.input_names,
          .other_columns = dataset.other_columns,
          .normalization = dataset.normalization};
}

absl::Status TargetsFromInputs(const Examples& examples, ExampleBatch& batch) {
  LENSLET_RETURN_IF_ERROR(batch.PrepareTargets(
      examples, static_cast<int64_t>(batch.inputs().size())));
  CopyNumbers(batch.inputs(), examples.type(), examples.shape().elements(),
              batch.values().data());
  return absl::OkStatus();
}

}  // namespace lenslet
