// What lenslet predict says of an output, where the truth is not known.

#ifndef LENSLET_TOOLS_PREDICTED_H_
#define LENSLET_TOOLS_PREDICTED_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/predictor.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"
#include "nlohmann/json.hpp"

namespace lenslet {

// The outputs of a network.
struct OutputForm {
  OutputTargets targets;
  // Of the outputs for one example.
  Shape shape;
  // Of the examples.
  ElementType input_type = ElementType::kUint8;

  // Whether a class is asked for, of each example as a whole.
  bool is_class() const {
    return targets.kind == TargetKind::kClasses && shape.rank() <= 1;
  }
};

// The outputs for one example as a table, each line after two blanks: labels
// with their probabilities; values; of classes of positions, how many positions
// have each. Of more than 40 numbers, only the range. Aborts for is_class().
std::string PredictedTable(const OutputForm& form,
                           absl::Span<const float> output);

// The same in a line without an end: "price 310, rent 2.1".
std::string PredictedLine(const OutputForm& form,
                          absl::Span<const float> output);

// Of classes, best first: "cat 93.1 %, dog 4.2 %".
std::string PredictedLine(const std::vector<ClassScore>& answer);

// Adds to a JSON object one of
//   "labels": [{"label": "sea", "probability": 0.93}, ...]
//   "values": [{"value": "price", "predicted": 21.5}, ...]
//   "shape": [28, 28, 1], "values": [0.5, ...], of outputs with positions
//   "positions": 784, "classes": [{"class": "sky", "positions": 700}, ...]
void AddPredicted(const OutputForm& form, absl::Span<const float> output,
                  nlohmann::ordered_json& json);

// Errors: InvalidArgument unless outputs are pictures: classes of positions
// [height, width, classes], or values [height, width], [height, width, 1] or
// [height, width, 3].
absl::Status CheckIsPicture(const OutputForm& form);

// The picture, uint8 [height, width, 1 or 3]. A class has its color
// (inspect/class_colors.h). Values from 0 to 1 are black to white if the
// network was trained on bytes; otherwise black is the smallest value and white
// the largest. Aborts unless CheckIsPicture() passes.
Tensor OutputPicture(const OutputForm& form, absl::Span<const float> output);

// The files of a folder. Not thread-safe.
class PictureFolder {
 public:
  // Makes the folder with its first file. `inputs` are as in CheckOutput()
  // (tools/outputs.h).
  PictureFolder(std::string folder, std::vector<std::string> inputs)
      : folder_(std::move(folder)), inputs_(std::move(inputs)) {}

  // Writes NAME.png, or NAME_2.png if this object has written the first, and so
  // on. Returns its path as a user types it. Errors: CheckOutput()'s and
  // WritePngFile()'s.
  absl::StatusOr<std::string> Write(const std::string& name,
                                    const Tensor& picture);

  int64_t size() const { return static_cast<int64_t>(written_.size()); }

 private:
  const std::string folder_;
  const std::vector<std::string> inputs_;
  std::set<std::string> written_;
};

}  // namespace lenslet

#endif  // LENSLET_TOOLS_PREDICTED_H_
