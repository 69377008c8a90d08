// The folder of a training run. It holds
//
//   recipe.textproto   the resolved recipe
//   step-NUMBER.ckpt   checkpoints after so many steps: the last few
//   latest.ckpt        the newest of them
//   best.ckpt          the one with the smallest loss so far
//   metrics.jsonl ...  what train/runs/history.h, train/runs/event_file.h and
//                      inspect/report write
//   lock               held by the process that trains here
//
// Each checkpoint is written as a whole or not at all, and an old one goes only
// after the new one is on the disk, so that whatever ends the process there is
// one to go on from. latest.ckpt and best.ckpt are other names of the same
// files where the file system can do that, and copies elsewhere.

#ifndef LENSLET_TRAIN_RUNS_RUN_DIRECTORY_H_
#define LENSLET_TRAIN_RUNS_RUN_DIRECTORY_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/base/file_lock.h"
#include "lenslet/predict/checkpoint.pb.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

inline constexpr char kRecipeName[] = "recipe.textproto";
inline constexpr char kBestName[] = "best.ckpt";

// One thread at a time. Holds the lock as long as it lives.
class RunDirectory {
 public:
  // Makes the folder, and those above it, if it is not there, locks it, and
  // removes what writers that were killed have left half-done. Errors, naming
  // the path: what the system says, as that the folder may not be written to;
  // FailedPrecondition if another process holds the lock, or the folder has
  // files but no run.
  static absl::StatusOr<std::unique_ptr<RunDirectory>> Open(
      const std::string& path);

  // Whether there is a checkpoint to go on from, whole or not, in a folder that
  // is maybe not there.
  static bool HasCheckpoint(const std::string& path);

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const;

  // The recipe of the run that is there, if one is. Errors: ReadFile()'s,
  // ParseRecipe()'s.
  absl::StatusOr<std::optional<RecipeProto>> ReadRecipe() const {
    return ReadRecipeOf(path_);
  }
  // The same of a folder that is not locked, and maybe not there.
  static absl::StatusOr<std::optional<RecipeProto>> ReadRecipeOf(
      const std::string& folder);
  absl::Status WriteRecipe(const RecipeProto& recipe) const;

  // Saves the checkpoint under its step's name and as latest.ckpt, and as
  // best.ckpt too if `is_best`; then removes all but the last `keep`, at least
  // 1. Errors: SaveCheckpoint()'s; then the checkpoints are as they were.
  absl::Status Save(const CheckpointProto& checkpoint, bool is_best,
                    int64_t keep) const;

  // What Save() does once the file is there, for the checkpoint at `path` in
  // the folder: a process that was killed meanwhile may have left that undone.
  // Errors: the system's, naming the file.
  absl::Status FinishSaving(const std::string& path, bool is_best,
                            int64_t keep) const;

  struct Newest {
    std::string path;
    CheckpointProto checkpoint;
  };
  // The newest checkpoint that is whole; nothing if there is none at all. Those
  // that are damaged get ".damaged" behind their names and a line in
  // `warnings`. Errors: DataLoss if all there are are damaged, which then keep
  // their names; ReadFile()'s.
  absl::StatusOr<std::optional<Newest>> LoadNewest(
      std::vector<std::string>& warnings) const;

 private:
  RunDirectory(const std::string& path, FileLock lock)
      : path_(path), lock_(std::move(lock)) {}

  const std::string path_;
  const FileLock lock_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RUNS_RUN_DIRECTORY_H_
