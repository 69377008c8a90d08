// A run's metrics.jsonl: what is read is written as the same, and a run can
// resume from each of its records.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/base/file.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/train/runs/history.h"

namespace lenslet {
namespace {

// metrics.jsonl with those records that are of steps up to `last_step`.
std::string Written(const std::vector<MetricsRecord>& records,
                    int64_t last_step) {
  std::string text;
  for (const MetricsRecord& record : records) {
    if (record.step <= last_step) absl::StrAppend(&text, ToJson(record), "\n");
  }
  return text;
}

std::vector<MetricsRecord> ReadText(absl::string_view text) {
  const MemoryFile file(text);
  return *ReadHistory(file.path());
}

void Resume(absl::string_view text, int64_t step) {
  const ScratchFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/", kMetricsJsonName);
  folder.Write(kMetricsJsonName, text);
  absl::StatusOr<HistoryWriter> writer =
      HistoryWriter::Create(folder.path(), step);
  if (!writer.ok()) {
    LENSLET_CHECK(*ReadFile(path) == text);
    return CheckError(writer.status());
  }
  const std::vector<MetricsRecord> kept = *ReadHistory(path);
  LENSLET_CHECK(std::all_of(
      kept.begin(), kept.end(),
      [&](const MetricsRecord& record) { return record.step <= step; }));
  const MemoryFile file(text);
  if (const auto records = ReadHistory(file.path()); records.ok()) {
    LENSLET_CHECK(Written(kept, step) == Written(*records, step));
  }
  // A step further, which the next to resume from here takes back.
  const std::string before = *ReadFile(path);
  LENSLET_CHECK(writer->Append({.step = step + 1, .train_loss = 0.5}).ok());
  LENSLET_CHECK(ReadHistory(path)->size() == kept.size() + 1);
  LENSLET_CHECK(HistoryWriter::Create(folder.path(), step).ok());
  LENSLET_CHECK(*ReadFile(path) == before);
}

void RunTarget(absl::string_view text) {
  const MemoryFile file(text);
  const absl::StatusOr<std::vector<MetricsRecord>> records =
      ReadHistory(file.path());
  Resume(text, -1);
  Resume(text, 470);
  if (!records.ok()) return CheckError(records.status());
  if (records->empty()) return;
  const int64_t last = records->back().step;
  for (const MetricsRecord& record : *records) LENSLET_CHECK(record.step >= 0);
  constexpr int64_t kAll = INT64_MAX;
  const std::string written = Written(*records, kAll);
  LENSLET_CHECK(Written(ReadText(written), kAll) == written);
  if (last < kAll) Resume(text, last);
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lenslet::RunTarget(lenslet::AsText(data, size));
  return 0;
}
