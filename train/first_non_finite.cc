#include "lenslet/train/first_non_finite.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/examples_word.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

bool IsNotFinite(float value) { return !std::isfinite(value); }

std::optional<float> FirstIn(absl::Span<const float> values) {
  const auto i = std::find_if(values.begin(), values.end(), IsNotFinite);
  if (i == values.end()) return {};
  return *i;
}

struct Found {
  int64_t image;  // In the block.
  float value;
};

// `values` are those of a block, of an image's shape each.
absl::StatusOr<std::optional<Found>> FirstInBlock(const FinishedBlock& block,
                                                  const Shape& shape,
                                                  const float* values) {
  const int64_t images = static_cast<int64_t>(block.losses.size());
  Tensor copy;
  if (block.layout == Layout::kLanes) {
    LENSLET_ASSIGN_OR_RETURN(const Shape of_block, shape.WithOuter(images));
    LENSLET_ASSIGN_OR_RETURN(copy,
                             Tensor::Create(ElementType::kFloat32, of_block));
    LanesToImages(images, shape.elements(), values, copy.data());
    values = copy.data();
  }
  for (int64_t image = 0; image < images; ++image) {
    const std::optional<float> value = FirstIn(absl::MakeConstSpan(
        values + image * shape.elements(), shape.elements()));
    if (value.has_value()) return Found{.image = image, .value = *value};
  }
  return std::nullopt;
}

std::string ImageOfBatch(const Graph& graph, const FinishedBlock& block,
                         int64_t image) {
  return absl::StrCat(ExampleWord(graph.inputs()[0].shape), " ",
                      block.first_image + image, " of the batch");
}

}  // namespace

absl::StatusOr<std::string> FirstNonFinite(const Graph& graph,
                                           const Parameters& parameters,
                                           const FinishedBlock& block,
                                           Executor& executor) {
  for (size_t i = 0; i < graph.inputs().size(); ++i) {
    const Graph::Input& input = graph.inputs()[i];
    LENSLET_ASSIGN_OR_RETURN(
        const std::optional<Found> found,
        FirstInBlock(block, input.shape,
                     executor.input(static_cast<int>(i)).data()));
    if (found.has_value()) {
      return absl::StrCat("the input \"", input.name, "\" is ", found->value,
                          " for ", ImageOfBatch(graph, block, found->image));
    }
  }
  for (const Graph::Node& node : graph.nodes()) {
    LENSLET_ASSIGN_OR_RETURN(const View<const float> output,
                             executor.LayerOutput(node.name));
    LENSLET_ASSIGN_OR_RETURN(const std::optional<Found> found,
                             FirstInBlock(block, node.output, output.data()));
    if (!found.has_value()) continue;
    for (int p = node.first_parameter;
         p < node.first_parameter + node.parameter_count; ++p) {
      if (IsStatistic(parameters.info(p).info.role)) continue;
      const std::optional<float> value = FirstIn(parameters.view(p).span());
      if (value.has_value()) {
        return absl::StrCat("parameter \"", parameters.info(p).name, "\" is ",
                            *value);
      }
    }
    return absl::StrCat("layer \"", node.name, "\" gives ", found->value,
                        " for ", ImageOfBatch(graph, block, found->image));
  }
  for (size_t i = 0; i < block.losses.size(); ++i) {
    if (!IsNotFinite(block.losses[i])) continue;
    return absl::StrCat("the loss of ", ImageOfBatch(graph, block, i), " is ",
                        block.losses[i], ", although its scores are finite");
  }
  return std::string("no number is infinite or nan");
}

}  // namespace lenslet
