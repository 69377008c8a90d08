#include "lenslet/data/synthetic.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

absl::Status CheckOptions(const Shape& shape, const SyntheticOptions& options) {
  if (options.examples < 1) {
    return BadValue("examples", options.examples, "at least 1");
  }
  if (options.classes < 2 || options.classes > kMaxClasses) {
    return absl::InvalidArgumentError(
        absl::StrCat("classes is ", options.classes,
                     "; expected a number in [2, ", kMaxClasses, "]"));
  }
  if (!(options.noise >= 0 && options.noise <= 1)) {
    return BadValue("noise", options.noise, "a number in [0, 1]");
  }
  if (shape.elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "examples of shape ", shape.ToString(), " have no elements"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Dataset> MakeSyntheticDataset(const Shape& shape,
                                             const SyntheticOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckOptions(shape, options));
  LENSLET_ASSIGN_OR_RETURN(const Shape all, shape.WithOuter(options.examples));
  ExampleArrays arrays;
  LENSLET_ASSIGN_OR_RETURN(arrays.inputs,
                           Tensor::Create(ElementType::kUint8, all));
  std::vector<int32_t> classes(options.examples);
  std::vector<std::string> names;
  for (int64_t c = 0; c < options.classes; ++c) {
    names.push_back(absl::StrCat("class ", c));
  }
  const int64_t elements = shape.elements();
  Random noise(options.seed, /*stream=*/options.classes);
  uint8_t* to = arrays.inputs.data<uint8_t>();
  for (int64_t i = 0; i < options.examples; ++i) {
    const int64_t label = i % options.classes;
    classes[i] = static_cast<int32_t>(label);
    Random pattern(options.seed, /*stream=*/label);
    for (int64_t e = 0; e < elements; ++e) {
      const double value = (1 - options.noise) * pattern.Uniform() +
                           options.noise * noise.Uniform();
      *to++ = static_cast<uint8_t>(std::lround(255 * value));
    }
  }
  LENSLET_ASSIGN_OR_RETURN(arrays.targets,
                           ClassTensor(classes, {options.examples}));
  return MakeDataset(std::move(arrays), std::move(names));
}

}  // namespace lenslet
