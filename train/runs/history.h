// What a training run measures while it goes on, in two files of its folder:
//
//   metrics.jsonl  one JSON object for each record, with the names of
//                  MetricsRecord:
//                    {"step":235,"epoch":1.0,"learning_rate":0.1,
//                     "train_loss":0.52,...,"end_of_epoch":true}
//                  What was not measured has no key. JSON has no way to write
//                  NaN and infinity: what was measured and is not finite is
//                  null, and is read as NaN.
//   metrics.csv    the same as a table: a line of names, then a row for each
//                  record, with empty cells for what was not measured, and
//                  "nan", "inf", "-inf" for what is not finite.
//
// Numbers have the fewest digits that are read back as the same double. The
// first file is what a run goes on from; the second is made from it.

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

// The names of both in a run's folder.
inline constexpr char kMetricsJsonName[] = "metrics.jsonl";
inline constexpr char kMetricsCsvName[] = "metrics.csv";

// Owns both files, open; moves. For one thread at a time.
class HistoryWriter {
 public:
  // Opens the files in the folder `run_dir`, which must be there, and makes
  // those that are not. Records of steps above `resume_step`, which a session
  // left that went on after its last checkpoint, and whatever else comes after
  // the last record that stays, such as what a machine that died made of the
  // file's end, are removed from metrics.jsonl; all other lines stay as they
  // are.
  // metrics.csv is written anew if it does not hold the same records. Each
  // happens as a whole or not at all (WriteFileAtomically()). -1: a new run, no
  // record stays.
  //
  // For a record to stay when a run goes on from a checkpoint, append it before
  // the checkpoint is saved.
  //
  // Errors, naming the file: what the system says; InvalidArgument, with the
  // line, for a line that is no record and has one to stay after it. Then both
  // files are as they were.
  static absl::StatusOr<HistoryWriter> Create(const std::string& run_dir,
                                              int64_t resume_step);

  // Adds the record to both files: when this returns, a process that is killed
  // does not take it along. Errors, naming the file: what the system says, such
  // as that the disk is full; that file then has no part of the record.
  absl::Status Append(const MetricsRecord& record);

  // Returns when the records so far are on the disk. Errors: as Append().
  absl::Status Sync();

 private:
  HistoryWriter(AppendFile json, AppendFile csv)
      : json_(std::move(json)), csv_(std::move(csv)) {}

  AppendFile json_;
  AppendFile csv_;
};

// The record's line in metrics.jsonl, without the line's end.
std::string ToJson(const MetricsRecord& record);

// The records of a metrics.jsonl in their order. A last line without its end,
// as a killed process leaves it, is ignored, and so are keys that are not
// known. Errors: those of ReadFile(), and InvalidArgument, "PATH:LINE: reason",
// for a line that is no record.
absl::StatusOr<std::vector<MetricsRecord>> ReadHistory(const std::string& path);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_HISTORY_H_
