// What a training run has to say besides numbers, in its folder's notes.jsonl:
// warnings, each once, what it started from, and why it ended. One JSON object
// per line:
//
//   {"step":235,"id":"dead_units","warning":true,"text":"after epoch 1, ..."}
//
// A run without notes has no file. The notes of the steps up to a checkpoint
// stay when the run resumes from it, so a resumed run does not repeat them.

#ifndef LENSLET_TRAIN_RUNS_RUN_NOTES_H_
#define LENSLET_TRAIN_RUNS_RUN_NOTES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace lenslet {

inline constexpr char kNotesName[] = "notes.jsonl";

struct RunNote {
  int64_t step = 0;
  std::string id = {};  // Different for each note of a run.
  bool warning = false;
  std::string text = {};  // One line.

  friend bool operator==(const RunNote&, const RunNote&) = default;
};

// Returns the notes in the file; none if there is no file. Errors: as
// ReadFile(); InvalidArgument, "PATH:LINE: reason", for a line that is no note.
absl::StatusOr<std::vector<RunNote>> ReadNotes(const std::string& path);

// Not thread-safe.
class RunNotes {
 public:
  // Without a folder: keeps notes in memory.
  RunNotes() = default;

  // Takes over the notes in the folder of the steps up to `resume_step`, and
  // removes the others; -1 removes all. Errors: as ReadNotes() and
  // WriteFileAtomically().
  static absl::StatusOr<RunNotes> Open(const std::string& run_dir,
                                       int64_t resume_step);

  const std::vector<RunNote>& notes() const { return notes_; }
  bool Has(absl::string_view id) const;

  // Adds the note, if there is none with its id, and writes the file. Errors:
  // as WriteFileAtomically().
  absl::Status Add(RunNote note);
  // Removes the note with the id, if there is one. Errors: as Add().
  absl::Status Remove(absl::string_view id);

 private:
  absl::Status Write() const;

  std::string path_;  // "": no file.
  std::vector<RunNote> notes_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_RUN_NOTES_H_
