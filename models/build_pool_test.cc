// Poolings of model files.

#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;

absl::StatusOr<Graph> BuildPoolFrom(absl::string_view text) {
  LENSLET_ASSIGN_OR_RETURN(const ModelText model, ParseModelText(text, "m"));
  return BuildGraph(model);
}

// The only layer's output for an image of that shape.
void ExpectPoolOutput(absl::string_view shape, absl::string_view layer,
                      const Shape& output) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Graph graph,
      BuildPoolFrom(absl::StrCat("input { name: 'x' shape: ", shape,
                                 " } layer { name: 'y' ", layer, " }")));
  EXPECT_EQ(graph.nodes()[0].output, output) << layer;
}

// What the only layer makes of an image of one row, 1 2 4.
std::vector<float> PoolOutputNumbers(absl::string_view layer) {
  const absl::StatusOr<Graph> graph = BuildPoolFrom(absl::StrCat(
      "input { name: 'x' shape: [1, 3, 1] } layer { name: 'y' ", layer, " }"));
  LENSLET_EXPECT_OK(graph);
  const absl::StatusOr<Parameters> parameters = Parameters::Create(*graph);
  LENSLET_EXPECT_OK(parameters);
  const auto executor = Executor::Create(*graph, *parameters, {.images = 1});
  LENSLET_EXPECT_OK(executor);
  float* image = (*executor)->input().data();
  image[0] = 1;
  image[1] = 2;
  image[2] = 4;
  (*executor)->Forward(1);
  const absl::Span<const float> output = (*executor)->output().span();
  return std::vector<float>(output.begin(), output.end());
}

TEST(BuildPoolTest, HaveOneToThreeDimensions) {
  for (const absl::string_view kind : {"max", "avg", "min", "softmax"}) {
    const auto expect = [&](absl::string_view shape, int rank,
                            const Shape& output) {
      ExpectPoolOutput(
          shape, absl::StrCat(kind, "_pool", rank, "d { kernel: 3 stride: 1 }"),
          output);
    };
    expect("[6, 2]", 1, {4, 2});
    expect("[6, 7, 2]", 2, {4, 5, 2});
    expect("[6, 7, 8, 2]", 3, {4, 5, 6, 2});
  }
}

TEST(BuildPoolTest, MakeAnOutputOfTheSizeWanted) {
  for (const absl::string_view kind : {"max", "avg"}) {
    const std::string adaptive = absl::StrCat("adaptive_", kind, "_pool");
    const std::string global = absl::StrCat("global_", kind, "_pool {}");
    ExpectPoolOutput("[13, 17, 2]", adaptive + " { output: 4 }", {4, 4, 2});
    ExpectPoolOutput("[13, 17, 2]", adaptive + " { output: [5, 20] }",
                     {5, 20, 2});
    ExpectPoolOutput("[13, 2]", adaptive + " { output: 4 }", {4, 2});
    ExpectPoolOutput("[13, 17, 2]", global, {1, 1, 2});
    ExpectPoolOutput("[13, 17, 4, 2]", global, {1, 1, 1, 2});
  }
}

TEST(BuildPoolTest, ComputeTheirKind) {
  const std::string window = " { kernel: [1, 3] }";
  EXPECT_THAT(PoolOutputNumbers("max_pool2d" + window), ElementsAre(4));
  EXPECT_THAT(PoolOutputNumbers("min_pool2d" + window), ElementsAre(1));
  EXPECT_THAT(PoolOutputNumbers("avg_pool2d { kernel: [1, 2] ceil: true }"),
              ElementsAre(1.5, 4));
  EXPECT_THAT(PoolOutputNumbers("adaptive_max_pool { output: [1, 2] }"),
              ElementsAre(2, 4));
  EXPECT_THAT(PoolOutputNumbers("adaptive_avg_pool { output: [1, 2] }"),
              ElementsAre(1.5, 3));
  EXPECT_THAT(PoolOutputNumbers("global_max_pool {}"), ElementsAre(4));
  EXPECT_THAT(PoolOutputNumbers("global_avg_pool {}"),
              ElementsAre(FloatNear(7.0 / 3, 0x1p-22)));
}

// Of 2 and 4, with weights 1 and e^2; of low temperatures, all is the
// largest's.
TEST(BuildPoolTest, ASoftmaxHasATemperatureOfOneUnlessToldOtherwise) {
  const std::string pool =
      "softmax_pool2d { kernel: [1, 2] stride: [1, 1] padding_after: 0 ";
  const auto second = [&](absl::string_view fields) {
    return PoolOutputNumbers(absl::StrCat(pool, fields, "}")).at(1);
  };
  const double e2 = std::exp(2.0);
  // Numbers are at most 4, and the reference computes in double.
  EXPECT_NEAR(second(""), (2 + 4 * e2) / (1 + e2), 0x1p-21);
  EXPECT_EQ(second(""), second("temperature: 1"));
  EXPECT_EQ(second("temperature: 1e-2"), 4);
}

struct WrongPool {
  std::string name;
  std::string text;
  std::string message;
};

void PrintTo(const WrongPool& wrong, std::ostream* os) { *os << wrong.name; }

std::vector<WrongPool> WrongPools() {
  const std::string image = "input { name: 'image' shape: [28, 28, 1] }\n";
  return {
      {"PoolAboveImageRoundedUp",
       image + "layer { name: 'a' max_pool2d { kernel: 30 stride: 2 ceil: true "
               "} }",
       "2:1: layer \"a\": kernel [30, 30] with dilation [1, 1] covers 30 "
       "positions of axis 0, more than the padded input's 28 (input [28, 28], "
       "padding [0, 0] before and [0, 0] after)"},
      {"MinPoolWithoutKernel", image + "layer { name: 'a' min_pool2d {} }",
       "2:19: layer \"a\": it has no kernel; expected sizes: one for both "
       "axes, or [rows, columns]"},
      {"MinPoolOfStrideZero",
       image + "layer { name: 'a' min_pool2d { kernel: 2 stride: 0 } }",
       "2:42: layer \"a\": stride[0] is 0; expected a number in [1, "
       "2147483647]"},
      {"SoftmaxPoolOfTwoNumbers",
       image + "layer { name: 'a' softmax_pool1d { kernel: [2, 2] } }",
       "2:36: layer \"a\": kernel has 2 numbers; expected one"},
      {"ZeroTemperature",
       image + "layer { name: 'a' softmax_pool2d { kernel: 2 temperature: 0 } "
               "}",
       "2:46: layer \"a\": temperature is 0; expected a positive number"},
      {"NegativeTemperature",
       image + "layer { name: 'a' softmax_pool2d { kernel: 2 temperature: -2 } "
               "}",
       "2:46: layer \"a\": temperature is -2; expected a positive number"},
      {"InfiniteTemperature",
       image + "layer { name: 'a' softmax_pool2d { kernel: 2 temperature: inf "
               "} }",
       "2:46: layer \"a\": temperature is inf; expected a finite positive "
       "number"},
      {"TemperatureThatIsNoNumber",
       image + "layer { name: 'a' softmax_pool2d { kernel: 2 temperature: nan "
               "} }",
       "2:46: layer \"a\": temperature is nan; expected a positive number"},
      {"NoAdaptiveOutput", image + "layer { name: 'a' adaptive_max_pool {} }",
       "2:19: layer \"a\": it has no output; expected sizes: one for all axes, "
       "or one for each of at most three"},
      {"LongAdaptiveOutput",
       image + "layer { name: 'a' adaptive_avg_pool { output: [1, 2, 3, 4] } }",
       "2:39: layer \"a\": output has 4 numbers; expected one for all axes, or "
       "one for each of at most three"},
      {"AdaptiveOutputOfOtherDimensions",
       image + "layer { name: 'a' adaptive_avg_pool { output: [1, 2, 3] } }",
       "2:1: layer \"a\": output [1, 2, 3] has 3 numbers; expected one for all "
       "axes or 2 for input [28, 28, 1]"},
      {"ZeroAdaptiveOutput",
       image + "layer { name: 'a' adaptive_max_pool { output: 0 } }",
       "2:39: layer \"a\": output[0] is 0; expected a number in [1, "
       "2147483647]"},
      {"GlobalPoolOfARow",
       image + "layer { name: 'f' flatten {} }\n"
               "layer { name: 'a' global_avg_pool {} }",
       "3:1: layer \"a\": input has shape [784]; expected 1 to 3 "
       "spatial dimensions and channels"},
  };
}

class WrongPoolTest : public ::testing::TestWithParam<WrongPool> {};

INSTANTIATE_TEST_SUITE_P(Models, WrongPoolTest,
                         ::testing::ValuesIn(WrongPools()),
                         [](const auto& info) { return info.param.name; });

TEST_P(WrongPoolTest, SaysWhereAndWhy) {
  EXPECT_THAT(BuildPoolFrom(GetParam().text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       absl::StrCat("m:", GetParam().message)));
}

}  // namespace
}  // namespace lenslet
