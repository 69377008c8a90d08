#include "lenslet/data/survey_parts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/split.h"

namespace lenslet {

std::string CountOf(int64_t count, absl::string_view one,
                    absl::string_view many) {
  return absl::StrCat(WithCommas(count), " ", count == 1 ? one : many);
}

std::string NamesOf(const std::vector<std::string>& names) {
  constexpr size_t kMaxNames = 5;
  constexpr int64_t kMaxNameCharacters = 40;
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(names.size(), kMaxNames); ++i) {
    shown.push_back(Abbreviate(Printable(names[i]), kMaxNameCharacters));
  }
  return absl::StrCat(absl::StrJoin(shown, ", "),
                      names.size() > kMaxNames ? ", ..." : "");
}

absl::Status WrongData(const std::string& path, absl::string_view found,
                       absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", found, "; expected ", expected));
}

void SetShape(const Shape& shape, DataSurvey& survey) {
  survey.shape = shape;
  if (shape.rank() != 3) return;
  survey.height = {
      .min = shape.dim(0), .median = shape.dim(0), .max = shape.dim(0)};
  survey.width = {
      .min = shape.dim(1), .median = shape.dim(1), .max = shape.dim(1)};
}

absl::Status SetExamples(const Dataset& train, const Dataset& test,
                         DataSurvey& survey) {
  survey.class_names = train.target_names;
  LENSLET_ASSIGN_OR_RETURN(survey.train_counts, ClassCounts(train));
  if (test.size() > 0) {
    LENSLET_ASSIGN_OR_RETURN(survey.test_counts, ClassCounts(test));
  }
  SetShape(train.example_shape(), survey);
  survey.type = train.examples->type();
  return absl::OkStatus();
}

}  // namespace lenslet
