// Network::Predict() allocates nothing after its first call.

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/testing/allocation_count.h"
#include "lenslet/network.h"
#include "lenslet/short_layers.h"

namespace lenslet {
namespace {

using namespace layers;  // NOLINT: as users do.

constexpr int64_t kPixels = 8 * 8;
constexpr int64_t kClasses = 3;

Network NormalizedNetwork() {
  Network network = *Network::Sequential(
      {8, 8, 1}, {Conv2d(4, 3), BatchNorm(), Relu(), MaxPool2d(2), Conv2d(6, 3),
                  Sigmoid(), Flatten(), Linear(kClasses)});
  LENSLET_EXPECT_OK(
      network.SetNormalization({.mean = {0.5f}, .deviation = {0.2f}}));
  return network;
}

// Predicts one and several examples, after a first call.
template <typename Element>
void ExpectNoAllocation(const Network& network, Element value) {
  constexpr int64_t kMany = 5;
  const std::vector<Element> examples(kMany * kPixels, value);
  std::vector<float> scores(kMany * kClasses);
  const auto allocations = [&](int64_t count) {
    const absl::Span<const Element> some =
        absl::MakeConstSpan(examples).first(count * kPixels);
    const absl::Span<float> some_scores =
        absl::MakeSpan(scores).first(count * kClasses);
    const int64_t before = AllocationCount();
    const absl::Status status = network.Predict(some, some_scores);
    const int64_t count_now = AllocationCount() - before;
    LENSLET_EXPECT_OK(status);
    return count_now;
  };
  // Makes the predictor; without it, the count would prove nothing.
  EXPECT_GT(allocations(1), 0);
  for (const int64_t count : {1, 1, 5, 2, 1}) {
    EXPECT_EQ(allocations(count), 0) << count << " examples";
  }
}

TEST(PredictAllocationTest, BytesAllocateNothing) {
  ExpectNoAllocation<uint8_t>(NormalizedNetwork(), 100);
}

TEST(PredictAllocationTest, FloatsAllocateNothing) {
  ExpectNoAllocation<float>(NormalizedNetwork(), 0.5f);
}

}  // namespace
}  // namespace lenslet
