// Why a model's output may not fit the data that a recipe names.

#ifndef LENSLET_TRAIN_RUNS_FIT_HINT_H_
#define LENSLET_TRAIN_RUNS_FIT_HINT_H_

#include <string>

#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// For training examples, of `source`, whose targets a model with this output
// does not fit (CheckFit(), train/check_fit.h): what the source seems to take
// for something else, and the field or step that mends it, as "; ...". That
// labels do not count from 0 without gaps, that another column has the labels,
// or that whole numbers are values. "" if nothing is known.
std::string FitHint(const DataProto& source, const Shape& output,
                    const Dataset& train);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_FIT_HINT_H_
