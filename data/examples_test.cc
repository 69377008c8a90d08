#include "lenslet/data/examples.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/digest.h"
#include "lenslet/data/testing/pixels.h"
#include "lenslet/data/testing/reading_examples.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The least that a program implements: input i is i, i + 1/2 and i + 1.
class LeastExamples : public Examples {
 public:
  int64_t size() const override { return 10; }
  Shape shape() const override { return {3}; }
  ElementType type() const override { return ElementType::kFloat32; }
  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    for (size_t i = 0; i < indices.size(); ++i) {
      float* numbers = batch.Input<float>(i);
      for (int k = 0; k < 3; ++k) {
        numbers[k] = static_cast<float>(indices[i]) + 0.5f * k;
      }
    }
    return absl::OkStatus();
  }
  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    for (size_t i = 0; i < indices.size(); ++i) {
      batch.classes()[i] = static_cast<int32_t>(indices[i] % 2);
    }
    return absl::OkStatus();
  }
};

std::vector<float> FloatsOf(const ExampleBatch& batch, int64_t i,
                            int64_t elements) {
  const float* numbers = static_cast<const float*>(batch.inputs()[i]);
  return {numbers, numbers + elements};
}

TEST(ExamplesTest, HaveDefaults) {
  const LeastExamples examples;
  EXPECT_EQ(examples.target(), TargetSpec());
  EXPECT_EQ(examples.target().kind, TargetKind::kClasses);
  EXPECT_FALSE(examples.keeps_inputs());
  EXPECT_EQ(examples.bytes(), 0);
  EXPECT_EQ(examples.EpochOrder(/*seed=*/3, /*epoch=*/5),
            ShuffledIndices(10, /*seed=*/3, /*epoch=*/5));
  examples.WillRead({1, 2});
}

TEST(ExampleBatchTest, HoldsWhatIsRead) {
  const LeastExamples examples;
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadInputs(examples, {4, 0, 4}));
  ASSERT_THAT(batch.inputs(), SizeIs(3));
  EXPECT_THAT(FloatsOf(batch, 0, 3), ElementsAre(4, 4.5f, 5));
  EXPECT_THAT(FloatsOf(batch, 1, 3), ElementsAre(0, 0.5f, 1));
  EXPECT_THAT(FloatsOf(batch, 2, 3), ElementsAre(4, 4.5f, 5));
  LENSLET_ASSERT_OK(batch.ReadTargets(examples, {4, 1, 9, 0}));
  EXPECT_THAT(batch.classes(), ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(batch.values(), IsEmpty());
}

// Each input begins another cache line.
TEST(ExampleBatchTest, InputsShareNoCacheLine) {
  for (const int64_t size : {1, 63, 64, 65}) {
    const Dataset kept = OfOneClass(Tensor({5, size}, ElementType::kUint8));
    const ReadingExamples examples(kept);
    ExampleBatch batch;
    LENSLET_ASSERT_OK(batch.ReadInputs(examples, AllIndices(5)));
    std::vector<uintptr_t> places;
    for (const void* input : batch.inputs()) {
      places.push_back(reinterpret_cast<uintptr_t>(input));
      EXPECT_EQ(places.back() % 64, 0) << size;
    }
    for (int i = 1; i < 5; ++i) {
      EXPECT_EQ(places[i] - places[i - 1], size <= 64 ? 64 : 128) << size;
    }
  }
}

TEST(ExampleBatchTest, AllocatesOnlyWhenItGrows) {
  const LeastExamples examples;
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadInputs(examples, AllIndices(8)));
  LENSLET_ASSERT_OK(batch.ReadTargets(examples, AllIndices(8)));
  const void* const input = batch.inputs()[0];
  const int32_t* const target = batch.classes().data();
  for (const int64_t count : {3, 0, 8}) {
    LENSLET_ASSERT_OK(batch.ReadInputs(examples, AllIndices(count)));
    LENSLET_ASSERT_OK(batch.ReadTargets(examples, AllIndices(count)));
    EXPECT_THAT(batch.inputs(), SizeIs(count));
    EXPECT_THAT(batch.classes(), SizeIs(count));
    if (count > 0) {
      EXPECT_EQ(batch.inputs()[0], input);
      EXPECT_EQ(batch.classes().data(), target);
    }
  }
}

// They stay where they are: nothing is copied.
TEST(ExampleBatchTest, RefersToInputsThatAreKept) {
  const Dataset dataset =
      OfOneClass(Tensor::Of<uint8_t>({3, 2}, {1, 2, 3, 4, 5, 6}));
  ExampleBatch one, other;
  LENSLET_ASSERT_OK(one.ReadInputs(*dataset.examples, {2, 0}));
  LENSLET_ASSERT_OK(other.ReadInputs(*dataset.examples, {0}));
  EXPECT_EQ(one.inputs()[1], other.inputs()[0]);
  EXPECT_EQ(static_cast<const uint8_t*>(one.inputs()[0]) -
                static_cast<const uint8_t*>(one.inputs()[1]),
            4);
}

// A batch that serves sources of other shapes, types and kinds by turns.
TEST(ExampleBatchTest, HoldsTargetsOfEveryKind) {
  const Dataset classes =
      *MakeDataset({.inputs = Tensor({3, 1}),
                    .targets = Tensor::Of<uint8_t>({3}, {0, 2, 1})},
                   {"a", "b", "c"});
  const Dataset maps =
      *MakeDataset({.inputs = Tensor({2, 2}),
                    .targets = Tensor::Of<uint8_t>({2, 1, 2}, {0, 1, 2, 0})},
                   {"a", "b", "c"});
  const Dataset labels =
      *MakeDataset({.inputs = Tensor({2, 1}),
                    .targets = Tensor::Of<uint8_t>({2, 3}, {0, 1, 1, 1, 0, 0}),
                    .kind = TargetKind::kLabels},
                   {"a", "b", "c"});
  const Dataset values =
      *MakeDataset({.inputs = Tensor({2, 1}),
                    .targets = Tensor::Of({2, 2}, {0.5f, -1, 1e9f, 2}),
                    .kind = TargetKind::kValues},
                   {});
  ExampleBatch batch;
  for (int repeat = 0; repeat < 2; ++repeat) {
    LENSLET_ASSERT_OK(batch.ReadTargets(*classes.examples, {2, 1, 1}));
    EXPECT_THAT(batch.classes(), ElementsAre(1, 2, 2));
    EXPECT_THAT(batch.values(), IsEmpty());
    LENSLET_ASSERT_OK(batch.ReadTargets(*maps.examples, {1, 0, 1}));
    EXPECT_THAT(batch.classes(), ElementsAre(2, 0, 0, 1, 2, 0));
    EXPECT_THAT(batch.values(), IsEmpty());
    LENSLET_ASSERT_OK(batch.ReadTargets(*labels.examples, {1, 0}));
    EXPECT_THAT(batch.values(), ElementsAre(1, 0, 0, 0, 1, 1));
    EXPECT_THAT(batch.classes(), IsEmpty());
    LENSLET_ASSERT_OK(batch.ReadTargets(*values.examples, {1}));
    EXPECT_THAT(batch.values(), ElementsAre(1e9f, 2));
    EXPECT_THAT(batch.classes(), IsEmpty());
  }
}

// Inputs of a shape that no memory holds.
class LargeExamples : public LeastExamples {
 public:
  Shape shape() const override { return {int64_t{1} << 45}; }
  TargetSpec target() const override {
    return {.kind = TargetKind::kValues, .shape = shape()};
  }
};

TEST(ExampleBatchTest, MayFindNoMemory) {
  ExampleBatch batch;
  EXPECT_THAT(batch.PrepareInputs(LargeExamples(), 1 << 10),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::_));
  EXPECT_THAT(batch.PrepareTargets(LargeExamples(), 1 << 10),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::_));
  // And is as useful as before.
  LENSLET_ASSERT_OK(batch.ReadInputs(LeastExamples(), {1}));
  EXPECT_THAT(FloatsOf(batch, 0, 3), ElementsAre(1, 1.5f, 2));
}

// What checkpoints of all versions have for arrays of bytes, which are hashed
// through this default: [3, 2, 2, 1] bytes 1 to 12, three labels 0 and the
// names "a" and "bc" (data/dataset_digest_test.cc).
TEST(ExamplesTest, DigestsAreThoseOfTheirContents) {
  Tensor bytes({3, 2, 2, 1}, ElementType::kUint8);
  uint8_t value = 0;
  for (uint8_t& byte : bytes.span<uint8_t>()) byte = ++value;
  const Dataset kept = OfOneClass(std::move(bytes));
  const ReadingExamples read(kept);
  for (const Examples* examples :
       {kept.examples.get(), static_cast<const Examples*>(&read)}) {
    Digest digest;
    LENSLET_ASSERT_OK(examples->AddToDigest({0, 1, 2}, digest));
    digest.AddWord("a");
    digest.AddWord("bc");
    EXPECT_EQ(digest.Hex(), "691b4b2539a264829117b4cbf8671a12");
  }
}

// By hand: the shape of all inputs, them, the types, the shape of all targets,
// and them.
TEST(ExamplesTest, AddFloatNumbersToADigest) {
  Digest digest, expected;
  LENSLET_ASSERT_OK(LeastExamples().AddToDigest({1, 0}, digest));
  expected.AddWord("[2, 3]");
  const float numbers[] = {1, 1.5f, 2, 0, 0.5f, 1};
  expected.Add(numbers, sizeof(numbers));
  expected.AddWord("float32 classes");
  expected.AddWord("[2]");
  const uint8_t classes[] = {1, 0};
  expected.Add(classes, sizeof(classes));
  EXPECT_EQ(digest.Hex(), expected.Hex());
}

TEST(DigestTest, WordsHaveAnEnd) {
  Digest one, other, none;
  one.AddWord("ab");
  one.AddWord("c");
  other.AddWord("a");
  other.AddWord("bc");
  EXPECT_NE(one.Hex(), other.Hex());
  // XXH3's, of nothing.
  EXPECT_EQ(none.Hex(), "99aa06d3014798d86001c324468d497f");
}

}  // namespace
}  // namespace lenslet
