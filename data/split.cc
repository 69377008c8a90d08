#include "lenslet/data/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Apart from what else is drawn from the seed of a run.
constexpr uint64_t kFirstStream = uint64_t{1} << 59;

}  // namespace

std::vector<int64_t> ClassCounts(const Dataset& dataset) {
  std::vector<int64_t> counts(dataset.class_names.size());
  if (dataset.size() == 0) return counts;
  for (const uint8_t label : dataset.labels.span<uint8_t>()) ++counts[label];
  return counts;
}

absl::StatusOr<Dataset> SelectExamples(const Dataset& dataset,
                                       absl::Span<const int64_t> indices) {
  const int64_t count = static_cast<int64_t>(indices.size());
  Dataset selected;
  LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                           dataset.image_shape().WithOuter(count));
  LENSLET_ASSIGN_OR_RETURN(selected.images,
                           Tensor::Create(ElementType::kUint8, shape));
  LENSLET_ASSIGN_OR_RETURN(selected.labels,
                           Tensor::Create(ElementType::kUint8, {count}));
  selected.class_names = dataset.class_names;
  selected.normalization = dataset.normalization;
  const int64_t elements = shape.inner_elements();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = indices[i];
    LENSLET_CHECK(index >= 0 && index < dataset.size());
    std::copy_n(dataset.images.data<uint8_t>() + index * elements, elements,
                selected.images.data<uint8_t>() + i * elements);
    selected.labels.data<uint8_t>()[i] = dataset.labels.data<uint8_t>()[index];
  }
  return selected;
}

absl::StatusOr<Dataset> FirstExamples(Dataset dataset, int64_t count) {
  LENSLET_CHECK(count >= 0);
  if (count >= dataset.size()) return dataset;
  std::vector<int64_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0);
  return SelectExamples(dataset, indices);
}

absl::StatusOr<TrainAndValidation> SplitOff(Dataset dataset, double fraction,
                                            uint64_t seed) {
  if (!(fraction >= 0 && fraction < 1)) {
    return BadValue("fraction", fraction, "a number in [0, 1)");
  }
  const std::vector<int64_t> counts = ClassCounts(dataset);
  // Of each class, how many are left to be looked at and to be taken.
  std::vector<int64_t> left = counts;
  std::vector<int64_t> wanted;
  std::vector<Random> randoms;
  for (size_t c = 0; c < counts.size(); ++c) {
    const int64_t share =
        std::llround(fraction * static_cast<double>(counts[c]));
    wanted.push_back(
        std::clamp<int64_t>(share, 0, std::max<int64_t>(counts[c] - 1, 0)));
    randoms.emplace_back(seed, kFirstStream + c);
  }
  std::vector<int64_t> train, validation;
  for (int64_t i = 0; i < dataset.size(); ++i) {
    const uint8_t c = dataset.labels.data<uint8_t>()[i];
    // Selection sampling: every set of that many is equally likely.
    if (randoms[c].Below(left[c]--) < wanted[c]) {
      --wanted[c];
      validation.push_back(i);
    } else {
      train.push_back(i);
    }
  }
  TrainAndValidation parts;
  LENSLET_ASSIGN_OR_RETURN(parts.validation,
                           SelectExamples(dataset, validation));
  if (validation.empty()) {
    parts.train = std::move(dataset);
  } else {
    LENSLET_ASSIGN_OR_RETURN(parts.train, SelectExamples(dataset, train));
  }
  return parts;
}

}  // namespace lenslet
