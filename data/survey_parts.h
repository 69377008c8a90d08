// What surveys of all kinds of data (data/survey.h) share.

#ifndef LENSLET_DATA_SURVEY_PARTS_H_
#define LENSLET_DATA_SURVEY_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/survey.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

inline constexpr char kOtherTarget[] =
    "--target=COLUMN, a name or a number from 0, takes another";

// "1 file" or "2,000 files".
std::string CountOf(int64_t count, absl::string_view one,
                    absl::string_view many);

// Names at most five.
std::string NamesOf(const std::vector<std::string>& names);

// InvalidArgument: "PATH: FOUND; expected EXPECTED".
absl::Status WrongData(const std::string& path, absl::string_view found,
                       absl::string_view expected);

// Sets the survey's shape, and its height and width if all examples are images
// of that shape.
void SetShape(const Shape& shape, DataSurvey& survey);

// Sets what examples of classes say. Errors: those of reading targets.
absl::Status SetExamples(const Dataset& train, const Dataset& test,
                         DataSurvey& survey);

}  // namespace lenslet

#endif  // LENSLET_DATA_SURVEY_PARTS_H_
