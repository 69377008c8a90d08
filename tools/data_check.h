// What is wrong with the data that a recipe names, and what a person should
// know of it before training.

#ifndef LENSLET_TOOLS_DATA_CHECK_H_
#define LENSLET_TOOLS_DATA_CHECK_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/data/load_data.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/runs/run_data.h"

namespace lenslet {

struct DataCheck {
  // Messages. Training would end with the errors.
  std::vector<std::string> errors = {};
  std::vector<std::string> warnings = {};
};

// Opens the data of a recipe that has no errors and whose paths are absolute:
// checks that files and folders are there, that the model fits the examples,
// and what ExamineExamples() (data/examination.h) finds. Of image files and
// packed files, reads a sample of some thousand examples, and keeps none of
// them in memory. `argv0` is main()'s.
DataCheck CheckRecipeData(const RecipeProto& recipe,
                          absl::Span<const DataSource> sources,
                          const std::string& argv0);

// What of that can be found in a moment before a run: of data in memory, up to
// 256 MiB. Does not mention few repeated examples, below one in a hundred.
std::vector<std::string> QuickDataWarnings(const RecipeProto& recipe,
                                           const RunData& data);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_DATA_CHECK_H_
