// Surveys data sets that are arrays in files (data/survey.h).

#ifndef LENSLET_DATA_SURVEY_ARRAYS_H_
#define LENSLET_DATA_SURVEY_ARRAYS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/survey.h"

namespace lenslet {

// MNIST's four files, or others of IDX. Errors: LoadMnist()'s (data/mnist.h).
absl::StatusOr<DataSurvey> SurveyMnist(const std::string& path);

// Errors: those of data/cifar.h.
absl::StatusOr<DataSurvey> SurveyCifar10(const std::string& path);
absl::StatusOr<DataSurvey> SurveyCifar100(const std::string& path);

// Finds arrays of NumPy's by the names that people give them; the targets by
// `target`, unless that is "". Nullopt if inputs or targets are not there.
// Errors: NotFound for a `target` that is not there.
absl::StatusOr<std::optional<NpyProto>> FindArrays(
    const std::string& folder, const std::vector<std::string>& names,
    const std::string& target);

// Errors: LoadNpy()'s (data/npy.h); InvalidArgument for a class at each
// position.
absl::StatusOr<DataSurvey> SurveyArrays(const NpyProto& arrays);

// An .npz file. Errors: those of the two above, and of NpzArrays()
// (data/npz.h); InvalidArgument if it has no arrays of the usual names.
absl::StatusOr<DataSurvey> SurveyNpz(const std::string& path,
                                     const std::string& target);

}  // namespace lenslet

#endif  // LENSLET_DATA_SURVEY_ARRAYS_H_
