#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/activation/activation.h"
#include "lenslet/ops/conv/conv.h"
#include "lenslet/ops/conv/conv_case.h"
#include "lenslet/ops/conv/conv_direct_winograd.h"
#include "lenslet/ops/conv/conv_lanes_winograd.h"
#include "lenslet/ops/conv/conv_lanes_winograd_filter_gradient.h"
#include "lenslet/ops/conv/conv_lanes_winograd_input_gradient.h"
#include "lenslet/ops/conv/testing/small_convs.h"
#include "lenslet/ops/pool/pool.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/instruction_sets.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Whole kernels: shapes for which the algorithm is chosen.
std::vector<KernelCase> WinogradKernelCases() {
  return {
      ConvCase("Padding", Spec(16, 16, {.kernel = {3, 3}, .padding = {1, 1}}),
               {8, 8, 16}, 2),
      ConvCase("OddChannels",
               Spec(17, 19, {.kernel = {3, 3}, .padding = {1, 1}}), {9, 8, 17},
               1),
      ConvCase("AlmostWholeVectors",
               Spec(31, 17, {.kernel = {3, 3}, .padding = {1, 1}}), {8, 8, 31},
               1),
      ConvCase("NoPaddingNoBias", Spec(20, 24, {.kernel = {3, 3}}, false),
               {8, 8, 20}, 1),
      ConvCase("PaddingTwo",
               Spec(24, 24, {.kernel = {3, 3}, .padding = {2, 2}}), {6, 6, 24},
               1),
      ConvCase("PaddingDiffersBySide",
               Spec(24, 28, {.kernel = {3, 3}, .padding = {{0, 1}, {2, 1}}}),
               {7, 9, 24}, 1),
      // Several bands of the filter's gradient.
      ConvCase("Wide", Spec(16, 24, {.kernel = {3, 3}, .padding = {1, 1}}),
               {21, 35, 16}, 1),
      ConvCase("FiveTaps", Spec(24, 33, {.kernel = {5, 5}, .padding = {2, 2}}),
               {8, 8, 24}, 1),
      ConvCase("FiveTapsNoPadding", Spec(32, 26, {.kernel = {5, 5}}, false),
               {8, 9, 32}, 1),
  };
}

class WinogradKernelTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, WinogradKernelTest,
                         ::testing::ValuesIn(WinogradKernelCases()),
                         [](const auto& info) { return info.param.name; });

TEST(WinogradKernelCasesTest, MostUseItForTheFilterGradient) {
  int64_t cases = 0;
  for (const KernelCase& c : WinogradKernelCases()) {
    cases += c.parameter_rounding_error > 0;
  }
  EXPECT_GE(cases, 4);
}

TEST_P(WinogradKernelTest, AgreesWithReference) {
  ASSERT_GT(GetParam().rounding_error, 0) << "the algorithm was not chosen";
  CheckAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(WinogradKernelTest, DirectAgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kDirect);
}

TEST_P(WinogradKernelTest, Gradients) {
  CheckGradients(GetParam(), Backend::kLanes);
}

// Shapes for which only the direct backend chooses it, and awkward ones.
std::vector<KernelCase> DirectWinogradKernelCases() {
  return {
      ConvCase("OneTile", Spec(32, 32, {.kernel = {3, 3}, .padding = {1, 1}}),
               {4, 4, 32}, 2),
      ConvCase("WiderThanTilesAtOnce",
               Spec(16, 16, {.kernel = {3, 3}, .padding = {1, 1}}), {5, 70, 16},
               1),
      ConvCase("PiecesOfRowsAndColumns",
               Spec(17, 20, {.kernel = {3, 3}, .padding = {1, 1}}),
               {26, 27, 17}, 2),
      ConvCase("PaddingBeforeOnly",
               Spec(24, 36, {.kernel = {3, 3}, .padding = {{1, 1}, {0, 0}}}),
               {7, 7, 24}, 3),
      ConvCase("PaddingTwoNoBias",
               Spec(18, 33, {.kernel = {3, 3}, .padding = {2, 2}}, false),
               {10, 9, 18}, 1),
      ConvCase("FiveTapsWide",
               Spec(19, 21, {.kernel = {5, 5}, .padding = {2, 2}}), {7, 37, 19},
               1),
      ConvCase("FiveTapsOneOfTheLastTileIsLeft",
               Spec(32, 32, {.kernel = {5, 5}, .padding = {2, 2}}), {5, 7, 32},
               2),
      // Sums of products of several rows at a time.
      ConvCase("ShortRows", Spec(64, 56, {.kernel = {3, 3}, .padding = {1, 1}}),
               {3, 3, 64}, 2),
      ConvCase("ShortRowsStrides",
               Spec(19, 33,
                    {.kernel = {3, 2},
                     .stride = {2, 1},
                     .dilation = {1, 2},
                     .padding = {1, 1}}),
               {5, 4, 19}, 2),
  };
}

class DirectWinogradKernelTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, DirectWinogradKernelTest,
                         ::testing::ValuesIn(DirectWinogradKernelCases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(DirectWinogradKernelTest, AgreesWithReference) {
  CheckAgainstReference(GetParam(), Backend::kDirect);
}

bool IsChosen(const ConvSpec& spec, const Shape& image) {
  const ConvGeometry g = *Resolve(spec, image);
  return WinogradSupports(g) && WinogradIsFaster(ForwardWinograd(g));
}

TEST(WinogradChoiceTest, DependsOnTheShape) {
  const Window same = {.kernel = {3, 3}, .padding = {1, 1}};
  EXPECT_TRUE(IsChosen(Spec(64, 64, same), {8, 8, 64}));
  EXPECT_TRUE(IsChosen(Spec(32, 32, same), {7, 7, 32}));
  EXPECT_TRUE(IsChosen(Spec(16, 16, same), {32, 32, 16}));
  EXPECT_TRUE(IsChosen(Spec(16, 16, same), {14, 14, 16}));
  // Transforms would cost more than they save.
  EXPECT_FALSE(IsChosen(Spec(1, 16, same), {28, 28, 1}));
  EXPECT_FALSE(IsChosen(Spec(8, 8, same), {28, 28, 8}));
  EXPECT_FALSE(IsChosen(Spec(64, 64, same), {2, 2, 64}));
  const Window five = {.kernel = {5, 5}};
  EXPECT_TRUE(IsChosen(Spec(48, 128, five), {14, 14, 48}));
  EXPECT_FALSE(IsChosen(Spec(6, 16, five), {14, 14, 6}));
}

TEST(WinogradChoiceTest, OfTheDirectBackendDependsOnTheShape) {
  const auto is_chosen = [](const ConvSpec& spec, const Shape& image) {
    return DirectWinogradIsFaster(*Resolve(spec, image));
  };
  const Window same = {.kernel = {3, 3}, .padding = {1, 1}};
  EXPECT_TRUE(is_chosen(Spec(64, 64, same), {8, 8, 64}));
  EXPECT_TRUE(is_chosen(Spec(64, 64, same), {4, 4, 64}));
  EXPECT_TRUE(is_chosen(Spec(16, 16, same), {14, 14, 16}));
  EXPECT_TRUE(is_chosen(Spec(16, 32, same), {14, 14, 16}));
  EXPECT_TRUE(is_chosen(Spec(32, 64, same), {6, 6, 32}));
  // Transforms would cost more than they save.
  EXPECT_FALSE(is_chosen(Spec(1, 16, same), {28, 28, 1}));
  EXPECT_FALSE(is_chosen(Spec(3, 16, same), {32, 32, 3}));
  // So would reading the filter.
  EXPECT_FALSE(is_chosen(Spec(64, 64, same), {2, 2, 64}));
  EXPECT_FALSE(is_chosen(Spec(256, 256, same), {4, 4, 256}));
  ConvSpec grouped = Spec(64, 64, same);
  grouped.groups = 2;
  EXPECT_FALSE(is_chosen(grouped, {8, 8, 64}));
}

TEST(WinogradChoiceTest, OfTheFilterGradientDependsOnTheShape) {
  const auto is_chosen = [](const ConvSpec& spec, const Shape& image) {
    return WinogradFilterGradientIsFaster(
        ForwardWinograd(*Resolve(spec, image)));
  };
  const Window same = {.kernel = {3, 3}, .padding = {1, 1}};
  EXPECT_TRUE(is_chosen(Spec(64, 64, same), {8, 8, 64}));
  EXPECT_TRUE(is_chosen(Spec(16, 16, same), {14, 14, 16}));
  EXPECT_TRUE(is_chosen(Spec(16, 32, same), {14, 14, 16}));
  EXPECT_TRUE(is_chosen(Spec(32, 64, same), {6, 6, 32}));
  EXPECT_TRUE(is_chosen(Spec(24, 64, {.kernel = {5, 5}}), {14, 14, 24}));
  // Transforms would cost more than they save.
  EXPECT_FALSE(is_chosen(Spec(1, 16, same), {28, 28, 1}));
  EXPECT_FALSE(is_chosen(Spec(8, 8, same), {28, 28, 8}));
  EXPECT_FALSE(is_chosen(Spec(64, 64, same), {2, 2, 64}));
  // LeNet's.
  EXPECT_FALSE(is_chosen(Spec(6, 16, {.kernel = {5, 5}}), {14, 14, 6}));
}

TEST(WinogradChoiceTest, OfTheTilesOfTheInputGradientDependsOnTheShape) {
  const auto is_chosen = [](const ConvSpec& spec, const Shape& image) {
    return WinogradInputGradientIsFaster(*Resolve(spec, image));
  };
  EXPECT_TRUE(is_chosen(Spec(48, 128, {.kernel = {5, 5}}), {14, 14, 48}));
  EXPECT_TRUE(is_chosen(Spec(32, 32, {.kernel = {3, 3}}), {14, 14, 32}));
  // As many tiles on either side, or fewer on the input's.
  EXPECT_FALSE(is_chosen(Spec(64, 64, {.kernel = {3, 3}, .padding = {1, 1}}),
                         {8, 8, 64}));
  EXPECT_FALSE(is_chosen(Spec(64, 64, {.kernel = {3, 3}, .padding = {2, 2}}),
                         {8, 8, 64}));
  // LeNet's: transforms would cost more than they save.
  EXPECT_FALSE(is_chosen(Spec(6, 16, {.kernel = {5, 5}}), {14, 14, 6}));
}

TEST(WinogradChoiceTest, SupportsOnlyPlainSquares) {
  const auto supports = [](const Window& window, const Shape& image) {
    return WinogradSupports(*Resolve(Spec(4, 4, window), image));
  };
  EXPECT_TRUE(supports({.kernel = {3, 3}}, {9, 9, 4}));
  EXPECT_TRUE(supports({.kernel = {5, 5}}, {9, 9, 4}));
  EXPECT_FALSE(supports({.kernel = {4, 4}}, {9, 9, 4}));
  EXPECT_FALSE(supports({.kernel = {3, 5}}, {9, 9, 4}));
  EXPECT_FALSE(supports({.kernel = {3, 1}}, {9, 9, 4}));
  EXPECT_FALSE(supports({.kernel = {3, 3}, .stride = {1, 2}}, {9, 9, 4}));
  EXPECT_FALSE(supports({.kernel = {3, 3}, .dilation = {2, 1}}, {9, 9, 4}));
  EXPECT_FALSE(supports({.kernel = {3}}, {9, 4}));
  EXPECT_FALSE(supports({.kernel = {1, 3, 3}}, {2, 9, 9, 4}));
}

// What a kernel computes for a case of 32 channels.
Tensor RunKernel(const Epilogue& epilogue, bool exact, const Shape& output,
                 Backend backend = Backend::kLanes) {
  const ConvSpec spec = Spec(32, 32, {.kernel = {3, 3}, .padding = {1, 1}});
  Tensor x({3, 12, 12, 32});
  Tensor filter({32, 3, 3, 32});
  Tensor bias({32});
  Random random(/*seed=*/6);
  for (Tensor* tensor : {&x, &filter, &bias}) {
    FillUniform(-1, 1, random, tensor->span());
  }
  Tensor y(*output.WithOuter(3));
  EXPECT_THAT(
      RunOnce(*MakeConvKernel(backend, spec, {12, 12, 32}, 3, epilogue, exact),
              {&x}, {&filter, &bias}, y),
      IsOk());
  return y;
}

// To the last bit, as executors choose one or the other.
TEST(WinogradKernelEpilogueTest, ComputesWhatTheKernelsOfTheLayersWould) {
  const Shape image = {12, 12, 32};
  const Tensor sums = RunKernel({}, /*exact=*/false, image);
  for (const ActivationKind kind :
       {ActivationKind::kRelu, ActivationKind::kSigmoid}) {
    const ActivationSpec activation = {.kind = kind};
    Tensor activated(sums.shape());
    EXPECT_THAT(
        RunOnce(*MakeActivationKernel(Backend::kLanes, activation, image, 3),
                {&sums}, {}, activated),
        IsOk());
    LENSLET_EXPECT_OK(
        AllClose(RunKernel({.activation = activation}, /*exact=*/false, image),
                 activated, {}));
    for (const int64_t window : {2, 3}) {
      const PoolSpec pool = {
          .kind = PoolKind::kMax,
          .window = {.kernel = {window, window}, .stride = {window, window}}};
      const Shape output = {12 / window, 12 / window, 32};
      Tensor pooled(*output.WithOuter(3));
      EXPECT_THAT(RunOnce(*MakePoolKernel(Backend::kLanes, pool, image, 3),
                          {&activated}, {}, pooled),
                  IsOk());
      LENSLET_EXPECT_OK(
          AllClose(RunKernel({.activation = activation, .pool = pool},
                             /*exact=*/false, output),
                   pooled, {}));
    }
  }
}

TEST(WinogradChoiceTest, ExactForbidsIt) {
  const Shape image = {12, 12, 32};
  for (const Backend backend : {Backend::kLanes, Backend::kDirect}) {
    const Tensor exact = RunKernel({}, /*exact=*/true, image, backend);
    const Tensor fast = RunKernel({}, /*exact=*/false, image, backend);
    EXPECT_NE(std::memcmp(exact.data(), fast.data(),
                          exact.shape().elements() * sizeof(float)),
              0);
    LENSLET_EXPECT_OK(AllClose(
        exact, fast, {.absolute = 2 * WinogradError(3, 32), .relative = 0}));
  }
}

// To the last bit, as executors choose one or the other.
TEST(WinogradKernelEpilogueTest, DirectComputesWhatTheLayersKernelsWould) {
  const Shape image = {12, 12, 32};
  const Tensor sums = RunKernel({}, /*exact=*/false, image, Backend::kDirect);
  for (const ActivationKind kind :
       {ActivationKind::kRelu, ActivationKind::kSigmoid}) {
    const ActivationSpec activation = {.kind = kind};
    Tensor activated(sums.shape());
    EXPECT_THAT(
        RunOnce(*MakeActivationKernel(Backend::kDirect, activation, image, 3),
                {&sums}, {}, activated),
        IsOk());
    LENSLET_EXPECT_OK(
        AllClose(RunKernel({.activation = activation},
                           /*exact=*/false, image, Backend::kDirect),
                 activated, {}));
  }
}

TEST(DirectWinogradTest, HasTheSameBitsWithAnyVectorsAndMultiplyAdds) {
  const Shape image = {12, 12, 32};
  std::vector<Tensor> results;
  ForEachInstructionSet([&](const std::string& name) {
    // Others, for very old CPUs, round the products of multiply-adds.
    if (!absl::StartsWith(name, "AVX") && name != "NEON") return;
    results.push_back(RunKernel({}, /*exact=*/false, image, Backend::kDirect));
  });
  for (const Tensor& result : results) {
    EXPECT_EQ(std::memcmp(result.data(), results[0].data(),
                          result.shape().elements() * sizeof(float)),
              0);
  }
}

}  // namespace
}  // namespace lenslet
