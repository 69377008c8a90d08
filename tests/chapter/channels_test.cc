// The book's section "Multiple input and multiple output channels" and its
// exercises, each statement a test. Numbers marked "book" stand in the book,
// those marked "derived" follow from it.

#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/chapter/matrix.h"

namespace lenslet {
namespace {

class ChannelsTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, ChannelsTest, ::testing::ValuesIn(kBackends),
                         [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// [0..8] and [1..9], as the two channels of a 3x3 image.
Tensor TwoChannels() {
  Tensor x({1, 3, 3, 2});
  for (int64_t i = 0; i < 9; ++i) {
    x.span()[2 * i] = static_cast<float>(i);
    x.span()[2 * i + 1] = static_cast<float>(i + 1);
  }
  return x;
}

// `filters` filters over two channels, K2 + i and K2 + 1 + i.
Tensor Filters(int64_t filters) {
  Tensor k({filters, 2, 2, 2});
  for (int64_t f = 0; f < filters; ++f) {
    for (int64_t tap = 0; tap < 4; ++tap) {
      for (int64_t c = 0; c < 2; ++c) {
        k.span()[(f * 4 + tap) * 2 + c] = static_cast<float>(tap + c + f);
      }
    }
  }
  return k;
}

// Two inputs [0..8], [1..9] as 3x3, kernels K2 and K2+1 (book):
// [[56,72],[104,120]].
TEST_P(ChannelsTest, TwoInputChannels) {
  EXPECT_TRUE(Equals(Conv2d(TwoChannels(), Filters(1), {.backend = GetParam()}),
                     {{56, 72}, {104, 120}}));
}

// Three outputs K, K+1, K+2 (book): [[56,72],[104,120]],
// [[76,100],[148,172]], [[96,128],[192,224]].
TEST_P(ChannelsTest, ThreeOutputChannels) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor y, Conv2d(TwoChannels(), Filters(3),
                                                      {.backend = GetParam()}));
  EXPECT_TRUE(Equals(Channel(y, 0), {{56, 72}, {104, 120}}));
  EXPECT_TRUE(Equals(Channel(y, 1), {{76, 100}, {148, 172}}));
  EXPECT_TRUE(Equals(Channel(y, 2), {{96, 128}, {192, 224}}));
}

ConvSpec Wide(int64_t inputs, int64_t outputs, int64_t groups = 1) {
  return {.input_channels = inputs,
          .output_channels = outputs,
          .window = {.kernel = {5, 5}, .padding = {2, 2}},
          .has_bias = false,
          .groups = groups};
}

int64_t MultiplyAdds(const ConvSpec& spec) {
  return ComputeCost(spec, {256, 256, spec.input_channels})->multiply_adds;
}

// Operation counter, 256x256, 5x5, 128 -> 128 (derived): 53,687,091,200
// multiplications and additions.
//
// That number counts multiplications and additions apart: there are
// 256 * 256 * 5 * 5 * 128 * 128 = 26,843,545,600 of each.
TEST(ChannelsTest, OperationCounter) {
  EXPECT_EQ(2 * MultiplyAdds(Wide(128, 128)), 53'687'091'200);
}

// Doubling both channel counts; groups = b: 4 times the operations; 1/b of the
// parameters and operations.
TEST(ChannelsTest, DoublingChannelsAndGroups) {
  EXPECT_EQ(MultiplyAdds(Wide(256, 256)), 4 * MultiplyAdds(Wide(128, 128)));
  for (const int64_t groups : {2, 8, 128}) {
    EXPECT_EQ(groups * MultiplyAdds(Wide(128, 128, groups)),
              MultiplyAdds(Wide(128, 128)));
    EXPECT_EQ(groups * FilterShape(Wide(128, 128, groups))->elements(),
              FilterShape(Wide(128, 128))->elements());
  }
}

}  // namespace
}  // namespace lenslet
