// Measures how well a classifier does and where it fails, from its class
// probabilities for N examples.
//
// Let p[n, k] be the probability of class k for example n, and y[n] its label.
// The classifier predicts the most probable class:
//
//   predicted[n]  = argmax over k of p[n, k], the first if tied
//   confidence[n] = max over k of p[n, k]
//
//   accuracy          = share of n with predicted[n] == y[n]
//   top-k accuracy    = share of n where y[n] is one of the k most probable
//                       classes; of equally probable ones, the first win
//   cross-entropy     = mean over n of -log p[n, y[n]]
//   Brier score       = mean over n of sum over k of
//                       (p[n, k] - (k == y[n] ? 1 : 0))^2, in [0, 2]
//   confusion[i][j]   = number of n with y[n] == i and predicted[n] == j
//
// For class c, counted over n:
//
//   support    = number of examples of the class
//   precision  = correct / predicted, where predicted[n] == c
//   recall     = correct / support, where y[n] == c
//   F1         = 2 correct / (support + predicted), their harmonic mean
//
// The accuracy of a calibrated classifier equals its confidence. Of M bins of
// equal width, bin m has the examples n with confidence[n] in (m / M, (m + 1) /
// M], and
//
//   expected calibration error = sum over the bins of
//                                count / N * |accuracy - mean confidence|
//
// Sources: Brier, "Verification of forecasts expressed in terms of
// probability", 1950; van Rijsbergen, "Information retrieval", 1979 (F1); Guo,
// Pleiss, Sun, Weinberger, "On calibration of modern neural networks", 2017.

#ifndef LENSLET_INSPECT_CLASSIFICATION_REPORT_H_
#define LENSLET_INSPECT_CLASSIFICATION_REPORT_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/inspect/threshold_curve.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// The most classes that have curves.
inline constexpr int64_t kMaxCurves = 100;

struct ClassificationReportOptions {
  int64_t top_k = 5;              // At least 1; all classes if there are fewer.
  int64_t calibration_bins = 15;  // At least 1.
};

// Ratios with denominator 0 are absent.
struct ClassReport {
  std::string name;
  int64_t support = 0;
  int64_t predicted = 0;
  int64_t correct = 0;
  std::optional<double> precision;
  std::optional<double> recall;
  std::optional<double> f1;
  // Of the class's probability against all others (inspect/threshold_curve.h).
  // Without points for more classes than kMaxCurves.
  ThresholdCurve curve;
};

// Examples whose confidence is in (lower, upper].
struct CalibrationBin {
  double lower = 0;
  double upper = 0;
  int64_t count = 0;
  // Absent without examples.
  std::optional<double> mean_confidence;
  std::optional<double> accuracy;
};

// A misclassified example.
struct Mistake {
  int64_t index = 0;  // The example's index in the data set.
  int64_t label = 0;
  int64_t predicted = 0;
  double probability = 0;        // Of the predicted class.
  double label_probability = 0;  // Of the correct class.
};

struct ClassificationReport {
  int64_t examples = 0;
  int64_t correct = 0;
  double accuracy = 0;
  int64_t top_k = 0;
  double top_k_accuracy = 0;
  // Not the loss of training, which may have label smoothing, weights or
  // another formula (train/runs/metrics_record.h).
  double cross_entropy = 0;
  double brier_score = 0;
  double expected_calibration_error = 0;

  std::vector<ClassReport> classes;
  // Unweighted means over the classes that have the value; absent if none has.
  std::optional<double> macro_precision;
  std::optional<double> macro_recall;
  std::optional<double> macro_f1;
  // The other convention, scikit-learn's default: unweighted means over the
  // classes that have examples or are predicted, where a value that is absent
  // counts as 0.
  double macro_precision_with_zeros = 0;
  double macro_recall_with_zeros = 0;
  double macro_f1_with_zeros = 0;
  // Unweighted means over the classes that have the value.
  std::optional<double> macro_auc;
  std::optional<double> macro_average_precision;
  // Of two classes: the second one's precision and recall at thresholds from
  // 0.1 to 0.9.
  std::vector<ThresholdPoint> thresholds;

  // [label][predicted], both in the order of `classes`.
  std::vector<std::vector<int64_t>> confusion;
  // From the least confident to the most.
  std::vector<CalibrationBin> calibration;
  // All mistakes, most confident first; equally confident ones by index.
  std::vector<Mistake> mistakes;

  // Returns the first `count` mistakes, or all if there are fewer. `count` is
  // at least 0. Valid as long as the report.
  absl::Span<const Mistake> MostConfidentMistakes(int64_t count) const {
    return absl::MakeConstSpan(mistakes).first(
        std::min<size_t>(count, mistakes.size()));
  }
};

// `probabilities` is float32 [N, classes], N at least 1. `labels` are N indices
// into `class_names`. Sums are computed in double, in the order of the
// examples. The cross-entropy clamps probabilities to at least the smallest
// normal float, 1.2e-38, so that rounding to zero does not make it infinite.
// Errors: InvalidArgument, naming the place and the values, for sizes that
// differ, labels out of range, and rows that are not probabilities (NaN,
// outside [0, 1], or with a sum that differs from 1 by more than 0.001).
absl::StatusOr<ClassificationReport> MakeClassificationReport(
    const Tensor& probabilities, absl::Span<const int32_t> labels,
    absl::Span<const std::string> class_names,
    const ClassificationReportOptions& options = {});

// The same for the labels and class names of a data set. Errors: also
// InvalidArgument if its targets are not a class for each example.
absl::StatusOr<ClassificationReport> MakeClassificationReport(
    const Tensor& probabilities, const Dataset& dataset,
    const ClassificationReportOptions& options = {});

}  // namespace lenslet

#endif  // LENSLET_INSPECT_CLASSIFICATION_REPORT_H_
