// How far the values that a model predicts are from the true ones.

#ifndef LENSLET_INSPECT_VALUE_REPORT_H_
#define LENSLET_INSPECT_VALUE_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/metrics/value_errors.h"
#include "nlohmann/json_fwd.hpp"

namespace lenslet {

// The errors of one of the values, over the examples.
struct ValueReportRow {
  std::string name;
  ValueErrors errors;
  std::optional<double> r2;
};

// The error of one example.
struct ExampleError {
  int64_t index = 0;               // The example's index in the data set.
  double mean_absolute_error = 0;  // Over its values.
  // The value that is furthest from the true one; the first if tied.
  int64_t value = 0;
  float target = 0;
  float output = 0;
};

// The formulas are those of train/metrics/value_errors.h.
struct ValueReport {
  int64_t examples = 0;
  ValueErrors errors;  // Of all values together.
  // The mean over the values that have an R^2. Absent if none has.
  std::optional<double> mean_r2;
  std::vector<ValueReportRow> values;
  // All examples, the largest error first; equal ones by index.
  std::vector<ExampleError> examples_by_error;
};

// `outputs` and `targets` are N examples of names.size() values, N and the
// number of values at least 1. Errors: InvalidArgument, naming the place and
// the values, for sizes that differ and outputs that are not finite.
absl::StatusOr<ValueReport> MakeValueReport(
    absl::Span<const float> outputs, absl::Span<const float> targets,
    absl::Span<const std::string> names);

// For a model's outputs, float32 [N, ...], and the data set. Values without
// names have their number: "value 0". Errors: also those of reading the
// targets; InvalidArgument if they are not values.
absl::StatusOr<ValueReport> MakeValueReport(const Tensor& outputs,
                                            const Dataset& dataset);

// The names of the data set's values, or "value 0" and so on.
std::vector<std::string> ValueNames(const Dataset& dataset);

// Aligned tables, of MAE, MSE, RMSE and R^2: over all values together; value by
// value, or "" if there is one value or more than 40; of the `count` examples
// with the largest errors.
std::string ValueSummary(const ValueReport& report);
std::string ValueTable(const ValueReport& report);
std::string LargestErrorTable(const ValueReport& report, int64_t count);

// {"examples": 506, "mean_absolute_error": 2.1, "mean_squared_error": 8.2,
//  "root_mean_squared_error": 2.9, "mean_r2": 0.87,
//  "values": [{"name": "price", "mean_absolute_error": 2.1, ...,
//              "r2": 0.87}, ...],
//  "examples_by_error": [{"index": 17, "mean_absolute_error": 9.5,
//                         "value": 0, "target": 50, "output": 40.5}, ...]}
// Absent numbers are null.
nlohmann::ordered_json ValueReportToJson(const ValueReport& report);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_VALUE_REPORT_H_
