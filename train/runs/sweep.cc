#include "lenslet/train/runs/sweep.h"

#include <algorithm>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lenslet/base/crc32c.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

constexpr char kSeed[] = "seed";
// File systems allow 255 bytes.
constexpr size_t kMaxNameSize = 150;

std::string FolderName(const std::string& changes) {
  std::string name = changes;
  for (char& c : name) {
    if (!absl::ascii_isalnum(c) &&
        absl::string_view("._-+=,").find(c) == absl::string_view::npos) {
      c = '_';
    }
  }
  if (name.size() > kMaxNameSize) name.resize(kMaxNameSize);
  if (name == changes) return name;
  return absl::StrFormat("%s-%08x", name, Crc32c(changes));
}

std::string Assignment(const SweepAxis& axis, const std::string& value) {
  return absl::StrCat(axis.field, "=", value);
}

// Whether the field says which examples are for validation.
bool SetsValidation(absl::string_view field) {
  return absl::StartsWith("data", field) ||
         absl::StartsWith(field, "data.validation_fraction") ||
         absl::StartsWith(field, "data.fold");
}

void FindAxisProblems(const RecipeProto& recipe,
                      absl::Span<const SweepAxis> axes,
                      const SweepRepeats& repeats,
                      std::vector<std::string>& problems) {
  std::set<std::string> fields;
  double runs = repeats.seeds * std::max<int64_t>(repeats.folds, 1);
  for (const SweepAxis& axis : axes) {
    runs *= axis.values.size();
    if (!fields.insert(axis.field).second) {
      problems.push_back(absl::StrCat("\"", axis.field,
                                      "\" is a duplicate field of the grid"));
    }
    if (repeats.folds > 0 && SetsValidation(axis.field)) {
      problems.push_back(absl::StrCat(
          axis.field, " cannot be in the grid together with folds"));
    }
    if (axis.field == kSeed && repeats.seeds > 1) {
      problems.push_back(
          "seed cannot be in the grid together with several seeds");
    }
    std::set<std::string> reasons;
    for (const std::string& value : axis.values) {
      RecipeProto changed = recipe;
      const absl::Status status = SetField(Assignment(axis, value), changed);
      if (status.ok()) continue;
      // What is wrong with the field is so for each value.
      const std::string message(status.message());
      if (reasons.insert(message.substr(message.find("\": "))).second) {
        problems.push_back(message);
      }
    }
  }
  if (runs > kMaxSweepRuns) {
    problems.push_back(absl::StrFormat(
        "the grid has %.0f runs; expected at most %d", runs, kMaxSweepRuns));
  }
}

}  // namespace

absl::StatusOr<SweepAxis> ParseSweepAxis(absl::string_view text) {
  const auto wrong = [&](absl::string_view reason) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\": ", reason));
  };
  const size_t equals = text.find('=');
  if (equals == absl::string_view::npos) {
    return wrong("expected FIELD=VALUE,VALUE,..., as in batch_size=64,128");
  }
  SweepAxis axis;
  axis.field = std::string(absl::StripAsciiWhitespace(text.substr(0, equals)));
  absl::string_view values = text.substr(equals + 1);
  const char separator =
      values.find('|') == absl::string_view::npos ? ',' : '|';
  if (separator == '|') absl::ConsumeSuffix(&values, "|");
  for (const absl::string_view part : absl::StrSplit(values, separator)) {
    const std::string value(absl::StripAsciiWhitespace(part));
    if (value.empty()) return wrong("a value is empty");
    if (std::find(axis.values.begin(), axis.values.end(), value) !=
        axis.values.end()) {
      return wrong(absl::StrCat("the value ", value, " is a duplicate"));
    }
    axis.values.push_back(value);
  }
  return axis;
}

Sweep MakeSweep(const RecipeProto& recipe, absl::Span<const SweepAxis> axes,
                const SweepRepeats& repeats,
                std::vector<std::string>& problems) {
  Sweep sweep;
  sweep.axes.assign(axes.begin(), axes.end());
  FindAxisProblems(recipe, axes, repeats, problems);
  if (!problems.empty()) return sweep;
  std::vector<size_t> indices(axes.size());
  bool more = true;
  while (more) {
    std::vector<std::string> values;
    std::vector<std::string> changes;
    RecipeProto point = recipe;
    for (size_t a = 0; a < axes.size(); ++a) {
      values.push_back(axes[a].values[indices[a]]);
      changes.push_back(Assignment(axes[a], values.back()));
      const absl::Status status = SetField(changes.back(), point);
      // With what other axes have set.
      if (!status.ok()) problems.push_back(std::string(status.message()));
    }
    const int64_t folds = std::max<int64_t>(repeats.folds, 1);
    for (int64_t k = 0; k < repeats.seeds * folds; ++k) {
      SweepRun run = {
          .name = "", .point = sweep.points.size(), .recipe = point};
      run.recipe.set_seed(point.seed() + k / folds);
      // The first one's name is that of a sweep with a single seed.
      std::vector<std::string> parts = changes;
      if (k >= folds || (parts.empty() && repeats.folds == 0)) {
        parts.push_back(absl::StrCat(kSeed, "=", run.recipe.seed()));
      }
      if (repeats.folds > 0) {
        FoldProto& fold = *run.recipe.mutable_data()->mutable_fold();
        fold.set_number(k % folds + 1);
        fold.set_of(folds);
        parts.push_back(absl::StrCat("fold=", fold.number(), "of", folds));
      }
      run.name = FolderName(absl::StrJoin(parts, ","));
      sweep.runs.push_back(std::move(run));
    }
    sweep.points.push_back(std::move(values));
    more = false;
    for (size_t a = axes.size(); a-- > 0 && !more;) {
      more = ++indices[a] < axes[a].values.size();
      if (!more) indices[a] = 0;
    }
  }
  return sweep;
}

}  // namespace lenslet
