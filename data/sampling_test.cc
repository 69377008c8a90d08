#include "lenslet/data/sampling.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Of classes of 90, 9 and 1 examples; a fourth has none.
constexpr int64_t kSize = 100;

Dataset Unbalanced() {
  ExampleArrays arrays = {.inputs = Tensor({kSize, 1}, ElementType::kUint8),
                          .targets = Tensor({kSize}, ElementType::kUint8)};
  for (int64_t i = 0; i < kSize; ++i) {
    arrays.inputs.data<uint8_t>()[i] = static_cast<uint8_t>(i);
    arrays.targets.data<uint8_t>()[i] = i < 90 ? 0 : i < 99 ? 1 : 2;
  }
  return *MakeDataset(std::move(arrays), {"a", "b", "c", "d"}, {});
}

// How often each example occurs.
std::vector<int64_t> Occurrences(const std::vector<int64_t>& order) {
  std::vector<int64_t> counts(kSize);
  for (const int64_t i : order) ++counts[i];
  return counts;
}

// Examples that come in a fixed order, as on a disk.
class OrderedExamples : public Examples {
 public:
  explicit OrderedExamples(const Dataset& all) : all_(all.examples) {}
  int64_t size() const override { return all_->size(); }
  Shape shape() const override { return all_->shape(); }
  ElementType type() const override { return all_->type(); }
  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    return all_->ReadInputs(indices, batch);
  }
  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    return all_->ReadTargets(indices, batch);
  }
  std::vector<int64_t> EpochOrder(uint64_t, int64_t epoch) const override {
    std::vector<int64_t> order = AllIndices(size());
    std::rotate(order.begin(), order.begin() + epoch, order.end());
    return order;
  }

 private:
  std::shared_ptr<const Examples> all_;
};

TEST(SamplerTest, BalancedClassesHaveTheSameShare) {
  const Dataset dataset = Unbalanced();
  LENSLET_ASSERT_OK_AND_ASSIGN(const Sampler sampler,
                               Sampler::Create(dataset, {}));
  EXPECT_THAT(sampler.shares(), ElementsAre(34, 33, 33, 0));
  for (int64_t epoch = 0; epoch < 20; ++epoch) {
    const std::vector<int64_t> order = sampler.EpochOrder(dataset, 7, epoch);
    ASSERT_EQ(order.size(), kSize);
    const std::vector<int64_t> counts = Occurrences(order);
    for (int64_t i = 0; i < 90; ++i) EXPECT_LE(counts[i], 1);
    for (int64_t i = 90; i < 99; ++i) {
      EXPECT_GE(counts[i], 3);
      EXPECT_LE(counts[i], 4);
    }
    EXPECT_EQ(counts[99], 33);
    EXPECT_EQ(std::accumulate(counts.begin(), counts.begin() + 90, 0), 34);
  }
}

TEST(SamplerTest, WeightsMultiplyTheCounts) {
  const Dataset dataset = Unbalanced();
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Sampler sampler,
      Sampler::Create(dataset, std::vector<double>{1, 10, 20, 1}));
  // 90, 90 and 20 of 200.
  EXPECT_THAT(sampler.shares(), ElementsAre(45, 45, 10, 0));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Sampler same, Sampler::Create(dataset, std::vector<double>(4, 2)));
  const std::vector<int64_t> order = same.EpochOrder(dataset, 7, 0);
  EXPECT_EQ(Occurrences(order), std::vector<int64_t>(kSize, 1));
}

TEST(SamplerTest, DependsOnSeedAndEpochAndMixesCopies) {
  const Dataset dataset = Unbalanced();
  LENSLET_ASSERT_OK_AND_ASSIGN(const Sampler sampler,
                               Sampler::Create(dataset, {}));
  const std::vector<int64_t> order = sampler.EpochOrder(dataset, 7, 3);
  EXPECT_EQ(order, sampler.EpochOrder(dataset, 7, 3));
  EXPECT_NE(order, sampler.EpochOrder(dataset, 7, 4));
  EXPECT_NE(order, sampler.EpochOrder(dataset, 8, 3));
  // Other examples of the large class have their turn in another epoch.
  EXPECT_NE(Occurrences(order), Occurrences(sampler.EpochOrder(dataset, 7, 4)));
  // The copies of the last example are all over the epoch.
  const auto copies = [&](size_t begin, size_t end) {
    return std::count(order.begin() + begin, order.begin() + end, 99);
  };
  EXPECT_GT(copies(0, 50), 5);
  EXPECT_GT(copies(50, 100), 5);
}

TEST(SamplerTest, KeepsAnOrderThatTheExamplesHave) {
  Dataset dataset = Unbalanced();
  dataset.examples = std::make_shared<OrderedExamples>(dataset);
  LENSLET_ASSERT_OK_AND_ASSIGN(const Sampler sampler,
                               Sampler::Create(dataset, {}));
  const std::vector<int64_t> order = sampler.EpochOrder(dataset, 7, 0);
  ASSERT_EQ(order.size(), kSize);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  // Those of the large class that occur are spread over it: one of each three.
  const std::vector<int64_t> counts = Occurrences(order);
  for (int64_t i = 0; i < 90; i += 9) {
    EXPECT_GE(std::accumulate(counts.begin() + i, counts.begin() + i + 9, 0),
              3);
  }
}

TEST(SamplerTest, ErrorsNameWhatIsWrong) {
  const Dataset dataset = Unbalanced();
  const auto refused = [&](const std::vector<double>& weights,
                           const char* message) {
    EXPECT_THAT(
        Sampler::Create(dataset, weights).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  refused({1, 2}, "the number of weights is 2; expected 4, one for each class");
  refused({1, -2, 1, 1}, "weight 1 is -2; expected a number of at least 0");
  refused({0, 0, 0, 5}, "all weights of classes with examples are 0");
}

}  // namespace
}  // namespace lenslet
