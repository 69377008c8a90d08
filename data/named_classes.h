// Gives a data set the classes of a model, by their names.

#ifndef LENSLET_DATA_NAMED_CLASSES_H_
#define LENSLET_DATA_NAMED_CLASSES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

// Returns the examples of `dataset`, whose targets are classes, with the
// classes `names`: each example has the class of the same name. Classes of the
// data set without examples need not be among them. Errors: InvalidArgument,
// naming the first other class with examples: "class "owl" of the data set is
// none of the model's: "cat", "dog""; those of reading targets.
absl::StatusOr<Dataset> WithClassesByName(
    const Dataset& dataset, const std::vector<std::string>& names);

}  // namespace lenslet

#endif  // LENSLET_DATA_NAMED_CLASSES_H_
