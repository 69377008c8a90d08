#include "lenslet/data/dataset_digest.h"

#include <cstdint>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

Dataset DatasetToDigest(const Shape& images, int64_t size) {
  Dataset dataset = {.images = Tensor(images, ElementType::kUint8),
                     .labels = Tensor(Shape({size}), ElementType::kUint8),
                     .class_names = {"a", "bc"}};
  uint8_t value = 0;
  for (uint8_t& pixel : dataset.images.span<uint8_t>()) pixel = ++value;
  return dataset;
}

TEST(DatasetDigestTest, IsTheSameForTheSame) {
  const std::string digest = DigestOf(DatasetToDigest({3, 2, 2, 1}, 3));
  EXPECT_EQ(DigestOf(DatasetToDigest({3, 2, 2, 1}, 3)), digest);
  EXPECT_THAT(digest, ::testing::MatchesRegex("[0-9a-f]{32}"));
  // Of this program and every later one: it stands in checkpoints.
  EXPECT_EQ(digest, "691b4b2539a264829117b4cbf8671a12");
}

TEST(DatasetDigestTest, NoticesEveryChange) {
  std::set<std::string> digests;
  const auto add = [&](auto change) {
    Dataset dataset = DatasetToDigest({3, 2, 2, 1}, 3);
    change(dataset);
    return digests.insert(DigestOf(dataset)).second;
  };
  EXPECT_TRUE(add([](Dataset&) {}));
  EXPECT_TRUE(add([](Dataset& d) { d.images.data<uint8_t>()[11] ^= 1; }));
  EXPECT_TRUE(add([](Dataset& d) { d.labels.data<uint8_t>()[2] = 1; }));
  EXPECT_TRUE(add([](Dataset& d) { d.class_names = {"ab", "c"}; }));
  EXPECT_TRUE(add([](Dataset& d) { d.class_names.push_back(""); }));
  EXPECT_TRUE(
      digests.insert(DigestOf(DatasetToDigest({3, 1, 4, 1}, 3))).second);
  EXPECT_TRUE(
      digests.insert(DigestOf(DatasetToDigest({4, 1, 3, 1}, 4))).second);
  EXPECT_TRUE(
      digests.insert(DigestOf(DatasetToDigest({0, 2, 2, 1}, 0))).second);
  // What is done to pixels is not part of the contents.
  EXPECT_FALSE(add([](Dataset& d) { d.normalization = {{0.5f}, {0.5f}}; }));
}

TEST(DatasetDigestTest, OfNothingAtAllIsADigest) {
  EXPECT_EQ(DigestOf(Dataset()).size(), 32);
}

}  // namespace
}  // namespace lenslet
