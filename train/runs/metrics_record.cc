#include "lenslet/train/runs/metrics_record.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace lenslet {
namespace {

// No file would have a metric that the table lacks.
static_assert(sizeof(MetricsRecord) ==
              6 * sizeof(double) +
                  kMetrics.size() * sizeof(std::optional<double>));

}  // namespace

absl::string_view SplitName(MetricSplit split) {
  switch (split) {
    case MetricSplit::kTrain:
      return "train";
    case MetricSplit::kValidation:
      return "validation";
    case MetricSplit::kTest:
      return "test";
  }
  return "";
}

std::string Metric::name() const {
  return absl::StrCat(SplitName(split), "_", quantity->name);
}

std::string Metric::words() const {
  return absl::StrReplaceAll(name(), {{"_", " "}});
}

std::string Metric::short_name() const {
  return absl::StrCat(
      split == MetricSplit::kValidation ? "valid" : SplitName(split), " ",
      quantity->short_name);
}

std::string Metric::tag() const {
  return absl::StrCat(SplitName(split), "/", quantity->name);
}

}  // namespace lenslet
