#include "lenslet/ops/mul/mul.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/layout_adapter.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

//   1 2     10 20     10  40
//   3 4  *  30 40  =  90 160
TEST(MulTest, MultipliesElementByElement) {
  for (Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y, Mul(Tensor::Of({1, 2, 2}, {1, 2, 3, 4}),
                      Tensor::Of({1, 2, 2}, {10, 20, 30, 40}), backend));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2}, {10, 40, 90, 160})));
    // A scalar for each of two images.
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor z,
        Mul(Tensor::Of({2}, {1, 2}), Tensor::Of({2}, {3, 4}), backend));
    LENSLET_EXPECT_OK(AllClose(z, Tensor::Of({2}, {3, 8})));
  }
}

// Two images of two positions and two channels, with a number for each channel
// or for each position of each image.
//
//   channels: 1 2     5 6     positions: (1 2)     (5 6)
//             3 4     7 8                (3 4)     (7 8)
//           * 2 3   * 4 5              * 2, 3    * 4, 5
TEST(MulTest, RepeatsAnInputOfSizeOne) {
  const Tensor x = Tensor::Of({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  for (Backend backend : kBackends) {
    const Tensor channels = Tensor::Of({2, 1, 2}, {2, 3, 4, 5});
    const Tensor by_channel =
        Tensor::Of({2, 2, 2}, {2, 6, 6, 12, 20, 30, 28, 40});
    LENSLET_EXPECT_OK(AllClose(*Mul(x, channels, backend), by_channel));
    LENSLET_EXPECT_OK(AllClose(*Mul(channels, x, backend), by_channel));
    const Tensor positions = Tensor::Of({2, 2, 1}, {2, 3, 4, 5});
    const Tensor by_position =
        Tensor::Of({2, 2, 2}, {2, 4, 9, 12, 20, 24, 35, 40});
    LENSLET_EXPECT_OK(AllClose(*Mul(x, positions, backend), by_position));
    LENSLET_EXPECT_OK(AllClose(*Mul(positions, x, backend), by_position));
    // Both are repeated.
    LENSLET_EXPECT_OK(
        AllClose(*Mul(channels, positions, backend),
                 Tensor::Of({2, 2, 2}, {4, 6, 6, 9, 16, 20, 20, 25})));
  }
}

// dy is 1, 10, 100, 1000: the gradient of a repeated number collects what it
// meets.
TEST(MulTest, SumsTheGradientOfARepeatedInput) {
  const Tensor x = Tensor::Of({1, 2, 2}, {1, 2, 3, 4});
  const Tensor scale = Tensor::Of({1, 1, 2}, {5, 6});
  const Tensor dy = Tensor::Of({1, 2, 2}, {1, 10, 100, 1000});
  for (Backend backend : kTrainingBackends) {
    const Shape images[] = {{2, 2}, {1, 2}};
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const std::vector<Tensor> gradients,
        GradientsOnce(*MakeMulKernel(backend, images), {&x, &scale}, {}, dy));
    LENSLET_EXPECT_OK(
        AllClose(gradients[0], Tensor::Of({1, 2, 2}, {5, 60, 500, 6000})));
    LENSLET_EXPECT_OK(
        AllClose(gradients[1], Tensor::Of({1, 1, 2}, {301, 4020})));
  }
}

TEST(MulTest, HasLimits) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (Backend backend : kBackends) {
    LENSLET_EXPECT_OK(AllClose(*Mul(Tensor::Of({2}, {infinity, -infinity}),
                                    Tensor::Of({2}, {2, 3}), backend),
                               Tensor::Of({2}, {infinity, -infinity})));
  }
}

std::vector<KernelCase> Cases() {
  const std::vector<std::vector<Shape>> inputs = {
      {Shape(), Shape()},
      {{1}, {97}},
      {{16}, {16}},
      {{7, 5, 3}, {7, 5, 3}},
      {{7, 5, 19}, {1, 1, 19}},
      {{1, 1, 16}, {4, 6, 16}},
      {{7, 5, 3}, {7, 5, 1}},
      {{7, 5, 3}, {1, 1, 1}},
      {{7, 1, 3}, {1, 5, 1}},
      {{2, 3, 1, 4, 2}, {2, 1, 3, 1, 2}}};
  std::vector<KernelCase> cases;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::vector<Shape> images = inputs[i];
    const Shape output = *MulShape(images);
    int64_t repeats = 1;
    for (const Shape& image : images) {
      repeats = std::max(repeats, output.elements() / image.elements());
    }
    cases.push_back(
        {.name = absl::StrCat("case_", i, "_of_", output.elements()),
         .make = [images](Backend backend,
                          int64_t) { return MakeMulKernel(backend, images); },
         .inputs = images,
         .output = output,
         .images = 3,
         .terms = repeats});
  }
  return cases;
}

class MulCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, MulCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(MulCaseTest, AllAgreeWithReference) {
  for (Backend backend : kBackends) CheckAgainstReference(GetParam(), backend);
}

TEST_P(MulCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) CheckGradients(GetParam(), backend);
}

TEST(MulTest, WritesOnlyTheGradientsThatAreWanted) {
  const Shape images[] = {{2, 2}, {1, 2}};
  for (Backend backend : kTrainingBackends) {
    const std::unique_ptr<Kernel> kernel =
        AdaptLayout(Layout::kImages, *MakeMulKernel(backend, images),
                    {{2, 2}, {1, 2}}, {2, 2}, /*images=*/1);
    const Tensor x = Tensor::Of({1, 2, 2}, {1, 2, 3, 4});
    const Tensor scale = Tensor::Of({1, 1, 2}, {5, 6});
    const Tensor dy = Tensor::Of({1, 2, 2}, {1, 10, 100, 1000});
    Tensor y({1, 2, 2});
    Tensor dx({1, 1, 2});
    KernelBuffers buffers;
    buffers.inputs = {x.data(), scale.data()};
    buffers.output = y.data();
    buffers.output_gradient = dy.data();
    buffers.input_gradients = {nullptr, dx.data()};
    LENSLET_ASSERT_OK(kernel->Bind(std::move(buffers)));
    kernel->Forward(1);
    kernel->Backward(1, {});
    LENSLET_EXPECT_OK(AllClose(dx, Tensor::Of({1, 1, 2}, {301, 4020})));
  }
}

TEST(MulTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost cost, MulCost({{4, 7}, {1, 7}}));
  EXPECT_EQ(cost.multiply_adds, 0);
  EXPECT_EQ(cost.other_operations, 28);
  EXPECT_EQ(cost.bytes(), (28 + 7 + 28) * 4);
  const Shape largest = {int64_t{1} << 62};
  EXPECT_THAT(MulCost({largest, largest}),
              StatusIs(kInvalid, HasSubstr("floats; expected at most")));
}

TEST(MulTest, NamesTheInputThatDoesNotFit) {
  for (Backend backend : kBackends) {
    EXPECT_THAT(MakeMulKernel(backend, {Shape{1}}),
                StatusIs(kInvalid, "has 1 input; expected 2"));
    EXPECT_THAT(MakeMulKernel(backend, {Shape{1}, Shape{1}, Shape{1}}),
                StatusIs(kInvalid, "has 3 inputs; expected 2"));
    EXPECT_THAT(MakeMulKernel(backend, {{2, 3}, {3, 2}}),
                StatusIs(kInvalid, HasSubstr("input 1 has shape [3, 2]")));
    EXPECT_THAT(
        MakeMulKernel(backend, {{2, 0}, {2, 0}}),
        StatusIs(kInvalid,
                 "product of images of shape [2, 0], which have no elements"));
  }
}

TEST(MulTest, TheSimpleCallNamesTheWrongArgument) {
  EXPECT_THAT(
      Mul(Tensor({2}, ElementType::kUint8), Tensor({2})),
      StatusIs(kInvalid, HasSubstr("a is uint8 [2]; expected float32")));
  EXPECT_THAT(Mul(Tensor({2}), Tensor(Shape())),
              StatusIs(kInvalid, HasSubstr("b is float32 []; expected "
                                           "float32 [N, ...]")));
  EXPECT_THAT(
      Mul(Tensor({2, 3}), Tensor({1, 3})),
      StatusIs(kInvalid,
               "b has shape [1, 3]; expected the 2 images of a, [2, 3]"));
  EXPECT_THAT(Mul(Tensor({0, 3}), Tensor({0, 3})),
              StatusIs(kInvalid, HasSubstr("[0, 3] holds no images")));
}

}  // namespace
}  // namespace lenslet
