// Chooses examples for a part of a data set, so that the targets of the part
// are distributed as those of the rest.

#ifndef LENSLET_DATA_STRATA_H_
#define LENSLET_DATA_STRATA_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace lenslet {

// Both functions return whether each example is chosen. The choice depends on
// the arguments alone. `fraction` is in [0, 1); at least one example stays.

// Chooses round(fraction * n) of n examples, each of which has a value. Sorted
// by value, they form up to 10 bins of equal sizes, as many as are chosen at
// most, and each bin gives up the same share. NaN is the largest value.
std::vector<bool> ChooseByValue(absl::Span<const float> values, double fraction,
                                uint64_t seed);

// `labels` has the labels of each example, which are less than `label_count`.
// Each label has about the same share in both parts, the rarest label first:
// each of its examples goes to the part that lacks more of it. Of n examples,
// about fraction * n are chosen. Source: Sechidis, Tsoumakas and Vlahavas, "On
// the Stratification of Multi-Label Data" (2011), whose ties are broken by the
// order of a shuffle.
std::vector<bool> ChooseByLabels(absl::Span<const std::vector<int32_t>> labels,
                                 int64_t label_count, double fraction,
                                 uint64_t seed);

}  // namespace lenslet

#endif  // LENSLET_DATA_STRATA_H_
