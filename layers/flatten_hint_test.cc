#include "lenslet/layers/flatten_hint.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"

namespace lenslet {
namespace {

// Of layers one after the other, "0", "1" and so on, for an image.
std::string HintOf(const std::vector<Layer>& chain) {
  GraphBuilder builder;
  builder.AddInput("image", {6, 6, 2});
  std::string last = "image";
  for (size_t i = 0; i < chain.size(); ++i) {
    builder.AddLayer(absl::StrCat(i), chain[i], {last});
    last = absl::StrCat(i);
  }
  return FlattenHint(builder.Build().value());
}

TEST(FlattenHintTest, NamesTheFirstLinearLayerOfAnImage) {
  const Layer linear = layers::Linear({.output_features = 3});
  EXPECT_EQ(HintOf({layers::Relu(), linear, linear}),
            "linear layer \"1\" transforms each position separately; add a "
            "flatten layer before it");
}

TEST(FlattenHintTest, NamesTheEndOfOnePixel) {
  EXPECT_EQ(HintOf({layers::GlobalAvgPool()}),
            "add a flatten layer after \"0\"");
}

TEST(FlattenHintTest, SaysNothingOfVectorsAndImages) {
  const Layer linear = layers::Linear({.output_features = 3});
  EXPECT_EQ(HintOf({layers::Flatten(), linear}), "");
  EXPECT_EQ(HintOf({linear, layers::Flatten()}), "");
  EXPECT_EQ(HintOf({layers::Relu()}), "");
}

}  // namespace
}  // namespace lenslet
