// A training run's numbers as TensorBoard reads them: `tensorboard --logdir
// FOLDER` draws them as curves over steps, epochs or time.
//
// An event file is a row of records, each of
//   uint64 length of the data, little-endian
//   uint32 masked CRC-32C of these 8 bytes (base/crc32c.h)
//   the data: an EventProto (train/runs/event.proto)
//   uint32 masked CRC-32C of the data
// The first one says that this is version 2 of the format. A run has one file
// for each of its sessions.
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

// Owns the file, open; moves. For one thread at a time.
class EventFileWriter {
 public:
  // Makes a file "events.out.tfevents.SECONDS.HOST" in the folder `run_dir`,
  // which must be there. SECONDS are those since 1970, or more where that is
  // needed for the name to come after those of the earlier sessions' files, as
  // far as ten digits go: TensorBoard reads them in this order. If there are
  // earlier files, the new one starts with the advice to forget what they say
  // of steps above `resume_step`, the one that training goes on from; -1: all.
  // Errors: what the system says, naming the path.
  static absl::StatusOr<EventFileWriter> Create(const std::string& run_dir,
                                                int64_t resume_step);

  // Adds what the record has, at its step and the present time, under the tags
  //   train/loss and the others of kMetrics (train/runs/metrics_record.h),
  //   learning_rate, examples_per_second.
  // TensorBoard keeps them as 32-bit numbers. When this returns, a process that
  // is killed does not take them along. Errors: what the system says, naming
  // the path.
  absl::Status Append(const MetricsRecord& record);

  // Returns when the events so far are on the disk. Errors: as Append().
  absl::Status Sync() { return file_.Sync(); }

  const std::string& path() const { return file_.path(); }

 private:
  explicit EventFileWriter(AppendFile file) : file_(std::move(file)) {}

  AppendFile file_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_EVENT_FILE_H_
