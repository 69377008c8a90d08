// What is wrong with a recipe and the data that it names, and what a person
// should know of the data before training.

#ifndef LENSLET_TOOLS_DATA_CHECK_H_
#define LENSLET_TOOLS_DATA_CHECK_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/load_data.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/recipe/start_problems.h"
#include "lenslet/train/runs/run_data.h"

namespace lenslet {

struct DataCheck {
  // Training would end with them before its first step, or when it reads the
  // examples.
  std::vector<StartProblem> errors = {};
  // Messages.
  std::vector<std::string> warnings = {};
};

// Checks recipes without training them. Keeps the data that it opened last, for
// the next recipe with the same.
class RecipeChecker {
 public:
  // `argv0` is main()'s.
  RecipeChecker(absl::Span<const DataSource> sources,
                CheckpointLoader load_start, const std::string& argv0)
      : sources_(sources), load_start_(std::move(load_start)), argv0_(argv0) {}

  // Finds all that would end the run before its first step: opens the model,
  // the data and the checkpoint of start_from, and checks what a run checks
  // (train/runs/check_start.h). The recipe must pass FindProblems(), and its
  // paths are absolute. Does not decode image files.
  std::vector<StartProblem> FindStartProblems(const RecipeProto& recipe);

  // The same, and what ExamineExamples() (data/examination.h) finds. Of image
  // files and packed files, examines a sample of some thousand examples, and
  // keeps none of them in memory.
  DataCheck CheckData(const RecipeProto& recipe);

 private:
  const absl::StatusOr<LoadedData>& Load(const DataProto& data);

  const absl::Span<const DataSource> sources_;
  const CheckpointLoader load_start_;
  const std::string argv0_;
  // Of `loaded_`; without what does not change its examples.
  std::optional<std::string> key_;
  absl::StatusOr<LoadedData> loaded_;
};

// What of that can be found in a moment before a run: of data in memory, up to
// 256 MiB. Does not mention few repeated examples, below one in a hundred.
std::vector<std::string> QuickDataWarnings(const RecipeProto& recipe,
                                           const RunData& data);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_DATA_CHECK_H_
