// Surveys folders of images (data/survey.h).

#ifndef LENSLET_DATA_SURVEY_FOLDERS_H_
#define LENSLET_DATA_SURVEY_FOLDERS_H_

#include <string>

#include "absl/status/statusor.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/survey.h"

namespace lenslet {

// The first CSV file, or "".
std::string CsvFileIn(const FolderContents& contents);

// Surveys a folder with one folder of images per class, or with folders train
// and test of these. Errors: InvalidArgument for anything else, saying what was
// found; ListImageClasses()'s (data/image_folder.h).
absl::StatusOr<DataSurvey> SurveyImageFolder(const std::string& path,
                                             const FolderContents& contents);

}  // namespace lenslet

#endif  // LENSLET_DATA_SURVEY_FOLDERS_H_
