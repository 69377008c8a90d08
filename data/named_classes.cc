#include "lenslet/data/named_classes.h"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/split.h"

namespace lenslet {
namespace {

class NamedClassExamples : public Examples {
 public:
  NamedClassExamples(std::shared_ptr<const Examples> examples,
                     std::vector<int32_t> new_classes)
      : examples_(std::move(examples)), new_classes_(std::move(new_classes)) {}

  int64_t size() const override { return examples_->size(); }
  Shape shape() const override { return examples_->shape(); }
  ElementType type() const override { return examples_->type(); }
  TargetSpec target() const override { return examples_->target(); }
  bool keeps_inputs() const override { return examples_->keeps_inputs(); }
  bool reads_targets() const override { return examples_->reads_targets(); }
  int64_t bytes() const override { return examples_->bytes(); }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    return examples_->ReadInputs(indices, batch);
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    LENSLET_RETURN_IF_ERROR(examples_->ReadTargets(indices, batch));
    for (int32_t& c : batch.classes()) {
      if (c >= 0 && c < static_cast<int64_t>(new_classes_.size())) {
        c = new_classes_[c];
      }
    }
    return absl::OkStatus();
  }

  std::vector<int64_t> EpochOrder(uint64_t seed, int64_t epoch) const override {
    return examples_->EpochOrder(seed, epoch);
  }

  void WillRead(absl::Span<const int64_t> order) const override {
    examples_->WillRead(order);
  }

 private:
  const std::shared_ptr<const Examples> examples_;
  const std::vector<int32_t> new_classes_;
};

}  // namespace

absl::StatusOr<Dataset> WithClassesByName(
    const Dataset& dataset, const std::vector<std::string>& names) {
  std::map<absl::string_view, int32_t> index_of;
  for (size_t i = 0; i < names.size(); ++i) {
    index_of.emplace(names[i], static_cast<int32_t>(i));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int64_t> counts,
                           ClassCounts(dataset));
  std::vector<int32_t> new_classes(dataset.target_names.size());
  for (size_t c = 0; c < new_classes.size(); ++c) {
    const auto found = index_of.find(dataset.target_names[c]);
    if (found != index_of.end()) {
      new_classes[c] = found->second;
    } else if (counts[c] > 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "class \"", Printable(dataset.target_names[c]),
          "\" of the data set is none of the model's: ", ClassNameList(names)));
    }
  }
  Dataset result = dataset;
  result.examples = std::make_shared<NamedClassExamples>(
      dataset.examples, std::move(new_classes));
  result.target_names = names;
  return result;
}

}  // namespace lenslet
