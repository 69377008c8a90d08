// Writes where a proposed recipe's examples come from.

#ifndef LENSLET_TRAIN_RECIPE_PROPOSE_SOURCE_H_
#define LENSLET_TRAIN_RECIPE_PROPOSE_SOURCE_H_

#include <string>

#include "lenslet/data/survey.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/train/recipe/commented_text.h"

namespace lenslet {

// Writes the source and the target of `survey` in the form of DataProto, with
// comments. Paths in `folder` become relative. Examples have `shape`, for the
// `reason`.
void WriteSource(const DataSurvey& survey, const std::string& folder,
                 const Shape& shape, const std::string& reason,
                 CommentedText& out);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_PROPOSE_SOURCE_H_
