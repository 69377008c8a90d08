#include "lenslet/data/input_targets.h"

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/dataset_digest.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;

TEST(InputTargetsTest, DividesBytes) {
  ExampleArrays arrays = {.inputs = Tensor({2, 2}, ElementType::kUint8),
                          .targets = Tensor({2}, ElementType::kUint8)};
  const uint8_t bytes[] = {0, 51, 255, 102};
  std::copy_n(bytes, 4, arrays.inputs.data<uint8_t>());
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset classes,
                               MakeDataset(std::move(arrays), {"a"}));
  const Dataset dataset = WithInputsAsTargets(classes);
  EXPECT_EQ(dataset.examples->target(),
            (TargetSpec{.kind = TargetKind::kValues, .shape = {2}}));
  EXPECT_EQ(dataset.example_shape(), Shape({2}));
  EXPECT_TRUE(dataset.target_names.empty());
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*dataset.examples, {1, 0}));
  EXPECT_THAT(batch.values(), ElementsAre(1, 102 / 255.f, 0, 51 / 255.f));
  EXPECT_NE(*DigestOf(dataset), *DigestOf(classes));
}

}  // namespace
}  // namespace lenslet
