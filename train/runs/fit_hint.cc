#include "lenslet/train/runs/fit_hint.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/text_format.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/split.h"

namespace lenslet {
namespace {

// Of classes that are numbers from 0 on, of which some have no examples.
std::string GapsHint(const DataProto& source, const Shape& output,
                     const Dataset& train) {
  const std::vector<std::string>& names = train.target_names;
  if (names.empty() || names.front() != "0" ||
      names.back() != absl::StrCat(names.size() - 1)) {
    return "";
  }
  const absl::StatusOr<std::vector<int64_t>> counts = ClassCounts(train);
  if (!counts.ok()) return "";
  const auto without = std::count(counts->begin(), counts->end(), 0);
  const auto classes = static_cast<int64_t>(names.size());
  if (without == 0 || output != Shape({classes - without})) return "";
  if (without == 1 && counts->front() == 0) {
    return absl::StrCat("; no example has label 0; if labels count from 1, ",
                        source.has_idx() ? "set data.idx.first_label: 1"
                                         : "subtract 1 from them");
  }
  // IDX files without names have ten classes at least.
  const std::string remedy =
      !source.has_idx() ? "number the labels from 0 without gaps"
      : counts->front() > 0
          ? "name the classes in data.idx.class_names"
          : "name the classes in data.idx.class_names, and if labels count "
            "from 1, set first_label: 1";
  return absl::StrCat("; only ", WithCommas(classes - without), " of these ",
                      WithCommas(classes), " classes have examples: ", remedy);
}

bool ReadsFirstColumnAsLabel(const DataProto& source) {
  return source.has_csv() && source.csv().label_column() == 0 &&
         source.target().kind_case() == TargetProto::KIND_NOT_SET;
}

bool AreWholeNumbers(const Dataset& train) {
  std::vector<int64_t> indices(train.size());
  std::iota(indices.begin(), indices.end(), 0);
  ExampleBatch batch;
  if (!batch.ReadTargets(*train.examples, indices).ok()) return false;
  return std::all_of(
      batch.values().begin(), batch.values().end(),
      [](float value) { return value >= 0 && value == std::floor(value); });
}

}  // namespace

std::string FitHint(const DataProto& source, const Shape& output,
                    const Dataset& train) {
  const TargetSpec target = train.examples->target();
  if (target == TargetSpec()) {
    const std::string gaps = GapsHint(source, output, train);
    if (!gaps.empty() || !ReadsFirstColumnAsLabel(source)) return gaps;
    return "; column 1 is taken for the label; if another has it, name it in "
           "data.csv.label_column, -1 for the last";
  }
  if (source.has_npy() &&
      source.target().kind_case() == TargetProto::KIND_NOT_SET &&
      target.kind == TargetKind::kValues && target.shape == Shape({1}) &&
      AreWholeNumbers(train)) {
    return "; they are whole numbers stored as floats; if they are classes, "
           "save y.astype(\"int64\")";
  }
  return "";
}

}  // namespace lenslet
