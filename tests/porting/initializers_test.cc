// The initial parameters of docs/porting.md.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tests/porting/porting.h"
#include "lenslet/train/initializer.h"
#include "lenslet/train/recipe/recipe_specs.h"

namespace lenslet {
namespace {

constexpr int64_t kFanIn = 100;
constexpr int64_t kFanOut = 200;

Parameters Initialized(const Initializer& initializer) {
  Parameters parameters = *Parameters::Create(GraphOfLayers(
      absl::StrCat("layer { name: 'linear' linear { output_features: ", kFanOut,
                   " } }"),
      {kFanIn}));
  parameters.view(1)[0] = 1;  // A bias to overwrite.
  InitializeParameters(initializer, /*seed=*/1, parameters);
  return parameters;
}

Initializer InitializerOnPage(const std::string& kind) {
  return MakeInitializer(
      RecipeOnPage(absl::StrCat("initializer { kind: ", kind, " }")));
}

double LargestOf(const Parameters& parameters) {
  double largest = 0;
  for (const float w : parameters.view(0).span()) {
    largest = std::max<double>(largest, std::abs(w));
  }
  return largest;
}

// Of 20,000 uniform numbers the largest is above all but 1e-3 of the bound,
// except in one case of 10^8.
void ExpectUniform(const Initializer& initializer, double bound) {
  const double largest = LargestOf(Initialized(initializer));
  EXPECT_LE(largest, bound * (1 + kRounding));
  EXPECT_GT(largest, 0.999 * bound);
}

// Five standard deviations of the variance of 20,000 normal numbers are
// 5 sqrt(2 / 20000) of it. A normal number is beyond 2.2737 deviations with
// probability 0.023, and the truncated ones of Keras never are: they are within
// 2 deviations of 1 / 0.8796 of the value.
void ExpectNormal(const Initializer& initializer, double deviation) {
  const Parameters parameters = Initialized(initializer);
  const auto w = parameters.view(0).span();
  double squares = 0;
  int64_t beyond = 0;
  for (const float value : w) {
    squares += double{value} * value;
    beyond += std::abs(value) > deviation * 2 / 0.87962566103423978;
  }
  EXPECT_NEAR(squares / w.size() / (deviation * deviation), 1, 0.05);
  EXPECT_NEAR(static_cast<double>(beyond) / w.size(), 0.023, 0.006);
}

TEST(PortingInitializerTest, DefaultsOfKeras) {
  const double bound = std::sqrt(6.0 / (kFanIn + kFanOut));
  ExpectUniform(MakeInitializer(RecipeProto()), bound);
  ExpectUniform(InitializerOnPage("XAVIER_UNIFORM"), bound);
  for (const float bias : Initialized({}).view(1).span()) EXPECT_EQ(bias, 0);
}

// kaiming_uniform_(a=sqrt(5)): slope sqrt(2 / (1 + 5)), bound slope sqrt(3 /
// fan_in). Biases are in the same range.
TEST(PortingInitializerTest, DefaultsOfPytorchAreNarrower) {
  const double pytorch = std::sqrt(2.0 / 6) * std::sqrt(3.0 / kFanIn);
  EXPECT_DOUBLE_EQ(pytorch, 1 / std::sqrt(kFanIn));
  ExpectUniform(InitializerOnPage("LECUN_UNIFORM"), std::sqrt(3) * pytorch);
  ExpectUniform(
      MakeInitializer(RecipeOnPage("initializer { kind: UNIFORM scale: 0.1 }")),
      pytorch);
  const Parameters parameters = Initialized(InitializerOnPage("LECUN_UNIFORM"));
  for (const float bias : parameters.view(1).span()) EXPECT_EQ(bias, 0);
}

// kaiming_uniform_(nonlinearity='relu'), HeUniform.
TEST(PortingInitializerTest, KaimingUniform) {
  ExpectUniform(InitializerOnPage("KAIMING_UNIFORM"), std::sqrt(6.0 / kFanIn));
}

// kaiming_normal_, xavier_normal_; HeNormal, GlorotNormal and LecunNormal have
// the same deviation, but are truncated.
TEST(PortingInitializerTest, NormalsAreNotTruncated) {
  ExpectNormal(InitializerOnPage("KAIMING_NORMAL"), std::sqrt(2.0 / kFanIn));
  ExpectNormal(InitializerOnPage("XAVIER_NORMAL"),
               std::sqrt(2.0 / (kFanIn + kFanOut)));
  ExpectNormal(InitializerOnPage("LECUN_NORMAL"), std::sqrt(1.0 / kFanIn));
}

struct Fans {
  int64_t in;
  int64_t out;
};

Fans FansOf(const std::string& kind) {
  const Graph graph = GraphOfLayers(
      absl::StrCat("layer { name: 'layer' ", kind, " }"), {8, 8, 4});
  const ParameterInfo& info = graph.parameters()[0].info;
  return {info.fan_in, info.fan_out};
}

// PyTorch and Keras multiply the weight's sizes: 4 / 2 inputs and 6 outputs.
TEST(PortingInitializerTest, FansOfGroups) {
  const Fans fans = FansOf("conv2d { output_channels: 6 kernel: 3 groups: 2 }");
  EXPECT_EQ(fans.in, (4 / 2) * 3 * 3);
  EXPECT_EQ(fans.out, 6 * 3 * 3 / 2);
}

// PyTorch has weights [in, out, 4, 4], and calls the second size times 4 * 4
// fan_in. Keras likewise.
TEST(PortingInitializerTest, FansOfTransposedConvs) {
  const Fans fans =
      FansOf("conv_transpose2d { output_channels: 6 kernel: 4 stride: 2 }");
  const int64_t pytorch_in = 6 * 4 * 4;
  const int64_t pytorch_out = 4 * 4 * 4;
  EXPECT_EQ(fans.out, pytorch_in);
  // Of an output, 4 / 2 taps along each axis.
  EXPECT_EQ(fans.in, pytorch_out / (2 * 2));
}

}  // namespace
}  // namespace lenslet
