// A run's event files. The input is a line with the step to resume from, lines
// with the names of files that are there, an empty line, and a metrics.jsonl
// whose records are written. What was written is read as the format has it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/base/crc32c.h"
#include "lenslet/base/file.h"
#include "lenslet/fuzz/target_input.h"
#include "lenslet/train/runs/event.pb.h"
#include "lenslet/train/runs/event_file.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/metrics_record.h"

namespace lenslet {
namespace {

absl::string_view TakeLine(absl::string_view& text) {
  const absl::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

// Whether a folder can have a file of that name.
bool IsFileName(absl::string_view name) {
  return !name.empty() && name.size() < 256 && name != "." && name != ".." &&
         name.find('/') == name.npos && name.find('\0') == name.npos;
}

uint64_t TakeLittleEndian(absl::string_view& bytes, int size) {
  LENSLET_CHECK(static_cast<int>(bytes.size()) >= size);
  uint64_t value = 0;
  for (int i = 0; i < size; ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  bytes.remove_prefix(size);
  return value;
}

void TakeChecksum(absl::string_view data, absl::string_view& bytes) {
  constexpr uint32_t kDelta = 0xa282ead8;
  const uint32_t crc = Crc32c(data);
  LENSLET_CHECK(TakeLittleEndian(bytes, 4) ==
                static_cast<uint32_t>((crc >> 15 | crc << 17) + kDelta));
}

std::vector<EventProto> ReadEvents(absl::string_view bytes) {
  std::vector<EventProto> events;
  while (!bytes.empty()) {
    const absl::string_view start = bytes;
    const uint64_t size = TakeLittleEndian(bytes, 8);
    TakeChecksum(start.substr(0, 8), bytes);
    LENSLET_CHECK(size <= bytes.size());
    const absl::string_view data = bytes.substr(0, size);
    bytes.remove_prefix(size);
    TakeChecksum(data, bytes);
    LENSLET_CHECK(events.emplace_back().ParseFromArray(
        data.data(), static_cast<int>(data.size())));
  }
  return events;
}

bool IsSame(float a, float b) { return a == b || (a != a && b != b); }

void CheckEvent(const EventProto& event, const MetricsRecord& record) {
  LENSLET_CHECK(event.step() == record.step);
  int metrics = 0;
  for (const Metric& metric : kMetrics) {
    metrics += (record.*metric.value).has_value();
  }
  const auto& scalars = event.scalars().scalar();
  // The others are the learning rate and the speed.
  LENSLET_CHECK(scalars.size() == metrics + 2);
  if (record.train_loss) {
    LENSLET_CHECK(scalars[0].tag() == "train/loss");
    LENSLET_CHECK(
        IsSame(scalars[0].value(), static_cast<float>(*record.train_loss)));
  }
}

std::vector<MetricsRecord> ReadRecords(absl::string_view text) {
  const MemoryFile file(text);
  const absl::StatusOr<std::vector<MetricsRecord>> records =
      ReadHistory(file.path());
  return records.ok() ? *records : std::vector<MetricsRecord>();
}

// A session of the run. Returns the name of the file that it made.
std::string WriteSession(const std::string& folder, int64_t resume_step,
                         const std::vector<MetricsRecord>& records,
                         bool is_first) {
  EventFileWriter writer = *EventFileWriter::Create(folder, resume_step);
  for (const MetricsRecord& record : records) {
    LENSLET_CHECK(writer.Append(record).ok());
  }
  const std::vector<EventProto> events = ReadEvents(*ReadFile(writer.path()));
  const size_t before = is_first ? 1 : 2;
  LENSLET_CHECK(events.size() == before + records.size());
  LENSLET_CHECK(events[0].file_version() == "brain.Event:2");
  if (!is_first) {
    LENSLET_CHECK(events[1].session().status() == EventSessionProto::START);
    LENSLET_CHECK(events[1].step() == resume_step + 1);
  }
  for (size_t i = 0; i < records.size(); ++i) {
    CheckEvent(events[before + i], records[i]);
  }
  return std::filesystem::path(writer.path()).filename();
}

void RunTarget(absl::string_view text) {
  int64_t resume_step;
  if (!absl::SimpleAtoi(TakeLine(text), &resume_step) || resume_step < -1 ||
      resume_step == INT64_MAX) {
    resume_step = -1;
  }
  const ScratchFolder folder;
  bool is_first = true;
  for (absl::string_view name; !(name = TakeLine(text)).empty();) {
    if (!IsFileName(name)) return;
    folder.Write(std::string(name), "");
    is_first &= !absl::StartsWith(name, "events.out.tfevents.");
  }
  const std::vector<MetricsRecord> records = ReadRecords(text);
  if (!is_first) {
    // Files that no session made may have names of other kinds.
    const absl::StatusOr<EventFileWriter> writer =
        EventFileWriter::Create(folder.path(), resume_step);
    if (!writer.ok()) return CheckError(writer.status());
  }
  const std::string first =
      WriteSession(folder.path(), resume_step, records, is_first);
  const std::string second =
      WriteSession(folder.path(), resume_step, records, /*is_first=*/false);
  LENSLET_CHECK(first != second);
  // Of numbers with as many digits.
  if (first.size() == second.size()) LENSLET_CHECK(first < second);
}

}  // namespace
}  // namespace lenslet

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lenslet::RunTarget(lenslet::AsText(data, size));
  return 0;
}
