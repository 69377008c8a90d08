#include "lenslet/inspect/classification_report.h"

#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/metrics/ratio.h"
#include "lenslet/train/metrics/top_k.h"

namespace lenslet {
namespace {

constexpr double kMaxSumError = 1e-3;

absl::Status CheckSizes(const Tensor& probabilities,
                        absl::Span<const int32_t> labels,
                        absl::Span<const std::string> class_names,
                        const ClassificationReportOptions& options) {
  const Shape expected({static_cast<int64_t>(labels.size()),
                        static_cast<int64_t>(class_names.size())});
  if (probabilities.type() != ElementType::kFloat32 ||
      probabilities.shape() != expected) {
    return absl::InvalidArgumentError(
        absl::StrCat("probabilities are ", Name(probabilities.type()), " ",
                     probabilities.shape().ToString(), "; expected float32 ",
                     expected.ToString(), " for ", labels.size(),
                     " labels and ", class_names.size(), " classes"));
  }
  if (probabilities.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are ", labels.size(), " examples and ",
                     class_names.size(), " classes; expected at least one"));
  }
  if (options.top_k < 1) {
    return BadValue("top_k", options.top_k, "at least 1");
  }
  if (options.calibration_bins < 1) {
    return BadValue("calibration_bins", options.calibration_bins, "at least 1");
  }
  return absl::OkStatus();
}

absl::Status CheckExample(int64_t n, absl::Span<const float> p, int32_t label) {
  if (label < 0 || label >= static_cast<int64_t>(p.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("example ", n, " has label ", label,
                     "; expected a number in [0, ", p.size(), ")"));
  }
  double sum = 0;
  for (size_t k = 0; k < p.size(); ++k) {
    // Not a number fails both comparisons.
    if (!(p[k] >= 0 && p[k] <= 1)) {
      return absl::InvalidArgumentError(
          absl::StrCat("example ", n, " has probability ", p[k], " of class ",
                       k, "; expected a number in [0, 1]"));
    }
    sum += p[k];
  }
  if (std::abs(sum - 1) > kMaxSumError) {
    return absl::InvalidArgumentError(
        absl::StrCat("the probabilities of example ", n, " add up to ", sum,
                     "; expected 1"));
  }
  return absl::OkStatus();
}

double Loss(double p) {
  return -std::log(std::max<double>(p, std::numeric_limits<float>::min()));
}

double SquaredDistance(absl::Span<const float> p, int32_t label) {
  double sum = 0;
  for (int32_t k = 0; k < static_cast<int32_t>(p.size()); ++k) {
    const double difference = p[k] - (k == label ? 1.0 : 0.0);
    sum += difference * difference;
  }
  return sum;
}

void FillClasses(absl::Span<const std::string> class_names,
                 ClassificationReport& report) {
  const size_t classes = class_names.size();
  for (size_t c = 0; c < classes; ++c) {
    ClassReport& of_class = report.classes.emplace_back();
    of_class.name = class_names[c];
    of_class.correct = report.confusion[c][c];
    for (size_t k = 0; k < classes; ++k) {
      of_class.support += report.confusion[c][k];
      of_class.predicted += report.confusion[k][c];
    }
    of_class.precision = Ratio(of_class.correct, of_class.predicted);
    of_class.recall = Ratio(of_class.correct, of_class.support);
    of_class.f1 =
        Ratio(2.0 * of_class.correct, of_class.support + of_class.predicted);
  }
}

std::optional<double> Macro(const std::vector<ClassReport>& classes,
                            std::optional<double> ClassReport::*member) {
  std::vector<std::optional<double>> numbers;
  for (const ClassReport& c : classes) numbers.push_back(c.*member);
  return MeanOfPresent(numbers);
}

double MacroWithZeros(const std::vector<ClassReport>& classes,
                      std::optional<double> ClassReport::*member) {
  std::vector<std::optional<double>> numbers;
  for (const ClassReport& c : classes) {
    if (c.support + c.predicted > 0) numbers.push_back(c.*member);
  }
  return MeanWithZeros(numbers);
}

void FillCurves(const Tensor& probabilities, absl::Span<const int32_t> labels,
                ClassificationReport& report) {
  const int64_t classes = static_cast<int64_t>(report.classes.size());
  if (classes > kMaxCurves) return;
  std::vector<std::optional<double>> aucs, precisions;
  std::vector<ScoredTarget> examples(labels.size());
  for (int64_t c = 0; c < classes; ++c) {
    for (size_t n = 0; n < labels.size(); ++n) {
      examples[n] = {.score = probabilities.data()[n * classes + c],
                     .positive = labels[n] == c};
    }
    ThresholdCurve& curve = report.classes[c].curve;
    curve = MakeThresholdCurve(absl::MakeSpan(examples));
    aucs.push_back(curve.auc);
    precisions.push_back(curve.average_precision);
    for (int tenths = 1; classes == 2 && c == 1 && tenths < 10; ++tenths) {
      report.thresholds.push_back(PointAt(examples, tenths / 10.0));
    }
  }
  report.macro_auc = MeanOfPresent(aucs);
  report.macro_average_precision = MeanOfPresent(precisions);
}

// Sums over the examples of a bin.
struct BinSums {
  int64_t count = 0;
  int64_t correct = 0;
  double confidence = 0;
};

void FillCalibration(absl::Span<const BinSums> bins,
                     ClassificationReport& report) {
  const double width = 1.0 / bins.size();
  for (size_t m = 0; m < bins.size(); ++m) {
    const BinSums& sums = bins[m];
    report.calibration.push_back(
        {.lower = m * width,
         .upper = m + 1 == bins.size() ? 1 : (m + 1) * width,
         .count = sums.count,
         .mean_confidence = Ratio(sums.confidence, sums.count),
         .accuracy = Ratio(sums.correct, sums.count)});
    report.expected_calibration_error +=
        std::abs(sums.correct - sums.confidence) / report.examples;
  }
}

}  // namespace

absl::StatusOr<ClassificationReport> MakeClassificationReport(
    const Tensor& probabilities, absl::Span<const int32_t> labels,
    absl::Span<const std::string> class_names,
    const ClassificationReportOptions& options) {
  LENSLET_RETURN_IF_ERROR(
      CheckSizes(probabilities, labels, class_names, options));
  const int64_t examples = static_cast<int64_t>(labels.size());
  const int64_t classes = static_cast<int64_t>(class_names.size());
  ClassificationReport report;
  report.examples = examples;
  report.top_k = std::min(options.top_k, classes);
  report.confusion.assign(classes, std::vector<int64_t>(classes));
  std::vector<BinSums> bins(options.calibration_bins);
  int64_t in_top_k = 0;
  for (int64_t n = 0; n < examples; ++n) {
    const absl::Span<const float> p =
        probabilities.span().subspan(n * classes, classes);
    const int32_t label = labels[n];
    LENSLET_RETURN_IF_ERROR(CheckExample(n, p, label));
    const int64_t predicted = ArgMax(p);
    const bool is_correct = predicted == label;
    const double confidence = p[predicted];
    report.correct += is_correct;
    in_top_k += RankOfLabel(p, label) < report.top_k;
    report.cross_entropy += Loss(p[label]);
    report.brier_score += SquaredDistance(p, label);
    ++report.confusion[label][predicted];
    // The largest probability is above 0, so no confidence is left of the
    // first bin.
    BinSums& bin =
        bins[std::lround(std::ceil(confidence * options.calibration_bins)) - 1];
    ++bin.count;
    bin.correct += is_correct;
    bin.confidence += confidence;
    if (!is_correct) {
      report.mistakes.push_back({.index = n,
                                 .label = label,
                                 .predicted = predicted,
                                 .probability = confidence,
                                 .label_probability = p[label]});
    }
  }
  report.accuracy = static_cast<double>(report.correct) / examples;
  report.top_k_accuracy = static_cast<double>(in_top_k) / examples;
  report.cross_entropy /= examples;
  report.brier_score /= examples;
  FillClasses(class_names, report);
  report.macro_precision = Macro(report.classes, &ClassReport::precision);
  report.macro_recall = Macro(report.classes, &ClassReport::recall);
  report.macro_f1 = Macro(report.classes, &ClassReport::f1);
  report.macro_precision_with_zeros =
      MacroWithZeros(report.classes, &ClassReport::precision);
  report.macro_recall_with_zeros =
      MacroWithZeros(report.classes, &ClassReport::recall);
  report.macro_f1_with_zeros = MacroWithZeros(report.classes, &ClassReport::f1);
  FillCurves(probabilities, labels, report);
  FillCalibration(bins, report);
  std::stable_sort(report.mistakes.begin(), report.mistakes.end(),
                   [](const Mistake& a, const Mistake& b) {
                     return a.probability > b.probability;
                   });
  return report;
}

absl::StatusOr<ClassificationReport> MakeClassificationReport(
    const Tensor& probabilities, const Dataset& dataset,
    const ClassificationReportOptions& options) {
  if (const TargetSpec target = dataset.examples->target();
      target != TargetSpec()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the targets of the data set are ", Name(target.kind), " of shape ",
        target.shape.ToString(), "; expected a class for each example"));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> labels,
                           dataset.Classes());
  return MakeClassificationReport(probabilities, labels, dataset.target_names,
                                  options);
}

}  // namespace lenslet
