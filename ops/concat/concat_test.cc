#include "lenslet/ops/concat/concat.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/layout_adapter.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Images of two pixels in a row, with one and two channels:
//
//   1 | 2   and   10 20 | 30 40   make   1 10 20 | 2 30 40
TEST(ConcatTest, PutsChannelsSideBySide) {
  const Tensor a = Tensor::Of({1, 1, 2, 1}, {1, 2});
  const Tensor b = Tensor::Of({1, 1, 2, 2}, {10, 20, 30, 40});
  for (Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Concat({&a, &b}, {}, backend));
    LENSLET_EXPECT_OK(
        AllClose(y, Tensor::Of({1, 1, 2, 3}, {1, 10, 20, 2, 30, 40})));
  }
}

//   1 2     5 6      1 2          1 2 5 6
//   3 4 ,   7 8  :   3 4   and    3 4 7 8
//                    5 6
//                    7 8
TEST(ConcatTest, TakesAnyAxisOfAnImage) {
  const Tensor a = Tensor::Of({1, 2, 2, 1}, {1, 2, 3, 4});
  const Tensor b = Tensor::Of({1, 2, 2, 1}, {5, 6, 7, 8});
  for (Backend backend : kBackends) {
    LENSLET_EXPECT_OK(
        AllClose(*Concat({&a, &b}, {.axis = 0}, backend),
                 Tensor::Of({1, 4, 2, 1}, {1, 2, 3, 4, 5, 6, 7, 8})));
    LENSLET_EXPECT_OK(
        AllClose(*Concat({&a, &b}, {.axis = 1}, backend),
                 Tensor::Of({1, 2, 4, 1}, {1, 2, 5, 6, 3, 4, 7, 8})));
    LENSLET_EXPECT_OK(
        AllClose(*Concat({&a, &b}, {.axis = 2}, backend),
                 Tensor::Of({1, 2, 2, 2}, {1, 5, 2, 6, 3, 7, 4, 8})));
  }
}

TEST(ConcatTest, KeepsImagesApart) {
  const Tensor a = Tensor::Of({2, 1}, {1, 2});
  const Tensor b = Tensor::Of({2, 2}, {3, 4, 5, 6});
  for (Backend backend : kBackends) {
    LENSLET_EXPECT_OK(AllClose(*Concat({&a, &b, &a}, {}, backend),
                               Tensor::Of({2, 4}, {1, 3, 4, 1, 2, 5, 6, 2})));
  }
}

KernelCase Case(const std::string& name, const ConcatSpec& spec,
                const std::vector<Shape>& images) {
  return {.name = name,
          .make =
              [spec, images](Backend backend, int64_t) {
                return MakeConcatKernel(backend, spec, images);
              },
          .inputs = images,
          .output = *OutputShape(spec, images),
          .images = 3};
}

std::vector<KernelCase> Cases() {
  return {
      Case("Numbers", {}, {{1}, {1}}),
      Case("Vectors", {}, {{17}, {3}, {32}}),
      Case("Channels", {}, {{5, 7, 3}, {5, 7, 16}, {5, 7, 1}}),
      Case("Columns", {.axis = 1}, {{5, 7, 3}, {5, 1, 3}}),
      Case("Rows", {.axis = 0}, {{5, 7, 3}, {2, 7, 3}, {1, 7, 3}, {5, 7, 3}}),
      Case("Frames", {.axis = 1}, {{2, 3, 5, 2, 3}, {2, 4, 5, 2, 3}}),
      Case("LastOfOneColumn", {.axis = 2}, {{4, 1, 2}, {4, 1, 2}}),
  };
}

class ConcatCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, ConcatCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ConcatCaseTest, AllAgreeWithReference) {
  for (Backend backend : kBackends) CheckAgainstReference(GetParam(), backend);
}

TEST_P(ConcatCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

TEST(ConcatTest, WritesOnlyTheGradientsThatAreWanted) {
  for (Backend backend : kTrainingBackends) {
    const std::vector<Shape> images = {{1}, {2}, {1}};
    const std::unique_ptr<Kernel> kernel =
        AdaptLayout(Layout::kImages, *MakeConcatKernel(backend, {}, images),
                    images, {4}, 1);
    const Tensor x = Tensor::Of({1, 2}, {1, 2});
    const Tensor dy = Tensor::Of({1, 4}, {3, 4, 5, 6});
    Tensor y({1, 4});
    Tensor dx = Tensor::Of({1, 2}, {100, 100});
    KernelBuffers buffers;
    buffers.inputs = {x.data(), x.data(), x.data()};
    buffers.output = y.data();
    buffers.output_gradient = dy.data();
    buffers.input_gradients = {nullptr, dx.data(), nullptr};
    LENSLET_ASSERT_OK(kernel->Bind(std::move(buffers)));
    kernel->Forward(1);
    kernel->Backward(1, {});
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 4}, {1, 1, 2, 1})));
    LENSLET_EXPECT_OK(AllClose(dx, Tensor::Of({1, 2}, {4, 5})));
  }
}

TEST(ConcatTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost cost,
                               ComputeCost(ConcatSpec(), {{2, 3}, {2, 4}}));
  EXPECT_EQ(cost.multiply_adds, 0);
  EXPECT_EQ(cost.other_operations, 0);
  EXPECT_EQ(cost.bytes(), 2 * 14 * 4);
}

TEST(ConcatTest, NamesTheInputThatDoesNotFit) {
  for (Backend backend : kBackends) {
    const auto make = [backend](const std::vector<Shape>& images,
                                std::optional<int64_t> axis = {}) {
      return MakeConcatKernel(backend, {.axis = axis}, images);
    };
    EXPECT_THAT(make({}),
                StatusIs(kInvalid, "has 0 inputs; expected at least 2"));
    EXPECT_THAT(make({Shape{1}}),
                StatusIs(kInvalid, "has 1 input; expected at least 2"));
    EXPECT_THAT(
        make({Shape(), Shape()}),
        StatusIs(kInvalid, "input 0 has shape []; expected at least one axis"));
    EXPECT_THAT(make({{2, 3}, {2, 3}}, -1),
                StatusIs(kInvalid,
                         "axis is -1; expected a number in [0, 1] for input 0 "
                         "of shape [2, 3]"));
    EXPECT_THAT(make({{2, 3}, {2, 3}}, 2),
                StatusIs(kInvalid,
                         "axis is 2; expected a number in [0, 1] for input 0 "
                         "of shape [2, 3]"));
    EXPECT_THAT(make({{2, 3}, {2, 3}, {3, 3}}),
                StatusIs(kInvalid,
                         "input 2 has shape [3, 3]; expected [2, 3], the shape "
                         "of input 0, except along axis 1"));
    EXPECT_THAT(make({{2, 3}, {3}}),
                StatusIs(kInvalid,
                         "input 1 has shape [3]; expected [2, 3], the shape of "
                         "input 0, except along axis 1"));
    EXPECT_THAT(
        make({{2, 3}, {2, 0}}),
        StatusIs(kInvalid, "input 1 has shape [2, 0], which has no elements"));
    const int64_t large = int64_t{1} << 62;
    EXPECT_THAT(make({{large}, {large}}),
                StatusIs(kInvalid, HasSubstr("along axis 0 add up to more")));
    EXPECT_THAT(make({{large / 2, 2}, {large / 2, 2}}),
                StatusIs(kInvalid, HasSubstr("more elements than 64 bits")));
  }
}

TEST(ConcatTest, TheSimpleCallNamesTheWrongArgument) {
  const Tensor a({2, 3});
  const Tensor bytes({2, 3}, ElementType::kUint8);
  const Tensor one({1, 3});
  const Tensor none({0, 3});
  EXPECT_THAT(Concat({}),
              StatusIs(kInvalid, "has 0 inputs; expected at least 2"));
  EXPECT_THAT(
      Concat({&a, &bytes}),
      StatusIs(kInvalid, HasSubstr("input 1 is uint8 [2, 3]; expected")));
  EXPECT_THAT(
      Concat({&a, &one}),
      StatusIs(kInvalid,
               "input 1 holds 1 images; expected 2, as many as input 0"));
  EXPECT_THAT(Concat({&none, &none}),
              StatusIs(kInvalid, HasSubstr("[0, 3] holds no images")));
}

}  // namespace
}  // namespace lenslet
