// The kernels of pooling against each other, and their gradients.

#include <xnnpack.h>

#include <ostream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/ops/pool/pool_case.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/testing/kernel_checks.h"

namespace lenslet {
namespace {

struct PoolCase {
  std::string name;
  PoolSpec spec;
  Shape image;
  int64_t images;

  friend void PrintTo(const PoolCase& c, std::ostream* os) { *os << c.name; }
};

void CheckPoolAgainstReference(const PoolCase& c, Backend backend,
                               bool expect_kernel = true) {
  CheckAgainstReference(PoolKernelCase(c.name, c.spec, c.image, c.images),
                        backend, expect_kernel);
}

// A bound on the third derivative of a softmax's output by one of its inputs x.
// With the others as they are, the output is
//   c + s((x - k) / t) * (x - c)
// for the logistic function s, the temperature t, some k and some c in
// [-kLargestPoolInput, kLargestPoolInput]. Its third derivative is
// 3 s" / t^2 + s"' (x - c) / t^3, where |s"| < 0.097 and |s"'| <= 1/8.
double ThirdDerivative(double temperature) {
  return 3 * 0.097 / (temperature * temperature) +
         2 * kLargestPoolInput / 8 / (temperature * temperature * temperature);
}

void CheckPoolGradients(const PoolCase& c, Backend backend) {
  KernelCase kernel_case = PoolKernelCase(c.name, c.spec, c.image, c.images);
  if (c.spec.kind == PoolKind::kSoftmax) {
    kernel_case.third_derivative = ThirdDerivative(c.spec.temperature);
    kernel_case.function_error =
        SoftmaxPoolError(c.spec.temperature, kLargestPoolInput);
  }
  CheckGradients(kernel_case, backend);
}

constexpr PoolKind kKinds[] = {PoolKind::kMax, PoolKind::kAverage,
                               PoolKind::kMin, PoolKind::kSoftmax};

std::string NameOf(PoolKind kind) {
  switch (kind) {
    case PoolKind::kMax:
      return "Max";
    case PoolKind::kAverage:
      return "Average";
    case PoolKind::kMin:
      return "Min";
    case PoolKind::kSoftmax:
      return "Softmax";
  }
  return "";
}

// Adds cases of one kind to a list.
class CaseList {
 public:
  CaseList(PoolKind kind, std::vector<PoolCase>& cases)
      : kind_(kind), cases_(cases) {}

  void Add(const std::string& name, PoolSpec spec, const Shape& image,
           int64_t images) {
    spec.kind = kind_;
    cases_.push_back({NameOf(kind_) + name, spec, image, images});
  }
  void Add(const std::string& name, const Window& window, const Shape& image,
           int64_t images) {
    Add(name, PoolSpec{.window = window, .count_padding = false}, image,
        images);
  }

 private:
  const PoolKind kind_;
  std::vector<PoolCase>& cases_;
};

// What XNNPACK has for maxima and averages.
void AddCommonCases(PoolKind kind, std::vector<PoolCase>& cases) {
  CaseList list(kind, cases);
  list.Add("OfTwoPixels", Window{.kernel = {1, 2}}, {1, 2, 1}, 1);
  list.Add("LeNetSecond", Window{.kernel = {2, 2}}, {10, 10, 16}, 2);
  list.Add("LeavesARest", Window{.kernel = {2, 3}}, {5, 7, 3}, 2);
  list.Add("Overlapping", Window{.kernel = {3, 3}, .stride = {1, 2}}, {6, 7, 5},
           2);
  list.Add("StrideAboveKernel", Window{.kernel = {1, 2}, .stride = {2, 3}},
           {5, 8, 17}, 1);
  list.Add(
      "Padded",
      Window{.kernel = {3, 3}, .stride = {2, 2}, .padding = {{1, 0}, {2, 1}}},
      {5, 6, 4}, 2);
  list.Add("Sliding",
           Window{.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1}},
           {6, 7, 21}, 2);
  list.Add(
      "SlidingFarAlongARow",
      Window{.kernel = {1, 5}, .stride = {1, 1}, .padding = {{0, 4}, {0, 3}}},
      {2, 9, 3}, 2);
  list.Add("WholeImage", Window{.kernel = {5, 3}}, {5, 3, 33}, 3);
  list.Add("OneDimension", Window{.kernel = {3}, .stride = {2}}, {9, 4}, 2);
  const auto add_rounded_up = [&](const std::string& name, const Window& window,
                                  const Shape& image, int64_t images) {
    list.Add(name,
             PoolSpec{.window = window,
                      .count_padding = false,
                      .rounding = Rounding::kCeil},
             image, images);
  };
  add_rounded_up("RoundedUp", {.kernel = {2, 3}}, {5, 7, 3}, 2);
  add_rounded_up(
      "RoundedUpAndPadded",
      {.kernel = {3, 3}, .stride = {2, 2}, .padding = {{1, 0}, {0, 1}}},
      {6, 7, 18}, 2);
  // One window, larger than the image.
  add_rounded_up("RoundedUpAboveTheImage", {.kernel = {3, 2}}, {1, 3, 2}, 1);
  // Of the last window, only the first two taps are there.
  add_rounded_up("RoundedUpByTwoTaps", {.kernel = {1, 4}, .stride = {1, 3}},
                 {2, 5, 5}, 1);
  list.Add("OutputDividesTheInput", PoolSpec{.output = {2, 3}}, {8, 6, 5}, 2);
  list.Add("Global", PoolSpec{.output = {1, 1}}, {5, 6, 19}, 2);
  list.Add("GlobalOfOneDimension", PoolSpec{.output = {1}}, {11, 3}, 1);
}

// What XNNPACK lacks for all kinds.
void AddUncommonCases(PoolKind kind, std::vector<PoolCase>& cases) {
  CaseList list(kind, cases);
  list.Add("DilatedAndPadded",
           Window{.kernel = {2, 2},
                  .stride = {1, 1},
                  .dilation = {2, 2},
                  .padding = {1, 1}},
           {5, 4, 2}, 2);
  // Of the last windows, there is no second tap.
  list.Add(
      "DilatedAndRoundedUp",
      PoolSpec{
          .window = {.kernel = {3, 2}, .stride = {2, 2}, .dilation = {1, 3}},
          .rounding = Rounding::kCeil},
      {6, 7, 3}, 1);
  list.Add("Adaptive", PoolSpec{.output = {3, 4}}, {5, 9, 6}, 2);
  list.Add("AdaptiveOnOneAxis", PoolSpec{.output = {3, 2}}, {7, 4, 17}, 1);
  list.Add("AdaptiveToMoreThanTheInput", PoolSpec{.output = {7, 3}}, {3, 2, 4},
           2);
  list.Add("AdaptiveOfOneDimension", PoolSpec{.output = {4}}, {10, 3}, 2);
  list.Add("AdaptiveClip", PoolSpec{.output = {2, 1, 2}}, {3, 4, 5, 2}, 1);
  list.Add("Clip", Window{.kernel = {2, 2, 2}}, {4, 4, 2, 2}, 1);
  list.Add("ClipRoundedUp",
           PoolSpec{.window = {.kernel = {2, 2, 3},
                               .stride = {2, 1, 2},
                               .padding = {1, 0, 1}},
                    .rounding = Rounding::kCeil},
           {4, 3, 4, 2}, 1);
}

// What all backends have.
std::vector<PoolCase> XnnpackCases() {
  std::vector<PoolCase> cases;
  AddCommonCases(PoolKind::kMax, cases);
  AddCommonCases(PoolKind::kAverage, cases);
  CaseList max(PoolKind::kMax, cases);
  max.Add("LeNetFirst", Window{.kernel = {2, 2}}, {28, 28, 6}, 2);
  max.Add("Dilated",
          Window{.kernel = {2, 3}, .stride = {1, 1}, .dilation = {3, 2}},
          {8, 7, 3}, 2);
  CaseList average(PoolKind::kAverage, cases);
  average.Add("LeNetFirst", Window{.kernel = {2, 2}}, {28, 28, 6}, 2);
  average.Add("CountsPaddingWhereThereIsNone",
              PoolSpec{.window = {.kernel = {2, 2}}}, {4, 4, 2}, 1);
  average.Add(
      "CountsPaddingWhereThereIsNoneRoundedUp",
      PoolSpec{.window = {.kernel = {2, 2}}, .rounding = Rounding::kCeil},
      {5, 3, 2}, 1);
  average.Add("OfAClip", PoolSpec{.output = {1, 1, 1}}, {3, 4, 5, 7}, 2);
  average.Add("OfOnePixel", Window{.kernel = {1, 1}}, {1, 1, 1}, 1);
  return cases;
}

// What XNNPACK lacks.
std::vector<PoolCase> OtherCases() {
  std::vector<PoolCase> cases;
  AddCommonCases(PoolKind::kMin, cases);
  AddCommonCases(PoolKind::kSoftmax, cases);
  for (const PoolKind kind : kKinds) AddUncommonCases(kind, cases);
  CaseList(PoolKind::kMax, cases)
      .Add("OfOnePixel", Window{.kernel = {1, 1}}, {1, 1, 1}, 1);
  CaseList average(PoolKind::kAverage, cases);
  average.Add("OfSinglePixels", Window{.kernel = {1, 1}}, {2, 1, 1}, 1);
  PoolSpec counts = {
      .window = {.kernel = {3, 2}, .stride = {2, 1}, .padding = {1, 1}}};
  average.Add("CountsPadding", counts, {5, 4, 3}, 2);
  // The last windows reach beyond the padding.
  counts.window.stride = {2, 2};
  counts.rounding = Rounding::kCeil;
  average.Add("CountsPaddingRoundedUp", counts, {4, 5, 3}, 2);
  average.Add("Dilated", Window{.kernel = {2, 2}, .dilation = {2, 1}},
              {6, 5, 2}, 1);
  CaseList softmax(PoolKind::kSoftmax, cases);
  PoolSpec weighs = {.window = {.kernel = {2, 3}, .stride = {1, 2}}};
  weighs.temperature = 0.5;
  softmax.Add("OfALowTemperature", weighs, {5, 7, 3}, 2);
  weighs.temperature = 2;
  softmax.Add("OfAHighTemperature", weighs, {5, 7, 3}, 2);
  return cases;
}

class PoolCaseTest : public ::testing::TestWithParam<PoolCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, PoolCaseTest,
                         ::testing::ValuesIn(XnnpackCases()),
                         [](const auto& info) { return info.param.name; });

// XNNPACK of 2024 has no maximum pooling between gaps.
bool XnnpackLacks([[maybe_unused]] const PoolCase& pool) {
#ifdef XNN_FLAG_KEEP_DIMS
  return pool.name == "MaxStrideAboveKernel";
#else
  return false;
#endif
}

TEST_P(PoolCaseTest, XnnpackAgreesWithReference) {
  if (XnnpackLacks(GetParam())) GTEST_SKIP() << "XNNPACK lacks it";
  CheckPoolAgainstReference(GetParam(), Backend::kXnnpack);
}

TEST_P(PoolCaseTest, LanesAgreeWithReference) {
  CheckPoolAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(PoolCaseTest, DirectAgreesWithReference) {
  CheckPoolAgainstReference(GetParam(), Backend::kDirect);
}

TEST_P(PoolCaseTest, Gradients) {
  for (Backend backend : kTrainingBackends) {
    if (backend == Backend::kXnnpack && XnnpackLacks(GetParam())) continue;
    CheckPoolGradients(GetParam(), backend);
  }
}

class PoolPastXnnpackCaseTest : public ::testing::TestWithParam<PoolCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, PoolPastXnnpackCaseTest,
                         ::testing::ValuesIn(OtherCases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(PoolPastXnnpackCaseTest, LanesAgreeWithReference) {
  CheckPoolAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(PoolPastXnnpackCaseTest, DirectAgreesWithReference) {
  CheckPoolAgainstReference(GetParam(), Backend::kDirect);
}

TEST_P(PoolPastXnnpackCaseTest, Gradients) {
  CheckPoolGradients(GetParam(), Backend::kReference);
  CheckPoolGradients(GetParam(), Backend::kLanes);
}

TEST_P(PoolPastXnnpackCaseTest, XnnpackSaysThatItHasNone) {
  CheckPoolAgainstReference(GetParam(), Backend::kXnnpack,
                            /*expect_kernel=*/false);
}

}  // namespace
}  // namespace lenslet
