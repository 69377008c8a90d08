#include "lenslet/train/runs/history.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

constexpr char kGradientNorm[] = "gradient_norm";

// Calls visit(name, field) for each field, in the order of both files.
template <typename Record, typename Visit>
void VisitFields(Record& record, const Visit& visit) {
  visit("step", record.step);
  visit("epoch", record.epoch);
  visit("learning_rate", record.learning_rate);
  for (const Metric& metric : kMetrics) {
    visit(metric.name(), record.*metric.value);
  }
  visit(kGradientNorm, record.gradient_norm);
  visit("seconds", record.seconds);
  visit("examples_per_second", record.examples_per_second);
  visit("end_of_epoch", record.end_of_epoch);
}

// Only the record that ends a run early has it.
constexpr char kStoppedEarly[] = "stopped_early";

class JsonObject {
 public:
  template <typename T>
  void operator()(const std::string& name, const T& value) {
    object_[name] = value;
  }
  template <typename T>
  void operator()(const std::string& name, const std::optional<T>& value) {
    if (value) object_[name] = *value;
  }

  std::string text() const { return object_.dump(); }

 private:
  nlohmann::ordered_json object_;
};

// Whether tables have the column.
bool IsColumn(const std::string& name, const HistoryColumns& columns) {
  if (name == kGradientNorm) return columns.gradient_norm;
  const auto metric =
      std::find_if(kMetrics.begin(), kMetrics.end(),
                   [&](const Metric& m) { return m.name() == name; });
  return metric == kMetrics.end() ||
         IsMeasured(*metric->quantity, columns.kind, columns.classes);
}

std::string ToCsvRow(const MetricsRecord& record,
                     const HistoryColumns& columns) {
  std::string row;
  VisitFields(record, [&](const std::string& name, const auto& field) {
    if (!IsColumn(name, columns)) return;
    absl::StrAppend(&row, row.empty() ? "" : ",", CsvCell(field));
  });
  return row + "\n";
}

std::string CsvHeader(const HistoryColumns& columns) {
  std::string row;
  const MetricsRecord record;
  VisitFields(record, [&](const std::string& name, const auto&) {
    if (!IsColumn(name, columns)) return;
    absl::StrAppend(&row, row.empty() ? "" : ",", name);
  });
  return row + "\n";
}

// Each Read() puts the value into `field` and returns what it had to be, or
// nullptr if it is that.
const char* Read(const nlohmann::json& value, int64_t& field) {
  // An unsigned number above the largest int64_t becomes negative.
  if (value.is_number_integer()) field = value.get<int64_t>();
  if (!value.is_number_integer() || field < 0)
    return "an integer of at least 0";
  return nullptr;
}
const char* Read(const nlohmann::json& value, double& field) {
  if (!value.is_number() && !value.is_null()) return "a number or null";
  field = value.is_null() ? std::numeric_limits<double>::quiet_NaN()
                          : value.get<double>();
  return nullptr;
}
const char* Read(const nlohmann::json& value, std::optional<double>& field) {
  return Read(value, field.emplace());
}
const char* Read(const nlohmann::json& value, bool& field) {
  if (!value.is_boolean()) return "true or false";
  field = value.get<bool>();
  return nullptr;
}

template <typename T>
constexpr bool kNeeded = true;
template <typename T>
constexpr bool kNeeded<std::optional<T>> = false;

// Errors: what is wrong, without the place.
absl::StatusOr<MetricsRecord> ParseRecord(absl::string_view line) {
  const nlohmann::json object =
      nlohmann::json::parse(line.begin(), line.end(), /*cb=*/nullptr,
                            /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return absl::InvalidArgumentError("is not a JSON object");
  }
  MetricsRecord record;
  std::string error;
  VisitFields(record, [&]<typename T>(const std::string& name, T& field) {
    if (!error.empty()) return;
    const auto found = object.find(name);
    if (found == object.end()) {
      if (kNeeded<T>) error = absl::StrCat("\"", name, "\" is missing");
      return;
    }
    if (const char* expected = Read(*found, field)) {
      error = absl::StrCat("\"", name, "\" is invalid; expected ", expected);
    }
  });
  if (const auto found = object.find(kStoppedEarly);
      error.empty() && found != object.end() &&
      Read(*found, record.stopped_early) != nullptr) {
    error = absl::StrCat("\"", kStoppedEarly,
                         "\" is invalid; expected true or false");
  }
  if (!error.empty()) return absl::InvalidArgumentError(error);
  return record;
}

struct Line {
  absl::string_view text;  // With its end.
  absl::StatusOr<MetricsRecord> record;
};

// The lines of `contents`, but a last one without its end. `path` is for
// errors.
std::vector<Line> ParseLines(absl::string_view contents,
                             const std::string& path) {
  std::vector<Line> lines;
  for (size_t end; (end = contents.find('\n')) != absl::string_view::npos;) {
    absl::StatusOr<MetricsRecord> record = ParseRecord(contents.substr(0, end));
    if (!record.ok()) {
      record = absl::InvalidArgumentError(absl::StrCat(
          path, ":", lines.size() + 1, ": ", record.status().message()));
    }
    lines.push_back({.text = contents.substr(0, end + 1), .record = record});
    contents.remove_prefix(end + 1);
  }
  return lines;
}

absl::StatusOr<std::optional<std::string>> ReadIfThere(
    const std::string& path) {
  absl::StatusOr<std::string> contents = ReadFile(path);
  if (absl::IsNotFound(contents.status())) return std::nullopt;
  if (!contents.ok()) return contents.status();
  return *std::move(contents);
}

}  // namespace

absl::StatusOr<HistoryWriter> HistoryWriter::Create(const std::string& run_dir,
                                                    int64_t resume_step,
                                                    HistoryColumns columns) {
  const std::string json_path = absl::StrCat(run_dir, "/", kMetricsJsonName);
  const std::string csv_path = absl::StrCat(run_dir, "/", kMetricsCsvName);
  LENSLET_ASSIGN_OR_RETURN(const std::optional<std::string> old_json,
                           ReadIfThere(json_path));
  LENSLET_ASSIGN_OR_RETURN(const std::optional<std::string> old_csv,
                           ReadIfThere(csv_path));
  const absl::string_view old_lines =
      old_json ? absl::string_view(*old_json) : absl::string_view();
  std::vector<Line> lines = ParseLines(old_lines, json_path);
  const auto stays = [&](const Line& line) {
    return line.record.ok() && line.record->step <= resume_step;
  };
  lines.erase(std::find_if(lines.rbegin(), lines.rend(), stays).base(),
              lines.end());
  std::string json;
  std::string csv = CsvHeader(columns);
  for (const Line& line : lines) {
    LENSLET_RETURN_IF_ERROR(line.record.status());
    if (!stays(line)) continue;
    absl::StrAppend(&json, line.text);
    absl::StrAppend(&csv, ToCsvRow(*line.record, columns));
  }
  if (json != old_json) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(json_path, json));
  }
  if (csv != old_csv) {
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(csv_path, csv));
  }
  LENSLET_ASSIGN_OR_RETURN(AppendFile json_file, AppendFile::Open(json_path));
  LENSLET_ASSIGN_OR_RETURN(AppendFile csv_file, AppendFile::Open(csv_path));
  return HistoryWriter(std::move(json_file), std::move(csv_file), columns);
}

absl::Status HistoryWriter::Append(const MetricsRecord& record) {
  LENSLET_RETURN_IF_ERROR(json_.Append(ToJson(record) + "\n"));
  return csv_.Append(ToCsvRow(record, columns_));
}

absl::Status HistoryWriter::Sync() {
  LENSLET_RETURN_IF_ERROR(json_.Sync());
  return csv_.Sync();
}

std::string ToJson(const MetricsRecord& record) {
  JsonObject object;
  VisitFields(record, [&](const std::string& name, const auto& field) {
    object(name, field);
  });
  if (record.stopped_early) object(kStoppedEarly, true);
  return object.text();
}

absl::StatusOr<std::vector<MetricsRecord>> ReadHistory(
    const std::string& path) {
  LENSLET_ASSIGN_OR_RETURN(const std::string contents, ReadFile(path));
  std::vector<MetricsRecord> records;
  for (const Line& line : ParseLines(contents, path)) {
    LENSLET_RETURN_IF_ERROR(line.record.status());
    records.push_back(*line.record);
  }
  return records;
}

}  // namespace lenslet
