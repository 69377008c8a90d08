#include "lenslet/train/runs/event_file.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/crc32c.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/train/runs/event.pb.h"

namespace lenslet {
namespace {

constexpr char kPrefix[] = "events.out.tfevents.";
// As many as the present has: names of as many sort as their numbers do.
constexpr int kSecondsDigits = 10;

double Now() {
  return std::chrono::duration<double>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0 || name[0] == '\0') {
    return "localhost";
  }
  std::string safe = name;
  for (char& c : safe) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '.') c = '_';
  }
  return safe;
}

// The SECONDS of the last event file in the folder, if it has one.
absl::StatusOr<std::optional<int64_t>> LastSeconds(const std::string& run_dir) {
  std::optional<int64_t> last;
  std::error_code error;
  std::filesystem::directory_iterator file(run_dir, error);
  for (; !error && file != std::filesystem::directory_iterator();
       file.increment(error)) {
    const std::string name = file->path().filename();
    absl::string_view rest = name;
    int64_t seconds;
    if (absl::ConsumePrefix(&rest, kPrefix) &&
        absl::SimpleAtoi(rest.substr(0, kSecondsDigits), &seconds)) {
      last = std::max(seconds, last.value_or(seconds));
    }
  }
  if (error) return absl::ErrnoToStatus(error.value(), run_dir);
  return last;
}

// Makes the file of the first of the seconds from `seconds` on that has none.
absl::StatusOr<AppendFile> CreateFile(const std::string& run_dir,
                                      int64_t seconds) {
  const std::string host = HostName();
  while (true) {
    absl::StatusOr<AppendFile> file = AppendFile::Create(absl::StrFormat(
        "%s/%s%0*d.%s", run_dir, kPrefix, kSecondsDigits, seconds, host));
    // After the last number of ten digits, LastSeconds() may be one of a file
    // that is there.
    if (!absl::IsAlreadyExists(file.status())) return file;
    ++seconds;
  }
}

void AppendLittleEndian(uint64_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) {
    out += static_cast<char>(value >> (8 * i));
  }
}

// CRCs of data that holds CRCs are of little use; this hides them.
uint32_t MaskedCrc32c(absl::string_view data) {
  const uint32_t crc = Crc32c(data);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
}

std::string ToRecord(const EventProto& event) {
  const std::string data = event.SerializeAsString();
  std::string record;
  AppendLittleEndian(data.size(), 8, record);
  AppendLittleEndian(MaskedCrc32c(record), 4, record);
  record += data;
  AppendLittleEndian(MaskedCrc32c(data), 4, record);
  return record;
}

void AddScalar(const std::string& tag, std::optional<double> value,
               EventScalarsProto& scalars) {
  if (!value) return;
  EventScalarProto& scalar = *scalars.add_scalar();
  scalar.set_tag(tag);
  scalar.set_value(static_cast<float>(*value));
}

}  // namespace

absl::StatusOr<EventFileWriter> EventFileWriter::Create(
    const std::string& run_dir, int64_t resume_step) {
  LENSLET_ASSIGN_OR_RETURN(const std::optional<int64_t> last,
                           LastSeconds(run_dir));
  const double now = Now();
  int64_t seconds = static_cast<int64_t>(now);
  if (last) seconds = std::max(seconds, *last + 1);
  LENSLET_ASSIGN_OR_RETURN(AppendFile file, CreateFile(run_dir, seconds));
  EventProto event;
  event.set_wall_time(now);
  event.set_file_version("brain.Event:2");
  LENSLET_RETURN_IF_ERROR(file.Append(ToRecord(event)));
  if (last) {
    // TensorBoard forgets this step, too.
    event.set_step(resume_step + 1);
    event.mutable_session()->set_status(EventSessionProto::START);
    LENSLET_RETURN_IF_ERROR(file.Append(ToRecord(event)));
  }
  return EventFileWriter(std::move(file));
}

absl::Status EventFileWriter::Append(const MetricsRecord& record) {
  EventProto event;
  event.set_wall_time(Now());
  event.set_step(record.step);
  EventScalarsProto& scalars = *event.mutable_scalars();
  for (const Metric& metric : kMetrics) {
    AddScalar(metric.tag(), record.*metric.value, scalars);
  }
  AddScalar("gradient_norm", record.gradient_norm, scalars);
  AddScalar("learning_rate", record.learning_rate, scalars);
  AddScalar("examples_per_second", record.examples_per_second, scalars);
  return file_.Append(ToRecord(event));
}

}  // namespace lenslet
