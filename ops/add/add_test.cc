#include "lenslet/ops/add/add.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/layout_adapter.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

//   1 2     10 20     11 22
//   3 4  +  30 40  =  33 44
TEST(AddTest, AddsElementByElement) {
  for (Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor y, Add(Tensor::Of({1, 2, 2}, {1, 2, 3, 4}),
                      Tensor::Of({1, 2, 2}, {10, 20, 30, 40}), backend));
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2}, {11, 22, 33, 44})));
    // A scalar for each of two images.
    LENSLET_ASSERT_OK_AND_ASSIGN(
        Tensor z,
        Add(Tensor::Of({2}, {1, 2}), Tensor::Of({2}, {3, 4}), backend));
    LENSLET_EXPECT_OK(AllClose(z, Tensor::Of({2}, {4, 6})));
  }
}

// 2^24 + 1 is no float, and what is rounded away once is gone.
TEST(AddTest, TheOrderIsThatOfTheInputs) {
  for (Backend backend : kBackends) {
    const auto sum = [backend](const std::vector<float>& terms) {
      std::vector<Tensor> x;
      std::vector<const Tensor*> inputs;
      for (float term : terms) x.push_back(Tensor::Of({1, 1}, {term}));
      for (const Tensor& tensor : x) inputs.push_back(&tensor);
      Tensor y({1, 1});
      const std::vector<Shape> images(terms.size(), Shape{1});
      EXPECT_THAT(RunOnce(*MakeAddKernel(backend, images), inputs, {}, y),
                  IsOk());
      return y.data()[0];
    };
    const bool in_double = backend == Backend::kReference;
    EXPECT_EQ(sum({0x1p24f, 1, -0x1p24f}), in_double ? 1 : 0);
    EXPECT_EQ(sum({0x1p24f, -0x1p24f, 1, 5}), 6);
  }
}

//   1 2     10 20     11 22
//   3 4  +         =  13 24
TEST(AddTest, RepeatsAnInputOfSizeOne) {
  const Shape images[] = {{2, 2}, {1, 2}};
  const Tensor x = Tensor::Of({1, 2, 2}, {1, 2, 3, 4});
  const Tensor channels = Tensor::Of({1, 1, 2}, {10, 20});
  for (Backend backend : kBackends) {
    Tensor y({1, 2, 2});
    EXPECT_THAT(
        RunOnce(*MakeAddKernel(backend, images), {&x, &channels}, {}, y),
        IsOk());
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2, 2}, {11, 22, 13, 24})));
  }
  for (Backend backend : kTrainingBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const std::vector<Tensor> gradients,
        GradientsOnce(*MakeAddKernel(backend, images), {&x, &channels}, {},
                      Tensor::Of({1, 2, 2}, {1, 10, 100, 1000})));
    LENSLET_EXPECT_OK(
        AllClose(gradients[0], Tensor::Of({1, 2, 2}, {1, 10, 100, 1000})));
    LENSLET_EXPECT_OK(
        AllClose(gradients[1], Tensor::Of({1, 1, 2}, {101, 1010})));
  }
}

TEST(AddTest, HasLimits) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (Backend backend : kBackends) {
    LENSLET_EXPECT_OK(AllClose(*Add(Tensor::Of({2}, {infinity, -infinity}),
                                    Tensor::Of({2}, {1, 1}), backend),
                               Tensor::Of({2}, {infinity, -infinity})));
  }
}

std::vector<KernelCase> Cases() {
  std::vector<KernelCase> cases;
  for (const Shape& image : {Shape(), Shape{7, 5, 3}, Shape{16}, Shape{97}}) {
    for (const int inputs : {2, 3, 5}) {
      const std::vector<Shape> images(inputs, image);
      cases.push_back(
          {.name = absl::StrCat(inputs, "_of_", image.elements()),
           .make = [images](Backend backend,
                            int64_t) { return MakeAddKernel(backend, images); },
           .inputs = images,
           .output = image,
           .images = 3,
           .terms = inputs});
    }
  }
  const std::vector<std::vector<Shape>> repeated = {
      {{7, 5, 19}, {1, 1, 19}},
      {{1, 5, 3}, {7, 1, 3}},
      {{7, 5, 3}, {1, 1, 1}},
      {{1, 5, 1}, {1, 1, 3}, {7, 5, 3}, {7, 5, 1}}};
  for (size_t i = 0; i < repeated.size(); ++i) {
    const std::vector<Shape> images = repeated[i];
    const Shape output = *AddShape(images);
    cases.push_back(
        {.name = absl::StrCat("repeated_", i),
         .make = [images](Backend backend,
                          int64_t) { return MakeAddKernel(backend, images); },
         .inputs = images,
         .output = output,
         .images = 3,
         .terms = output.elements()});
  }
  return cases;
}

// XNNPACK adds two.
bool HasKernelFor(const KernelCase& c, Backend backend) {
  return backend != Backend::kXnnpack || c.inputs.size() == 2 ||
         c.inputs[0] == c.output;
}

class AddCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, AddCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(AddCaseTest, AllAgreeWithReference) {
  for (Backend backend : kBackends) {
    CheckAgainstReference(GetParam(), backend,
                          HasKernelFor(GetParam(), backend));
  }
}

// By hand: -1 + 0.5 - 2 and 3 - 1 + 0.25, then rectified; more than a vector.
TEST(AddTest, MayRectify) {
  const Epilogue relu = {.activation = ActivationSpec{ActivationKind::kRelu}};
  for (const Backend backend : {Backend::kLanes, Backend::kDirect}) {
    Tensor a({1, 34}), b({1, 34}), c({1, 34}), y({1, 34}), expected({1, 34});
    for (int i = 0; i < 34; ++i) {
      const bool even = i % 2 == 0;
      a.data()[i] = even ? -1 : 3;
      b.data()[i] = even ? 0.5 : -1;
      c.data()[i] = even ? -2 : 0.25;
      expected.data()[i] = even ? 0 : 2.25;
    }
    EXPECT_THAT(RunOnce(*MakeAddKernel(backend, {{34}, {34}, {34}}, relu),
                        {&a, &b, &c}, {}, y),
                IsOk());
    LENSLET_EXPECT_OK(AllClose(y, expected));
  }
}

TEST_P(AddCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) {
    if (HasKernelFor(GetParam(), backend)) CheckGradients(GetParam(), backend);
  }
}

TEST(AddTest, WritesOnlyTheGradientsThatAreWanted) {
  for (Backend backend : kTrainingBackends) {
    const std::unique_ptr<Kernel> kernel =
        AdaptLayout(Layout::kImages, *MakeAddKernel(backend, {{2}, {2}, {2}}),
                    {{2}, {2}, {2}}, {2}, 1);
    const Tensor x = Tensor::Of({1, 2}, {1, 2});
    const Tensor dy = Tensor::Of({1, 2}, {3, 4});
    Tensor y({1, 2});
    Tensor dx = Tensor::Of({1, 2}, {100, 100});
    KernelBuffers buffers;
    buffers.inputs = {x.data(), x.data(), x.data()};
    buffers.output = y.data();
    buffers.output_gradient = dy.data();
    buffers.input_gradients = {nullptr, dx.data(), nullptr};
    LENSLET_ASSERT_OK(kernel->Bind(std::move(buffers)));
    kernel->Forward(1);
    kernel->Backward(1, {});
    LENSLET_EXPECT_OK(AllClose(y, Tensor::Of({1, 2}, {3, 6})));
    LENSLET_EXPECT_OK(AllClose(dx, dy));
  }
}

TEST(AddTest, Cost) {
  LENSLET_ASSERT_OK_AND_ASSIGN(Cost cost, AddCost({{7}, {7}, {7}}));
  EXPECT_EQ(cost.multiply_adds, 0);
  EXPECT_EQ(cost.other_operations, 2 * 7);
  EXPECT_EQ(cost.bytes(), 4 * 7 * 4);
  const Shape large = {int64_t{1} << 57};
  EXPECT_THAT(AddCost({large, large, large}),
              StatusIs(kInvalid, HasSubstr("floats; expected at most")));
  const Shape largest = {int64_t{1} << 62};
  EXPECT_THAT(AddCost({largest, largest}),
              StatusIs(kInvalid, HasSubstr("floats; expected at most")));
}

TEST(AddTest, NamesTheInputThatDoesNotFit) {
  for (Backend backend : kBackends) {
    EXPECT_THAT(MakeAddKernel(backend, {}),
                StatusIs(kInvalid, "has 0 inputs; expected at least 2"));
    EXPECT_THAT(MakeAddKernel(backend, {Shape{1}}),
                StatusIs(kInvalid, "has 1 input; expected at least 2"));
    EXPECT_THAT(
        MakeAddKernel(backend, {{2, 3}, {2, 3}, {3, 2}}),
        StatusIs(
            kInvalid,
            "input 2 has shape [3, 2]; expected [2, 3], the shape of input 0"));
    EXPECT_THAT(MakeAddKernel(backend, {{6}, {2, 3}}),
                StatusIs(kInvalid, HasSubstr("input 1 has shape [2, 3]")));
    EXPECT_THAT(MakeAddKernel(backend, {{2, 0}, {2, 0}}),
                StatusIs(kInvalid,
                         "sum of images of shape [2, 0], which have no "
                         "elements"));
  }
}

TEST(AddTest, TheSimpleCallNamesTheWrongArgument) {
  EXPECT_THAT(
      Add(Tensor({2}, ElementType::kUint8), Tensor({2})),
      StatusIs(kInvalid, HasSubstr("a is uint8 [2]; expected float32")));
  EXPECT_THAT(Add(Tensor({2}), Tensor(Shape())),
              StatusIs(kInvalid, HasSubstr("b is float32 []; expected "
                                           "float32 [N, ...]")));
  EXPECT_THAT(Add(Tensor({2, 3}), Tensor({1, 3})),
              StatusIs(kInvalid,
                       "b has shape [1, 3]; expected [2, 3], the shape of a"));
  EXPECT_THAT(Add(Tensor({0, 3}), Tensor({0, 3})),
              StatusIs(kInvalid, HasSubstr("[0, 3] holds no images")));
}

}  // namespace
}  // namespace lenslet
