// What depends on the shape of a convolution of one image, and not on the CPU.

#include <cstring>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/kernels.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

struct DirectConv {
  std::string name;
  ConvSpec conv;
  Shape image;
  bool exact_differs = false;  // Whether it uses Winograd's algorithm.

  friend void PrintTo(const DirectConv& c, std::ostream* os) { *os << c.name; }
};

std::vector<DirectConv> DirectConvs() {
  const auto conv = [](int64_t inputs, int64_t outputs, const Window& window) {
    return ConvSpec{
        .input_channels = inputs, .output_channels = outputs, .window = window};
  };
  const Window same3 = {.kernel = {3, 3}, .padding = {1, 1}};
  const Window same5 = {.kernel = {5, 5}, .padding = {2, 2}};
  return {
      {"Rows", conv(1, 19, same5), {11, 14, 1}, true},
      {"RowsOfChannels", conv(4, 35, same5), {15, 13, 4}, true},
      {"RowsOfALine", conv(18, 24, {.kernel = {5}}), {45, 18}, true},
      {"MapOfFour", conv(7, 69, same3), {2, 2, 7}},
      {"MapOfNine", conv(20, 56, same3), {3, 3, 20}},
  };
}

class DirectConvTest : public ::testing::TestWithParam<DirectConv> {
 protected:
  static Tensor Run(bool exact) {
    const DirectConv& c = GetParam();
    Tensor x(*c.image.WithOuter(2));
    Tensor filter(*FilterShape(c.conv));
    Tensor bias({c.conv.output_channels});
    Random random(/*seed=*/8);
    for (Tensor* tensor : {&x, &filter, &bias}) {
      FillUniform(-1, 1, random, tensor->span());
    }
    Tensor y(*OutputShape(c.conv, c.image)->WithOuter(2));
    EXPECT_THAT(RunOnce(*MakeConvKernel(Backend::kDirect, c.conv, c.image, 2,
                                        /*epilogue=*/{}, exact),
                        {&x}, {&filter, &bias}, y),
                IsOk());
    return y;
  }

  static bool Same(const Tensor& a, const Tensor& b) {
    return std::memcmp(a.data(), b.data(),
                       a.shape().elements() * sizeof(float)) == 0;
  }
};

INSTANTIATE_TEST_SUITE_P(Cases, DirectConvTest,
                         ::testing::ValuesIn(DirectConvs()),
                         [](const auto& info) { return info.param.name; });

TEST_P(DirectConvTest, HasTheSameBitsWithAnyVectorsAndMultiplyAdds) {
  std::vector<Tensor> results;
  ForEachInstructionSet([&](const std::string& name) {
    if (HasFusedMultiplyAdd(name)) results.push_back(Run(/*exact=*/false));
  });
  for (const Tensor& result : results) EXPECT_TRUE(Same(result, results[0]));
}

TEST_P(DirectConvTest, ExactForbidsWinograd) {
  EXPECT_EQ(Same(Run(/*exact=*/true), Run(/*exact=*/false)),
            !GetParam().exact_differs);
}

}  // namespace
}  // namespace lenslet
