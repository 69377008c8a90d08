// Epochs in which some classes have more examples, and others fewer, than the
// data set has: for data with rare classes.
//
// Of an epoch of n examples, class c gets
//
//   n weight[c] count[c] / (sum over k of weight[k] count[k])
//
// rounded so that all classes together get n: the largest remainders are
// rounded up. Weights of 1 / count[c] give every class the same share. Each of
// a class's m examples occurs floor(s / m) or ceil(s / m) times, where s is the
// class's share; which of them occur once more depends on the epoch.

#ifndef LENSLET_DATA_SAMPLING_H_
#define LENSLET_DATA_SAMPLING_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"

namespace lenslet {

// Checks what Sampler::Create() checks, as far as the data is known: the kind
// of the targets, the number of classes, and their counts. Errors:
// InvalidArgument, as there.
absl::Status CheckSampling(const TargetSpec& target,
                           std::optional<int64_t> classes,
                           const std::optional<std::vector<int64_t>>& counts,
                           absl::Span<const double> weights);

// Thread-compatible.
class Sampler {
 public:
  // `weights` has a weight for each class: finite, at least 0, and positive for
  // some class with examples. Empty: 1 / count, so that classes are balanced.
  // Reads all targets. Errors: InvalidArgument, naming the weight; if the
  // targets are not classes of whole examples; those of reading them.
  static absl::StatusOr<Sampler> Create(const Dataset& dataset,
                                        absl::Span<const double> weights);

  // Returns the order of an epoch, with as many entries as the data set has
  // examples. It depends only on the arguments. `dataset` is that of Create().
  // Copies of an example are anywhere in the epoch. If Examples::EpochOrder()
  // gives an order, the examples stay in it, and copies are neighbors: then
  // files are still read in order.
  std::vector<int64_t> EpochOrder(const Dataset& dataset, uint64_t seed,
                                  int64_t epoch) const;

  // The share of each class.
  const std::vector<int64_t>& shares() const { return shares_; }

 private:
  Sampler() = default;

  std::vector<int32_t> classes_;  // Of each example.
  std::vector<int64_t> counts_;   // Of each class.
  std::vector<int64_t> shares_;
};

}  // namespace lenslet

#endif  // LENSLET_DATA_SAMPLING_H_
