// Records a training run's metrics in two files of its folder:
//
//   metrics.jsonl  one JSON object for each record, with the names of
//                  MetricsRecord:
//                    {"step":235,"epoch":1.0,"learning_rate":0.1,
//                     "train_loss":0.52,...,"end_of_epoch":true}
//                  Metrics that were not measured have no key; the record at
//                  which early stopping ends the run has "stopped_early":true.
//                  JSON cannot
//                  represent NaN and infinity: values that are not finite
//                  are written as null and read back as NaN.
//   metrics.csv    the same as a table: a line of names, then a row for each
//                  record, with the metrics for the run's kind of targets,
//                  and the gradient norm if the run records it.
//                  Cells are empty if not measured; values that are not finite
//                  are "nan", "inf" or "-inf".
//
// Numbers have the fewest digits that read back as the same double. A run
// resumes from the first file; the second is derived from it.

#ifndef LENSLET_TRAIN_RUNS_HISTORY_H_
#define LENSLET_TRAIN_RUNS_HISTORY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/base/append_file.h"
#include "lenslet/train/runs/metrics_record.h"

namespace lenslet {

// The file names in a run's folder.
inline constexpr char kMetricsJsonName[] = "metrics.jsonl";
inline constexpr char kMetricsCsvName[] = "metrics.csv";

// What metrics.csv has columns for.
struct HistoryColumns {
  // Of the run's targets: what they are, and how many classes there are. 0 has
  // columns for what all networks of the kind have.
  TargetKind kind = TargetKind::kClasses;
  int64_t classes = 0;
  bool gradient_norm = false;
};

// Owns both open files. Movable. Not thread-safe.
class HistoryWriter {
 public:
  // Opens the files in the folder `run_dir`, which must exist, and creates
  // missing ones. Removes from metrics.jsonl all records of steps above
  // `resume_step`: those were written after the last checkpoint. Also removes
  // everything after the last record that stays, such as an end of the file
  // damaged by a crash. Other lines are unchanged. Rewrites metrics.csv if it
  // does not hold the same records. Each change is atomic
  // (WriteFileAtomically()). -1 starts a new run: no record stays.
  //
  // `columns` selects the columns of metrics.csv.
  //
  // Append a record before saving the checkpoint of its step. Then the record
  // stays when the run resumes from that checkpoint.
  //
  // Errors, naming the file: the system's; InvalidArgument, with the line, if a
  // line is not a record but a record that must stay follows it. Both files are
  // unchanged on errors.
  static absl::StatusOr<HistoryWriter> Create(const std::string& run_dir,
                                              int64_t resume_step,
                                              HistoryColumns columns = {});

  // Adds the record to both files. Once this returns, the record survives if
  // the process is killed. Errors, naming the file: the system's, for example
  // that the disk is full. That file then contains no part of the record.
  absl::Status Append(const MetricsRecord& record);

  // Blocks until the records so far are on disk. Errors: as Append().
  absl::Status Sync();

 private:
  HistoryWriter(AppendFile json, AppendFile csv, HistoryColumns columns)
      : json_(std::move(json)), csv_(std::move(csv)), columns_(columns) {}

  AppendFile json_;
  AppendFile csv_;
  HistoryColumns columns_;
};

// Returns the record's line in metrics.jsonl, without the newline.
std::string ToJson(const MetricsRecord& record);

// Reads the records of a metrics.jsonl, in order. Ignores unknown keys, and a
// last line without a newline, which a killed process may leave. Errors: as
// ReadFile(); InvalidArgument, "PATH:LINE: reason", for a line that is not a
// record.
absl::StatusOr<std::vector<MetricsRecord>> ReadHistory(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_HISTORY_H_
