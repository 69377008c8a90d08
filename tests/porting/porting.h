// What the tests of docs/porting.md share.

#ifndef LENSLET_TESTS_PORTING_PORTING_H_
#define LENSLET_TESTS_PORTING_PORTING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/layers/graph.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/train/optimizer.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/schedule.h"

namespace lenslet {

// Half the distance from 1 to the next float: the largest relative error of one
// rounding.
inline constexpr double kRounding = 0x1p-24;

// docs/porting.md.
const std::string& Page();

// Fails the test unless the page has `text` as code. Returns it.
std::string OnPage(absl::string_view text);

// What the page recommends, as the programs understand it: these fields of a
// recipe, with a model, a length of `epochs` and a learning rate of `rate`.
RecipeProto RecipeOnPage(absl::string_view fields, double rate = 1,
                         int64_t epochs = 10);
OptimizerSpec OptimizerOnPage(absl::string_view fields);
ScheduleSpec ScheduleOnPage(absl::string_view fields, double rate,
                            int64_t epochs, int64_t steps_per_epoch);

// The graph of the layers in a model's text, for images of this shape.
Graph GraphOfLayers(absl::string_view layers, const Shape& image);
// The same for a layer's kind, such as "relu {}", that the page has as code.
Graph GraphOfLayerOnPage(absl::string_view kind, const Shape& image);

// Uniform in [-1, 1).
std::vector<float> RandomNumbers(int64_t count, uint64_t seed);

// The outputs for some images, one after another, on the reference backend,
// which sums in double and rounds the outputs of each layer once. `parameters`
// are in the order of the graph's. With `training`, as in a training step.
std::vector<float> RunGraph(const Graph& graph,
                            const std::vector<std::vector<float>>& parameters,
                            absl::Span<const float> images,
                            bool training = false);

// Infinite if the sizes differ.
double LargestDifference(absl::Span<const float> a, absl::Span<const double> b);

}  // namespace lenslet

#endif  // LENSLET_TESTS_PORTING_PORTING_H_
