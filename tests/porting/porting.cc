#include "lenslet/tests/porting/porting.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "lenslet/base/check.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/ops/backend.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_specs.h"

namespace lenslet {

const std::string& Page() {
  static const std::string* const page =
      new std::string(ReadFile("docs/porting.md").value());
  return *page;
}

std::string OnPage(absl::string_view text) {
  EXPECT_NE(Page().find(absl::StrCat("`", text, "`")), std::string::npos)
      << "docs/porting.md does not have the code " << text;
  return std::string(text);
}

RecipeProto RecipeOnPage(absl::string_view fields, double rate,
                         int64_t epochs) {
  RecipeText text = ParseRecipe(OnPage(fields), "docs/porting.md").value();
  text.recipe.set_model("lenet");
  text.recipe.set_epochs(epochs);
  text.recipe.set_learning_rate(rate);
  LENSLET_EXPECT_OK(CheckRecipe(text));
  return text.recipe;
}

OptimizerSpec OptimizerOnPage(absl::string_view fields) {
  const OptimizerSpec spec = MakeOptimizerSpec(RecipeOnPage(fields));
  LENSLET_EXPECT_OK(CheckOptimizer(spec));
  return spec;
}

ScheduleSpec ScheduleOnPage(absl::string_view fields, double rate,
                            int64_t epochs, int64_t steps_per_epoch) {
  const ScheduleSpec spec =
      MakeScheduleSpec(RecipeOnPage(fields, rate, epochs), steps_per_epoch,
                       epochs * steps_per_epoch);
  LENSLET_EXPECT_OK(Check(spec));
  return spec;
}

Graph GraphOfLayers(absl::string_view layers, const Shape& image) {
  return GraphOf(absl::StrCat("input { name: 'image' shape: ", image.ToString(),
                              " } ", layers));
}

Graph GraphOfLayerOnPage(absl::string_view kind, const Shape& image) {
  return GraphOfLayers(
      absl::StrCat("layer { name: 'layer' ", OnPage(kind), " }"), image);
}

std::vector<float> RandomNumbers(int64_t count, uint64_t seed) {
  Random random(seed);
  std::vector<float> numbers(count);
  for (float& number : numbers) {
    number = static_cast<float>(2 * random.Uniform() - 1);
  }
  return numbers;
}

std::vector<float> RunGraph(const Graph& graph,
                            const std::vector<std::vector<float>>& parameters,
                            absl::Span<const float> images, bool training) {
  Parameters values = *Parameters::Create(graph);
  LENSLET_CHECK(static_cast<int>(parameters.size()) == values.size());
  for (int i = 0; i < values.size(); ++i) {
    LENSLET_CHECK(values.view(i).span().size() == parameters[i].size());
    std::copy(parameters[i].begin(), parameters[i].end(),
              values.view(i).span().begin());
  }
  const int64_t image = graph.inputs()[0].shape.elements();
  const int64_t count = static_cast<int64_t>(images.size()) / image;
  LENSLET_CHECK(count > 0 && count * image == std::ssize(images));
  const std::unique_ptr<Executor> executor = *Executor::Create(
      graph, values,
      {.backend = Backend::kReference, .images = count, .training = training});
  LENSLET_EXPECT_OK(executor->ParametersChanged());
  std::copy(images.begin(), images.end(), executor->input().span().begin());
  executor->Forward(count);
  const absl::Span<const float> outputs = executor->output().span();
  return {outputs.begin(), outputs.end()};
}

double LargestDifference(absl::Span<const float> a,
                         absl::Span<const double> b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

}  // namespace lenslet
