// Writes a training run's metrics for TensorBoard. `tensorboard --logdir
// FOLDER` plots them over steps, epochs or time.
//
// An event file is a sequence of records, each of
//   uint64 length of the data, little-endian
//   uint32 masked CRC-32C of these 8 bytes (base/crc32c.h)
//   the data: an EventProto (train/runs/event.proto)
//   uint32 masked CRC-32C of the data
// The first record states version 2 of the format. A run has one file per
// session.
//
// Source: the format of TensorFlow's TFRecord files and summary writers.

#ifndef LENSLET_TRAIN_RUNS_EVENT_FILE_H_
#define LENSLET_TRAIN_RUNS_EVENT_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/base/append_file.h"
#include "lenslet/train/runs/metrics_record.h"

namespace lenslet {

// Owns the open file. Movable. Not thread-safe.
class EventFileWriter {
 public:
  // Creates a file "events.out.tfevents.SECONDS.HOST" in the folder `run_dir`,
  // which must exist. SECONDS is the time since 1970. TensorBoard reads the
  // files in the order of their names. If the name would not sort after those
  // of earlier sessions, SECONDS is larger, within ten digits.
  //
  // If there are earlier files, the new one starts with an event that tells
  // TensorBoard to discard their events of steps above `resume_step`, the step
  // that training resumes from. -1 discards all of them. Errors: the system's,
  // naming the path.
  static absl::StatusOr<EventFileWriter> Create(const std::string& run_dir,
                                                int64_t resume_step);

  // Adds the record's values, with its step and the current time, under the
  // tags
  //   train/loss and the others of kMetrics (train/runs/metrics_record.h),
  //   learning_rate, examples_per_second.
  // Values are stored as 32-bit floats. Once this returns, the values survive
  // if the process is killed. Errors: the system's, naming the path.
  absl::Status Append(const MetricsRecord& record);

  // Blocks until the events so far are on disk. Errors: as Append().
  absl::Status Sync() { return file_.Sync(); }

  const std::string& path() const { return file_.path(); }

 private:
  explicit EventFileWriter(AppendFile file) : file_(std::move(file)) {}

  AppendFile file_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_EVENT_FILE_H_
