// Surveys CSV files (data/survey.h).

#ifndef LENSLET_DATA_SURVEY_CSV_H_
#define LENSLET_DATA_SURVEY_CSV_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/survey.h"

namespace lenslet {

// Surveys a CSV file as pixels if it looks like them, or else as a table, which
// may name images. The target is the column `target`, unless that is "".
// Errors: as SurveyData() has for CSV files.
absl::StatusOr<DataSurvey> SurveyCsvFile(const std::string& path,
                                         const std::string& target);

}  // namespace lenslet

#endif  // LENSLET_DATA_SURVEY_CSV_H_
