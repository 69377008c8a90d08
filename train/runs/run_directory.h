// The folder of a training run. It holds
//
//   recipe.textproto   the resolved recipe
//   step-NUMBER.ckpt   the checkpoints after NUMBER steps: the last few
//   latest.ckpt        the newest of them
//   best.ckpt          the best one so far, by the recipe's save.best_by
//   model.textproto    for a run whose model and data were in memory, the model
//   start.ckpt         and the parameters that it started with
//   metrics.jsonl ...  the files of train/runs/history.h,
//                      train/runs/run_notes.h, train/runs/event_file.h and
//                      inspect/report
//   image_cache        decoded images (data/image_cache.h), safe to delete, and
//                      the names of those that cannot be read
//   lock               held by the process that trains here
//
// Checkpoints are written atomically. An old one is removed only after the new
// one is on disk. So there is always a checkpoint to resume from, however the
// process ends. latest.ckpt and best.ckpt are hard links to the same files
// where the file system supports that, and copies elsewhere.

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
inline constexpr char kModelName[] = "model.textproto";
inline constexpr char kStartName[] = "start.ckpt";
inline constexpr char kImageCacheName[] = "image_cache";

// Holds the lock for its lifetime. Not thread-safe.
class RunDirectory {
 public:
  // Creates the folder and its parents if necessary, locks the folder, and
  // removes the partial files of killed writers. Errors, naming the path: the
  // system's, for example that the folder is not writable; FailedPrecondition
  // if another process holds the lock, or if the folder has files but no run.
  static absl::StatusOr<std::unique_ptr<RunDirectory>> Open(
      const std::string& path);

  // Whether Open() would take the folder for a run's, or for a new one.
  static bool IsRunOrEmpty(const std::string& path);

  // Whether the folder has a checkpoint to resume from, intact or not. False if
  // the folder does not exist.
  static bool HasCheckpoint(const std::string& path);

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const;

  // Returns the recipe of the folder's run, if there is one. Errors: as
  // ReadFile() and ParseRecipe().
  absl::StatusOr<std::optional<RecipeProto>> ReadRecipe() const {
    return ReadRecipeOf(path_);
  }
  // The same for a folder that is not locked and need not exist.
  static absl::StatusOr<std::optional<RecipeProto>> ReadRecipeOf(
      const std::string& folder);
  absl::Status WriteRecipe(const RecipeProto& recipe) const;

  // Saves the checkpoint under its step's name and as latest.ckpt, and also as
  // best.ckpt if `is_best`. Then removes all but the last `keep`, at least 1.
  // Errors: as SaveCheckpoint(); the checkpoints are then unchanged.
  absl::Status Save(const CheckpointProto& checkpoint, bool is_best,
                    int64_t keep) const;

  // Completes Save() for the existing checkpoint at `path` in the folder, in
  // case a process was killed during Save(). Errors: the system's, naming the
  // file.
  absl::Status FinishSaving(const std::string& path, bool is_best,
                            int64_t keep) const;

  struct Newest {
    std::string path;
    CheckpointProto checkpoint;
  };
  // Returns the newest intact checkpoint; nullopt if there are no checkpoints.
  // Appends ".damaged" to the names of damaged ones and adds a line for each to
  // `warnings`. If all checkpoints are damaged, returns DataLoss, and they keep
  // their names. Other errors: as ReadFile().
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
