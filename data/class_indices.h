// Classes that are named by numbers.

#ifndef LENSLET_DATA_CLASS_INDICES_H_
#define LENSLET_DATA_CLASS_INDICES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Whether these are the names that classes without names have: "0", "1", ...
// Also if there are none.
bool AreIndices(absl::Span<const std::string> names);

// The numbers of the classes of labels that are whole numbers, sorted. `labels`
// are those that occur, sorted. If all are from 0 to kMaxClasses - 1
// (data/dataset.h), they are indices, and classes are all numbers from 0 to the
// largest; otherwise, as for -1 and 1 or ids, those that occur.
std::vector<int64_t> ClassNumbers(absl::Span<const int64_t> labels);

// For errors: "\"0\" to \"9\"" if the names are indices, otherwise each name,
// at most ten: "\"-1\", \"1\"". There is at least one.
std::string ClassNameList(absl::Span<const std::string> names);

// Whether the classes of examples are indices, and none is 0: labels may count
// from 1. Errors: those of reading targets.
absl::StatusOr<bool> LacksFirstIndex(const Dataset& dataset);

// Whether one of two sets of classes has only indices for names, so that its
// classes may be those of the other in the same order. Other numbers, such as
// -1 and 1, are names that differ from indices.
bool OnlyOneHasNames(absl::Span<const std::string> a,
                     absl::Span<const std::string> b);

}  // namespace lenslet

#endif  // LENSLET_DATA_CLASS_INDICES_H_
