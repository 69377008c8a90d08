#include "lenslet/tensor/slice.h"

#include <cstdint>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

TEST(SliceTest, CopiesAPart) {
  const Tensor x = Iota({3, 4});
  const Tensor part = Slice(x, {{1, 3}, {2, 4}});
  EXPECT_EQ(part.shape(), Shape({2, 2}));
  EXPECT_THAT(part.span(), ElementsAre(6, 7, 10, 11));
}

TEST(SliceTest, TakesWholeDimensions) {
  const Tensor x = Iota({3, 2});
  EXPECT_THAT(Slice(x, {{1, 2}}).span(), ElementsAre(2, 3));
  EXPECT_THAT(Slice(x, {All(), {1, 2}}).span(), ElementsAre(1, 3, 5));
  EXPECT_THAT(Slice(x, {{1}}).span(), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(Slice(x, {}).span(), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(SliceTest, TakesAnyRank) {
  EXPECT_EQ(Slice(Filled({}, 5), {})(), 5);
  EXPECT_THAT(Slice(Iota({5}), {{1, 4}}).span(), ElementsAre(1, 2, 3));
  const Tensor part = Slice(Iota({2, 2, 3, 2}), {All(), {1, 2}, {0, 2}, All()});
  EXPECT_EQ(part.shape(), Shape({2, 1, 2, 2}));
  EXPECT_THAT(part.span(), ElementsAre(6, 7, 8, 9, 18, 19, 20, 21));
}

TEST(SliceTest, MayBeEmpty) {
  EXPECT_EQ(Slice(Iota({3, 2}), {{1, 1}}).shape(), Shape({0, 2}));
  EXPECT_EQ(Slice(Iota({3, 2}), {All(), {2, 2}}).shape(), Shape({3, 0}));
}

TEST(SliceTest, CopiesBytes) {
  const Tensor x = Tensor::Of<uint8_t>({2, 2}, {1, 2, 3, 4});
  EXPECT_THAT(Slice(x, {All(), {1, 2}}).span<uint8_t>(), ElementsAre(2, 4));
}

TEST(SetSliceTest, SetsAPart) {
  Tensor x = Iota({2, 3});
  SetSlice(x, {All(), {1, 3}}, Tensor::Of({2, 2}, {10, 20, 30, 40}));
  EXPECT_THAT(x.span(), ElementsAre(0, 10, 20, 3, 30, 40));
  SetSlice(x, {{1, 2}}, 7);
  EXPECT_THAT(x.span(), ElementsAre(0, 10, 20, 7, 7, 7));
  Tensor bytes = Tensor::Of<uint8_t>({3}, {1, 2, 3});
  SetSlice(bytes, {{1, 2}}, Tensor::Of<uint8_t>({1}, {9}));
  EXPECT_THAT(bytes.span<uint8_t>(), ElementsAre(1, 9, 3));
}

TEST(SliceDeathTest, NamesRangesAndShapes) {
  Tensor x({3, 4});
  EXPECT_DEATH(
      Slice(x, {{1, 2}, {3, 5}}),
      "range \\[3, 5\\) of dimension 1 is out of range for a tensor of "
      "shape \\[3, 4\\]");
  EXPECT_DEATH(Slice(x, {{2, 1}}), "range \\[2, 1\\) of dimension 0");
  EXPECT_DEATH(Slice(x, {{-1, 1}}), "range \\[-1, 1\\) of dimension 0");
  EXPECT_DEATH(Slice(x, {All(), All(), All()}),
               "3 ranges for a tensor of shape \\[3, 4\\]; expected at most 2");
  EXPECT_DEATH(SetSlice(x, {{0, 2}}, Tensor({4, 2})),
               "the values are float32 \\[4, 2\\]; the slice is float32 "
               "\\[2, 4\\]");
  EXPECT_DEATH(SetSlice(x, {}, Tensor({3, 4}, ElementType::kUint8)),
               "the values are uint8 \\[3, 4\\]; the slice is float32");
  EXPECT_DEATH(SetSlice(x, {{2, 4}}, 1), "range \\[2, 4\\) of dimension 0");
}

}  // namespace
}  // namespace lenslet
