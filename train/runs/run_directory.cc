#include "lenslet/train/runs/run_directory.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lenslet/base/file.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

namespace fs = std::filesystem;

constexpr char kLockName[] = "lock";

struct Numbered {
  int64_t step;
  std::string path;
};

std::string NameOfStep(int64_t step) {
  // Sorted by name is sorted by step, as long as runs are human.
  return absl::StrFormat("step-%09d.ckpt", step);
}

// The numbered checkpoints, the newest first.
absl::StatusOr<std::vector<Numbered>> ListCheckpoints(
    const std::string& folder) {
  std::vector<Numbered> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    absl::string_view number = name;
    int64_t step;
    if (absl::ConsumePrefix(&number, "step-") &&
        absl::ConsumeSuffix(&number, ".ckpt") &&
        absl::SimpleAtoi(number, &step)) {
      found.push_back({.step = step, .path = entry->path()});
    }
  }
  if (error) return absl::ErrnoToStatus(error.value(), folder);
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.step > b.step; });
  return found;
}

bool HasNoFiles(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (name != kLockName && name != kImageCacheName &&
        !absl::StrContains(name, ".tmp.")) {
      return false;
    }
  }
  return true;
}

bool IsDamage(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsInvalidArgument(status);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunDirectory>> RunDirectory::Open(
    const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return absl::ErrnoToStatus(error.value(), path);
  if (!IsRunOrEmpty(path)) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, ": has files but no ", kRecipeName,
        ", so it is not the folder of a run; expected an empty or new folder"));
  }
  absl::StatusOr<FileLock> lock = FileLock::Acquire(fs::path(path) / kLockName);
  if (absl::IsFailedPrecondition(lock.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat(lock.status().message(),
                     ": another process is training in this folder"));
  }
  LENSLET_RETURN_IF_ERROR(lock.status());
  LENSLET_RETURN_IF_ERROR(RemoveTemporaries(path));
  return std::unique_ptr<RunDirectory>(
      new RunDirectory(path, *std::move(lock)));
}

bool RunDirectory::IsRunOrEmpty(const std::string& path) {
  std::error_code error;
  return HasNoFiles(path) || fs::exists(fs::path(path) / kRecipeName, error);
}

bool RunDirectory::HasCheckpoint(const std::string& path) {
  const absl::StatusOr<std::vector<Numbered>> all = ListCheckpoints(path);
  std::error_code error;
  return (all.ok() && !all->empty()) ||
         fs::exists(fs::path(path) / kLatestName, error);
}

std::string RunDirectory::File(const std::string& name) const {
  return fs::path(path_) / name;
}

absl::StatusOr<std::optional<RecipeProto>> RunDirectory::ReadRecipeOf(
    const std::string& folder) {
  const std::string path = fs::path(folder) / kRecipeName;
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxProtoTextBytes);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  LENSLET_RETURN_IF_ERROR(text.status());
  LENSLET_ASSIGN_OR_RETURN(const RecipeText recipe, ParseRecipe(*text, path));
  return recipe.recipe;
}

absl::Status RunDirectory::WriteRecipe(const RecipeProto& recipe) const {
  return WriteFileAtomically(File(kRecipeName), ProtoToText(recipe));
}

absl::Status RunDirectory::Save(const CheckpointProto& checkpoint, bool is_best,
                                int64_t keep) const {
  const std::string path = File(NameOfStep(checkpoint.state().step()));
  LENSLET_RETURN_IF_ERROR(SaveCheckpoint(path, checkpoint));
  return FinishSaving(path, is_best, keep);
}

absl::Status RunDirectory::FinishSaving(const std::string& path, bool is_best,
                                        int64_t keep) const {
  LENSLET_RETURN_IF_ERROR(LinkFileAtomically(path, File(kLatestName)));
  if (is_best) {
    LENSLET_RETURN_IF_ERROR(LinkFileAtomically(path, File(kBestName)));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<Numbered> all,
                           ListCheckpoints(path_));
  for (size_t i = std::max<int64_t>(keep, 1); i < all.size(); ++i) {
    if (unlink(all[i].path.c_str()) != 0) {
      return absl::ErrnoToStatus(errno, all[i].path);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<RunDirectory::Newest>> RunDirectory::LoadNewest(
    std::vector<std::string>& warnings) const {
  LENSLET_ASSIGN_OR_RETURN(std::vector<Numbered> all, ListCheckpoints(path_));
  // The last resorts: other names of files that may have lost their own.
  std::error_code error;
  for (const char* name : {kLatestName, kBestName}) {
    if (fs::exists(File(name), error)) {
      all.push_back({.step = -1, .path = File(name)});
    }
  }
  if (all.empty()) return std::nullopt;
  std::vector<absl::Status> damages;
  for (const Numbered& one : all) {
    absl::StatusOr<CheckpointProto> checkpoint = LoadCheckpoint(one.path);
    if (checkpoint.ok() && !checkpoint->has_state()) {
      checkpoint = absl::InvalidArgumentError(
          absl::StrCat(one.path, ": has no training state to resume from"));
    }
    if (checkpoint.ok()) {
      // Out of the way only when there is something to go on from.
      for (size_t i = 0; i < damages.size(); ++i) {
        if (all[i].step >= 0 &&
            rename(all[i].path.c_str(),
                   absl::StrCat(all[i].path, ".damaged").c_str()) != 0) {
          return absl::ErrnoToStatus(errno, all[i].path);
        }
        warnings.push_back(
            absl::StrCat(damages[i].message(), "; resuming from ", one.path));
      }
      return Newest{.path = one.path, .checkpoint = *std::move(checkpoint)};
    }
    if (!IsDamage(checkpoint.status())) return checkpoint.status();
    damages.push_back(checkpoint.status());
  }
  return absl::DataLossError(
      absl::StrCat(damages[0].message(), "; ", path_,
                   " has no intact checkpoint; use another ",
                   "--run_dir to start a new run"));
}

}  // namespace lenslet
