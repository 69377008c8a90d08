#include "lenslet/train/runs/metrics_record.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

// No file would have a metric that the table lacks.
static_assert(sizeof(MetricsRecord) ==
              6 * sizeof(double) +
                  (1 + kMetrics.size()) * sizeof(std::optional<double>));

// The widest that FiveDigits() and seconds of an epoch are, for up to a day.
constexpr size_t kNumberWidth = 5;
constexpr size_t kSecondsWidth = 7;

// As many decimals as fit into kNumberWidth characters, at most three.
std::string FiveDigits(double number) {
  for (const int decimals : {3, 2, 1, 0}) {
    const std::string text = absl::StrFormat("%.*f", decimals, number);
    if (text.size() <= kNumberWidth) return text;
  }
  return absl::StrFormat("%.0e", number);
}

// Of the metrics that lines of epochs show, and `chosen`.
std::vector<const Metric*> ShownMetrics(const MetricsRecord& record,
                                        const Metric* chosen) {
  std::vector<const Metric*> shown;
  for (const Metric& metric : kMetrics) {
    if ((metric.each_epoch() || &metric == chosen) &&
        (record.*metric.value).has_value()) {
      shown.push_back(&metric);
    }
  }
  return shown;
}

// Each metric with its whole name.
std::string LongMetrics(const MetricsRecord& record, const Metric* chosen) {
  std::string text;
  for (const Metric* metric : ShownMetrics(record, chosen)) {
    absl::StrAppend(&text, "  ", metric->short_name(), " ",
                    FiveDigits(*(record.*metric->value)));
  }
  return text;
}

// Each quantity once, with its values on all splits.
std::string ShortMetrics(const MetricsRecord& record, const Metric* chosen) {
  std::string text;
  const Quantity* last = nullptr;
  std::vector<const Metric*> metrics = ShownMetrics(record, chosen);
  // Each quantity in one place, in the order of the table.
  const auto place = [&](const Metric* metric) {
    return std::find(kQuantities.begin(), kQuantities.end(), metric->quantity);
  };
  std::stable_sort(
      metrics.begin(), metrics.end(),
      [&](const Metric* a, const Metric* b) { return place(a) < place(b); });
  for (const Metric* metric : metrics) {
    if (metric->quantity != last) {
      absl::StrAppend(&text, "  ", metric->quantity->short_name);
    }
    last = metric->quantity;
    if (metric->split == MetricSplit::kValidation) {
      absl::StrAppend(&text, " val");
    } else if (metric->split == MetricSplit::kTest) {
      absl::StrAppend(&text, " test");
    }
    absl::StrAppend(&text, " ", FiveDigits(*(record.*metric->value)));
  }
  return text;
}

}  // namespace

void SetMetrics(MetricSplit split, const Metrics& metrics,
                MetricsRecord& record) {
  for (const Metric& metric : kMetrics) {
    if (metric.split == split) {
      record.*metric.value = metric.quantity->of(metrics);
    }
  }
}

std::string MetricsText(const Metrics& metrics) {
  MetricsRecord record;
  SetMetrics(MetricSplit::kTrain, metrics, record);
  const Quantity& main = MainQuantity(record);
  std::string text = absl::StrFormat("loss %.3f", metrics.loss());
  if (const std::optional<double> value = main.of(metrics)) {
    absl::StrAppendFormat(&text, "  %s %.3f", main.short_name, *value);
  }
  return text;
}

const Quantity& MainQuantity(const MetricsRecord& record) {
  for (const Metric& metric : kMetrics) {
    if (metric.quantity != &kLoss && (record.*metric.value).has_value()) {
      return *metric.quantity;
    }
  }
  return kAccuracy;
}

absl::StatusOr<const Metric*> FindMetric(const NamedMetric& chosen,
                                         const JudgedExamples& examples) {
  LENSLET_ASSIGN_OR_RETURN(const MetricSplit split, SplitOf(chosen, examples));
  return &MetricOf(split, *chosen.quantity);
}

const Metric* MetricChosenBy(absl::string_view best_by, bool has_validation) {
  const absl::StatusOr<NamedMetric> named = MetricByName(best_by);
  if (!named.ok()) return nullptr;
  return MetricIfAny(
      named->split.value_or(has_validation ? MetricSplit::kValidation
                                           : MetricSplit::kTrain),
      *named->quantity);
}

bool IsBetter(const Metric& metric, double value, double than) {
  if (std::isnan(than)) return !std::isnan(value);
  return metric.quantity->higher_is_better ? value > than : value < than;
}

std::string Metric::name() const {
  return absl::StrCat(SplitName(split), "_", quantity->name);
}

std::string Metric::words() const {
  return absl::StrCat(SplitName(split), " ", quantity->words);
}

std::string Metric::result_name() const {
  if (!quantity->is_main) return "";
  if (quantity != &kLoss) return short_name();
  return split == MetricSplit::kTrain ? "loss" : "";
}

std::string Metric::short_name() const {
  return absl::StrCat(
      split == MetricSplit::kValidation ? "valid" : SplitName(split), " ",
      quantity->short_name);
}

std::string Metric::tag() const {
  return absl::StrCat(SplitName(split), "/", quantity->name);
}

std::string EpochText(int64_t epoch, int64_t epochs) {
  return absl::StrFormat("epoch %*d/%d",
                         static_cast<int>(absl::StrCat(epochs).size()), epoch,
                         epochs);
}

std::string EpochLine(const MetricsRecord& record, int64_t epoch,
                      int64_t epochs, std::optional<double> seconds,
                      const Metric* chosen) {
  const std::string start = EpochText(epoch, epochs);
  // That lines with other values may have, so that all of a run look alike.
  size_t width = start.size();
  for (const Metric* metric : ShownMetrics(record, chosen)) {
    width += 2 + metric->short_name().size() + 1 + kNumberWidth;
  }
  if (seconds) width += 2 + kSecondsWidth + 2;
  const std::string metrics = width <= kMaxEpochLine
                                  ? LongMetrics(record, chosen)
                                  : ShortMetrics(record, chosen);
  return absl::StrCat(start, metrics,
                      seconds ? absl::StrFormat("  %.1f s", *seconds) : "");
}

}  // namespace lenslet
