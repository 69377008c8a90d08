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

// What a person should know of a recipe and its data.
struct DataFinding {
  std::vector<FieldStep> path = {};  // As in StartProblem.
  std::string text;
  bool is_note = false;  // Whether it may well be no mistake.
};

struct DataCheck {
  // Training would end with them before its first step, or when it reads the
  // examples.
  std::vector<StartProblem> errors = {};
  std::vector<DataFinding> findings = {};
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

  // The same, what the run would say before its first step, and what
  // FindInData() finds; of images in files and packed files, in a sample of
  // 4,096 training examples and as many test examples. Keeps no examples of
  // these in memory.
  DataCheck CheckData(const RecipeProto& recipe);

 private:
  const absl::StatusOr<LoadedData>& Load(const DataProto& data);
  // Adds what a run would say to `findings`, unless it is null.
  std::vector<StartProblem> Check(const RecipeProto& recipe,
                                  std::vector<DataFinding>* findings);

  const absl::Span<const DataSource> sources_;
  const CheckpointLoader load_start_;
  const std::string argv0_;
  // Of `loaded_`; without what does not change its examples.
  std::optional<std::string> key_;
  absl::StatusOr<LoadedData> loaded_;
};

// Classes of few examples, and what ExamineExamples() (data/examination.h)
// finds in a moment before a run: in up to 256 MiB of examples, of larger data
// in a sample; and in 512 training examples and as many test examples that are
// not in memory. Does not mention few repeated examples, below one in a
// hundred. Errors: InvalidArgument, naming them, for examples that cannot be
// read, at which training would end.
absl::StatusOr<std::vector<DataFinding>> FindInData(const RecipeProto& recipe,
                                                    const RunData& data);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_DATA_CHECK_H_
