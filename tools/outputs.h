// Refuses outputs that would replace what a command reads.

#ifndef LENSLET_TOOLS_OUTPUTS_H_
#define LENSLET_TOOLS_OUTPUTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/train/recipe/recipe.pb.h"

namespace lenslet {

// What a command writes. Its own kind may be replaced.
enum class OutputKind {
  kCheckpoint,
  kImage,
  kPacked,
  kOnnx,
  kCode,
  kModel,  // that lenslet import made
  kCertificate,
  kOther,
};

// The first line of a model that lenslet import writes.
inline constexpr absl::string_view kImportedModel =
    "# Imported from an ONNX model by lenslet import.";

// Checks the file `output` that the flag `flag`, such as "--json", names. ""
// and kStandardOutput pass. `inputs` are words or paths of what the command
// reads; of a run's folder, it reads the run's own files. Relative paths start
// from UserFolder(). Errors: InvalidArgument, naming the flag, if the output
// is one of the inputs, by any name, or exists and is not what a command may
// have written there before: a model, a recipe, a file of a run, a file of
// another kind than `kind`.
absl::Status CheckOutput(const std::string& flag, const std::string& output,
                         OutputKind kind, absl::Span<const std::string> inputs);

// Returns the files that the recipe or data names: a model, a checkpoint, CSV
// files. Not the files of its folders.
std::vector<std::string> InputsOf(const RecipeProto& recipe);
std::vector<std::string> InputsOf(const DataProto& data);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_OUTPUTS_H_
