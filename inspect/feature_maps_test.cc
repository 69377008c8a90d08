#include "lenslet/inspect/feature_maps.h"

#include <initializer_list>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

// 0, 1, 2, ...
Tensor Counting(const Shape& shape) {
  Tensor tensor(shape);
  for (int64_t i = 0; i < shape.elements(); ++i) {
    tensor.data()[i] = static_cast<float>(i);
  }
  return tensor;
}

void ExpectMaps(const absl::StatusOr<FeatureMaps>& maps, const Shape& shape,
                int64_t columns, std::initializer_list<float> values) {
  LENSLET_ASSERT_OK(maps.status());
  EXPECT_EQ(maps->maps.shape(), shape);
  EXPECT_EQ(maps->columns, columns);
  EXPECT_THAT(maps->maps.span(), ElementsAreArray(values));
}

TEST(FilterMapsTest, OneDimension) {
  // Two filters of three taps with two channels. A row for each channel.
  ExpectMaps(FilterMaps(Counting({2, 3, 2}).view()), {2, 2, 3}, 0,
             {0, 2, 4,  //
              1, 3, 5,
              //
              6, 8, 10,  //
              7, 9, 11});
}

TEST(FilterMapsTest, TwoDimensions) {
  ExpectMaps(FilterMaps(Counting({2, 1, 2, 3}).view()), {6, 1, 2}, 3,
             {0, 3, 1, 4, 2, 5,  // The first filter's three channels.
              6, 9, 7, 10, 8, 11});
  ExpectMaps(FilterMaps(Counting({2, 1, 2, 1}).view()), {2, 1, 2}, 0,
             {0, 1, 2, 3});
}

TEST(FilterMapsTest, ThreeDimensions) {
  // One filter of two frames of 1 x 2 taps with two channels.
  ExpectMaps(FilterMaps(Counting({1, 2, 1, 2, 2}).view()), {4, 1, 2}, 4,
             {0, 2, 4, 6,  // The first channel's two frames.
              1, 3, 5, 7});
}

TEST(FilterMapsTest, Colors) {
  const Tensor weight = Counting({2, 1, 2, 3});
  LENSLET_ASSERT_OK_AND_ASSIGN(const FeatureMaps maps,
                               FilterMaps(weight.view(), /*colors=*/true));
  EXPECT_EQ(maps.maps.shape(), weight.shape());
  EXPECT_EQ(maps.columns, 0);
  EXPECT_EQ(maps.maps.span(), weight.span());
  // Two channels are no colors.
  EXPECT_EQ(FilterMaps(Counting({1, 1, 1, 2}).view(), true)->maps.shape(),
            Shape({2, 1, 1}));
}

TEST(ActivationMapsTest, AnyNumberOfDimensions) {
  ExpectMaps(ActivationMaps(Counting({3}).view()), {3, 1, 1}, 0, {0, 1, 2});
  ExpectMaps(ActivationMaps(Counting({3, 2}).view()), {1, 2, 3}, 0,
             {0, 2, 4,  //
              1, 3, 5});
  ExpectMaps(ActivationMaps(Counting({2, 2, 2}).view()), {2, 2, 2}, 0,
             {0, 2, 4, 6,  //
              1, 3, 5, 7});
  ExpectMaps(ActivationMaps(Counting({2, 1, 2, 2}).view()), {4, 1, 2}, 2,
             {0, 2, 4, 6,  //
              1, 3, 5, 7});
  ExpectMaps(ActivationMaps(Counting({2, 1, 1, 2, 2}).view()), {4, 1, 2}, 2,
             {0, 2, 4, 6,  //
              1, 3, 5, 7});
}

TEST(ActivationMapsTest, Colors) {
  const Tensor image = Counting({1, 2, 3});
  LENSLET_ASSERT_OK_AND_ASSIGN(const FeatureMaps maps,
                               ActivationMaps(image.view(), /*colors=*/true));
  EXPECT_EQ(maps.maps.shape(), Shape({1, 1, 2, 3}));
  EXPECT_THAT(maps.maps.span(), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(ActivationMaps(image.view())->maps.shape(), Shape({3, 1, 2}));
}

TEST(FeatureMapsDeathTest, NeedNumbersOfKnownDimensions) {
  EXPECT_DEATH(FilterMaps(Tensor({2, 3}).view()), "broken invariant");
  EXPECT_DEATH(FilterMaps(Tensor({2, 0, 3}).view()), "broken invariant");
  EXPECT_DEATH(ActivationMaps(Tensor(Shape{}).view()), "broken invariant");
  EXPECT_DEATH(ActivationMaps(Tensor().view()), "broken invariant");
}

}  // namespace
}  // namespace lenslet
