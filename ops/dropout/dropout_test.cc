#include "lenslet/ops/dropout/dropout.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/ops/dropout/dropout_hash.h"
#include "lenslet/ops/run_once.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tensor/all_close.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

constexpr Backend kDropoutBackends[] = {Backend::kReference, Backend::kLanes};

// The mixer of that paper, as it prints it.
TEST(DropoutTest, MixesAsItsSourceDoes) {
  const auto lowbias32 = [](uint32_t x) {
    x ^= x >> 16;
    x *= 0x7feb352dU;
    x ^= x >> 15;
    x *= 0x846ca68bU;
    x ^= x >> 16;
    return x;
  };
  for (const uint32_t x : {0u, 1u, 2u, 0x12345678u, 0xffffffffu}) {
    EXPECT_EQ(DropoutMix(x), lowbias32(x));
  }
}

// By hand: with a rate of 3/4 what is kept is 4 times as large, and with the
// hash's numbers it is known which elements these are.
TEST(DropoutTest, ScalesWhatItKeeps) {
  const Tensor x = Tensor::Of({2, 3}, {1, 2, 3, -4, 5, 6});
  std::vector<float> expected;
  for (int64_t n = 0; n < 2; ++n) {
    for (int64_t i = 0; i < 3; ++i) {
      const bool kept =
          DropoutKeeps(DropoutKey(9, n), DropoutThreshold(0.75), i);
      expected.push_back(kept ? 4 * x.data()[n * 3 + i] : 0);
    }
  }
  for (const Backend backend : kDropoutBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Dropout(x, 0.75, 9, backend));
    EXPECT_THAT(y.span(), ElementsAreArray(expected));
  }
}

TEST(DropoutTest, ARateOfZeroKeepsAllAndOneOfAlmostOneNothing) {
  const Tensor x = Ones({20, 50});
  for (const Backend backend : kDropoutBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Dropout(x, 0, 1, backend));
    EXPECT_THAT(y.span(), Each(1.0f));
    // One number in 2^31 is kept: one of these 1000 in 2,000,000 seeds.
    LENSLET_ASSERT_OK_AND_ASSIGN(y, Dropout(x, 1 - 1e-15, 1, backend));
    EXPECT_THAT(y.span(), Each(0.0f));
  }
}

TEST(DropoutTest, InferenceChangesNothing) {
  const Tensor x = Tensor::Of({2, 2}, {1, 2, 3, 4});
  for (const Backend backend : kDropoutBackends) {
    Tensor y({2, 2});
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto kernel, MakeDropoutKernel(backend, {.rate = 0.5}, {2}, 2));
    LENSLET_ASSERT_OK(RunOnce(std::move(kernel), {&x}, {}, y));
    EXPECT_THAT(y.span(), ElementsAreArray(x.span()));
  }
}

// Which of 40 images' 2500 numbers are kept, as 1 and 0.
std::vector<int> Kept(double rate, uint64_t seed) {
  const Tensor y = *Dropout(Ones({40, 2500}), rate, seed);
  std::vector<int> kept;
  for (const float value : y.span()) kept.push_back(value != 0);
  return kept;
}

// Of n draws, a part p +- sqrt(p (1 - p) / n): five of these deviations.
double Bound(double p, double n) { return 5 * std::sqrt(p * (1 - p) / n); }

TEST(DropoutTest, KeepsTheRightPart) {
  for (const double rate : {0.01, 0.2, 0.5, 0.9}) {
    for (const uint64_t seed : {0, 1, 2}) {
      const std::vector<int> kept = Kept(rate, seed);
      double count = 0;
      for (const int k : kept) count += k;
      EXPECT_NEAR(count / kept.size(), 1 - rate, Bound(rate, kept.size()))
          << "rate " << rate << ", seed " << seed;
    }
  }
}

// Of two independent decisions with probabilities 0.5, half are equal.
TEST(DropoutTest, ImagesElementsAndSeedsAreUnrelated) {
  const std::vector<int> kept = Kept(0.5, 3);
  const auto expect_unrelated = [](const std::vector<int>& a, int64_t a_start,
                                   const std::vector<int>& b, int64_t b_start,
                                   int64_t count, const std::string& what) {
    double equal = 0;
    for (int64_t i = 0; i < count; ++i) {
      equal += a[a_start + i] == b[b_start + i];
    }
    EXPECT_NEAR(equal / count, 0.5, Bound(0.5, count)) << what;
  };
  constexpr int64_t kElements = 2500;
  for (int64_t image = 1; image < 40; ++image) {
    expect_unrelated(kept, 0, kept, image * kElements, kElements,
                     absl::StrCat("images 0 and ", image));
  }
  // Elements at some distance: neighbors, channels, rows, lanes.
  for (const int64_t distance : {1, 2, 3, 6, 16, 28, 64, 168, 256, 1024}) {
    expect_unrelated(kept, 0, kept, distance, kElements - distance,
                     absl::StrCat("elements ", distance, " apart"));
    // The next image, moved by as much.
    expect_unrelated(kept, 0, kept, kElements + distance, kElements - distance,
                     absl::StrCat("images moved by ", distance));
  }
  const int64_t all = static_cast<int64_t>(kept.size());
  for (const uint64_t seed : {4, 5, 1 << 16}) {
    expect_unrelated(kept, 0, Kept(0.5, seed), 0, all,
                     absl::StrCat("seeds 3 and ", seed));
  }
  EXPECT_EQ(kept, Kept(0.5, 3));
}

KernelCase Case(const std::string& name, double rate, const Shape& image,
                int64_t images) {
  return {.name = name,
          .make =
              [rate, image](Backend backend, int64_t images) {
                return MakeDropoutKernel(backend, {.rate = rate}, image,
                                         images);
              },
          .inputs = {image},
          .output = image,
          .images = images};
}

std::vector<KernelCase> Cases() {
  return {
      Case("OneNumberEach", 0.25, {1}, 5),
      Case("NothingIsDropped", 0, {7}, 2),
      Case("OddSizes", 0.5, {5, 3, 7}, 3),
      Case("BlockThatIsNotFull", 0.2, {4, 4, 6}, 19),
  };
}

class DropoutCaseTest : public ::testing::TestWithParam<KernelCase> {};

INSTANTIATE_TEST_SUITE_P(Cases, DropoutCaseTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_P(DropoutCaseTest, LanesAgreeWithReference) {
  CheckAgainstReference(GetParam(), Backend::kLanes);
}

TEST_P(DropoutCaseTest, OtherBackendsHaveNoKernel) {
  CheckAgainstReference(GetParam(), Backend::kXnnpack, /*expect_kernel=*/false);
  CheckAgainstReference(GetParam(), Backend::kDirect, /*expect_kernel=*/false);
}

TEST_P(DropoutCaseTest, Gradients) {
  for (const Backend backend : kDropoutBackends) {
    CheckGradients(GetParam(), backend);
  }
}

// Backward is that of the last Forward(), whatever the next one is to be.
TEST(DropoutTest, ANewSeedIsForTheNextForward) {
  for (const Backend backend : kDropoutBackends) {
    const int64_t room = 16;
    const Tensor x = Ones({room, 100});
    Tensor y({room, 100});
    Tensor dx({room, 100});
    LENSLET_ASSERT_OK_AND_ASSIGN(
        auto kernel, MakeDropoutKernel(backend, {.rate = 0.5}, {100}, room));
    LENSLET_ASSERT_OK(kernel->Bind({.inputs = {x.data()},
                                    .parameters = {},
                                    .output = y.data(),
                                    .training = true,
                                    .output_gradient = x.data(),
                                    .input_gradients = {dx.data()}}));
    kernel->Seed(1);
    kernel->Forward(room);
    kernel->Seed(2);
    kernel->Backward(room, {});
    EXPECT_THAT(dx.span(), ElementsAreArray(y.span()));
    kernel->Forward(room);
    EXPECT_THAT(y.span(), ::testing::Not(ElementsAreArray(dx.span())));
  }
}

TEST(DropoutTest, CostsNothing) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Cost cost,
                               ComputeCost(DropoutSpec{.rate = 0.5}, {7}));
  EXPECT_EQ(cost.multiply_adds, 0);
  EXPECT_EQ(cost.other_operations, 0);
  EXPECT_EQ(cost.bytes(), 0);
}

TEST(DropoutTest, RejectsOtherRatesAndWhatHasNoElements) {
  const auto code = absl::StatusCode::kInvalidArgument;
  for (const Backend backend : kBackends) {
    for (const double rate : {-0.1, 1.0, 2.0, std::nan("")}) {
      EXPECT_THAT(
          MakeDropoutKernel(backend, {.rate = rate}, {3}, 1),
          StatusIs(code, absl::StrCat("rate is ", rate,
                                      "; expected a number in [0, 1)")));
    }
    EXPECT_THAT(MakeDropoutKernel(backend, {.rate = 0.5}, {2, 0}, 1),
                StatusIs(code, HasSubstr("dropout of an image of shape [2, 0], "
                                         "which has no elements")));
    EXPECT_THAT(Dropout(Tensor::Of<uint8_t>({1, 1}, {1}), 0.5, 0, backend),
                StatusIs(code, HasSubstr("x is uint8 [1, 1]")));
  }
}

}  // namespace
}  // namespace lenslet
