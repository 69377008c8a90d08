#include "lenslet/tensor/tensor.h"

#include <cstdint>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TensorTest, StartsAsZeros) {
  const Tensor tensor({2, 3});
  EXPECT_EQ(tensor.shape(), Shape({2, 3}));
  EXPECT_EQ(tensor.type(), ElementType::kFloat32);
  EXPECT_EQ(tensor.bytes(), 24);
  EXPECT_THAT(tensor.span(), Each(0.0f));
}

TEST(TensorTest, IsAlignedAndOwnsTheBytesPastItsEnd) {
  for (int64_t size : {0, 1, 15, 16, 17, 1000}) {
    Tensor tensor(Shape({size}), ElementType::kUint8);
    uint8_t* data = tensor.data<uint8_t>();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % Tensor::kAlignment, 0);
    // --config=asan watches the last of them.
    for (int64_t i = size; i < size + Tensor::kExtraBytes; ++i) data[i] = 1;
  }
}

TEST(TensorTest, HoldsBytes) {
  const Tensor bytes = Tensor::Of<uint8_t>({2}, {0, 255});
  EXPECT_EQ(bytes.type(), ElementType::kUint8);
  EXPECT_THAT(bytes.span<uint8_t>(), ElementsAre(0, 255));
  EXPECT_EQ(bytes.bytes(), 2);
}

TEST(TensorTest, MovesAndClones) {
  Tensor a = Tensor::Of({2}, {1, 2});
  Tensor b = a.Clone();
  b.data()[0] = 5;
  EXPECT_THAT(a.span(), ElementsAre(1, 2));
  Tensor c = std::move(a);
  EXPECT_THAT(c.span(), ElementsAre(1, 2));
  EXPECT_TRUE(a.empty());  // NOLINT: a moved-from tensor is empty.
  EXPECT_EQ(Tensor().Clone().shape(), Shape({0}));
}

TEST(TensorTest, RefusesMoreMemoryThanThereIs) {
  EXPECT_THAT(Tensor::Create(ElementType::kFloat32, {int64_t{1} << 45}),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("float32 tensor of shape [35184372088832]")));
  // 2^62 elements of 4 bytes are more bytes than can be counted.
  EXPECT_THAT(Tensor::Create(ElementType::kFloat32, {int64_t{1} << 62}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("")));
}

TEST(TensorDeathTest, ChecksTheElementsType) {
  Tensor tensor({2});
  EXPECT_DEATH(tensor.data<uint8_t>(), "elements are float32; expected uint8");
  const Tensor bytes({2}, ElementType::kUint8);
  EXPECT_DEATH(bytes(0),
               "elements are uint8; expected float32, or "
               "data<uint8_t>.. and view<uint8_t>..");
}

TEST(TensorDeathTest, ChecksTheNumberOfValues) {
  EXPECT_DEATH(Tensor::Of({2, 2}, {1, 2, 3}),
               "3 values for a tensor of shape \\[2, 2\\]; expected 4");
}

TEST(TensorDeathTest, SaysThatMemoryIsShort) {
  EXPECT_DEATH(Tensor({int64_t{1} << 45}),
               "float32 tensor of shape \\[35184372088832\\]");
  EXPECT_DEATH(Tensor({int64_t{1} << 40, int64_t{1} << 20}),
               ": 4398046511104 MiB; ");
  EXPECT_DEATH(Tensor({int64_t{1} << 40, int64_t{1} << 22}),
               ": more than 8796093022207 MiB; ");
}

TEST(TensorTest, GivesElementsByTheirIndices) {
  Tensor tensor = Tensor::Of({2, 3}, {0, 1, 2, 3, 4, 5});
  EXPECT_EQ(tensor(1, 2), 5);
  tensor(0, 1) = 7;
  tensor(1, 0) += 2;
  EXPECT_THAT(tensor.span(), ElementsAre(0, 7, 2, 5, 4, 5));
  EXPECT_EQ(std::as_const(tensor)(0, 1), 7);
  EXPECT_EQ(Tensor::Of({}, {3})(), 3);
  EXPECT_EQ(Tensor::Of({1, 2, 1, 1, 1, 1}, {3, 4})(0, 1, 0, 0, 0, 0), 4);
  const Tensor bytes = Tensor::Of<uint8_t>({1, 2}, {8, 9});
  EXPECT_EQ(bytes.view<uint8_t>()(0, 1), 9);
}

TEST(TensorDeathTest, NamesAWrongIndexAndTheShape) {
  Tensor tensor({3, 4});
  EXPECT_DEATH(tensor(3, 1),
               "index \\(3, 1\\) is out of range for a tensor of shape "
               "\\[3, 4\\]");
  EXPECT_DEATH(tensor(0, -1), "index \\(0, -1\\) is out of range");
  EXPECT_DEATH(std::as_const(tensor)(0, 4), "index \\(0, 4\\) is out of range");
  EXPECT_DEATH(tensor(2),
               "index \\(2\\) has 1 number; a tensor of shape \\[3, 4\\] "
               "needs 2");
  EXPECT_DEATH(tensor(0, 0, 0), "index \\(0, 0, 0\\) has 3 numbers");
  EXPECT_DEATH(Tensor()(0),
               "index \\(0\\) is out of range for a tensor of "
               "shape \\[0\\]");
}

TEST(ViewTest, IndexesRowByRow) {
  Tensor tensor = Tensor::Of({2, 3}, {0, 1, 2, 3, 4, 5});
  View<float> view = tensor.view();
  EXPECT_EQ(view.at({1, 2}), 5);
  view.at({0, 1}) = 7;
  EXPECT_THAT(tensor.span(), ElementsAre(0, 7, 2, 3, 4, 5));
}

TEST(ViewTest, SlicesAndReshapes) {
  const Tensor tensor = Tensor::Of({3, 2}, {0, 1, 2, 3, 4, 5});
  const View<const float> slice = tensor.view().Slice(1, 3);
  EXPECT_EQ(slice.shape(), Shape({2, 2}));
  EXPECT_THAT(slice.span(), ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(tensor.view().Slice(3, 3).size(), 0);
  EXPECT_EQ(tensor.view().Reshape({6}).at({4}), 4);
}

TEST(ViewTest, NoMemoryStandsForNone) {
  EXPECT_EQ(View<float>().data(), nullptr);
  EXPECT_EQ(View<float>().size(), 0);
}

TEST(ViewDeathTest, ChecksItsBounds) {
  const Tensor tensor({2, 3});
  EXPECT_DEATH(tensor.view().at({0, 3}), "index \\(0, 3\\) is out of range");
  EXPECT_DEATH(tensor.view().at({0}), "index \\(0\\) has 1 number");
  EXPECT_DEATH(tensor.view().Slice(1, 3),
               "slice \\[1, 3\\) is out of range for a tensor of shape "
               "\\[2, 3\\]");
  EXPECT_DEATH(tensor.view().Reshape({5}),
               "shape \\[2, 3\\] has 6 elements; shape \\[5\\] needs 5");
}

}  // namespace
}  // namespace lenslet
