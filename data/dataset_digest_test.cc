#include "lenslet/data/dataset_digest.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/split.h"
#include "lenslet/data/testing/reading_examples.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

ExampleArrays ArraysToDigest(const Shape& images, int64_t size) {
  ExampleArrays arrays = {
      .inputs = Tensor(images, ElementType::kUint8),
      .targets = Tensor(Shape({size}), ElementType::kUint8)};
  uint8_t value = 0;
  for (uint8_t& pixel : arrays.inputs.span<uint8_t>()) pixel = ++value;
  return arrays;
}

std::string DigestOfArrays(const Shape& images, int64_t size) {
  return *DigestOf(*MakeDataset(ArraysToDigest(images, size), {"a", "bc"}));
}

TEST(DatasetDigestTest, IsTheSameForTheSame) {
  const std::string digest = DigestOfArrays({3, 2, 2, 1}, 3);
  EXPECT_EQ(DigestOfArrays({3, 2, 2, 1}, 3), digest);
  EXPECT_THAT(digest, ::testing::MatchesRegex("[0-9a-f]{32}"));
  // Of this program and every later one: it stands in checkpoints.
  EXPECT_EQ(digest, "691b4b2539a264829117b4cbf8671a12");
}

TEST(DatasetDigestTest, TellsClassesBeyondAByteApart) {
  const auto digest = [](int32_t c) {
    return *DigestOf(
        *MakeDataset({.inputs = Tensor({1, 1}, ElementType::kUint8),
                      .targets = *ClassTensor({c}, {1})},
                     std::vector<std::string>(1000, "x")));
  };
  EXPECT_NE(digest(300), digest(300 % 256));
  EXPECT_NE(digest(300), digest(300 + 256));
}

TEST(DatasetDigestTest, NoticesEveryChange) {
  std::set<std::string> digests;
  const auto add = [&](auto change) {
    ExampleArrays arrays = ArraysToDigest({3, 2, 2, 1}, 3);
    std::vector<std::string> names = {"a", "bc"};
    change(arrays, names);
    return digests
        .insert(*DigestOf(*MakeDataset(std::move(arrays), std::move(names))))
        .second;
  };
  using Arrays = ExampleArrays;
  using Names = std::vector<std::string>;
  EXPECT_TRUE(add([](Arrays&, Names&) {}));
  EXPECT_TRUE(
      add([](Arrays& a, Names&) { a.inputs.data<uint8_t>()[11] ^= 1; }));
  EXPECT_TRUE(add([](Arrays& a, Names&) { a.targets.data<uint8_t>()[2] = 1; }));
  EXPECT_TRUE(add([](Arrays&, Names& names) { names = {"ab", "c"}; }));
  EXPECT_TRUE(add([](Arrays&, Names& names) { names.push_back(""); }));
  EXPECT_TRUE(digests.insert(DigestOfArrays({3, 1, 4, 1}, 3)).second);
  EXPECT_TRUE(digests.insert(DigestOfArrays({4, 1, 3, 1}, 4)).second);
  EXPECT_TRUE(digests.insert(DigestOfArrays({0, 2, 2, 1}, 0)).second);
  // What is done to pixels is not part of the contents.
  Dataset dataset = *MakeDataset(ArraysToDigest({3, 2, 2, 1}, 3), {"a", "bc"});
  dataset.normalization = {{0.5f}, {0.5f}};
  EXPECT_FALSE(digests.insert(*DigestOf(dataset)).second);
}

// Nor is where they are, or how many are read at once.
TEST(DatasetDigestTest, DependsNotOnTheSource) {
  const Dataset all =
      *MakeDataset(ArraysToDigest({200, 2, 2, 1}, 200), {"a", "bc"});
  Dataset read = all;
  read.examples = std::make_shared<ReadingExamples>(all);
  EXPECT_EQ(*DigestOf(read), *DigestOf(all));
  EXPECT_EQ(*DigestOf(FirstExamples(read, 100)),
            DigestOfArrays({100, 2, 2, 1}, 100));
  read.examples = std::make_shared<ReadingExamples>(all, /*bad=*/150);
  EXPECT_THAT(DigestOf(read),
              StatusIs(absl::StatusCode::kDataLoss, "example 150 is torn"));
}

// Of more examples than are read at once.
TEST(DatasetDigestTest, NoticesChangesOfTheLastExample) {
  std::set<std::string> digests;
  for (const int change : {0, 1, 2}) {
    ExampleArrays arrays = ArraysToDigest({200, 1}, 200);
    if (change == 1) arrays.inputs.data<uint8_t>()[199] ^= 1;
    if (change == 2) arrays.targets.data<uint8_t>()[199] = 1;
    digests.insert(*DigestOf(*MakeDataset(std::move(arrays), {"a", "bc"})));
  }
  EXPECT_EQ(digests.size(), 3);
}

TEST(DatasetDigestTest, NoticesOtherNumbersAndTargets) {
  std::set<std::string> digests;
  const auto add = [&](Tensor inputs, Tensor targets) {
    return digests
        .insert(*DigestOf(*MakeDataset({.inputs = std::move(inputs),
                                        .targets = std::move(targets),
                                        .kind = TargetKind::kValues},
                                       {})))
        .second;
  };
  EXPECT_TRUE(add(Tensor::Of({2, 1}, {1, 2}), Tensor::Of({2, 1}, {3, 4})));
  EXPECT_FALSE(add(Tensor::Of({2, 1}, {1, 2}), Tensor::Of({2, 1}, {3, 4})));
  EXPECT_TRUE(add(Tensor::Of({2, 1}, {1, -2}), Tensor::Of({2, 1}, {3, 4})));
  EXPECT_TRUE(add(Tensor::Of({2, 1}, {1, 2}), Tensor::Of({2, 1}, {3, -4})));
}

// Of a run without validation examples: also of every later version.
TEST(DatasetDigestTest, OfNothingAtAllIsADigest) {
  EXPECT_EQ(*DigestOf(Dataset()), "d30d50fab7ffa062eec3e9c07077c68c");
}

}  // namespace
}  // namespace lenslet
