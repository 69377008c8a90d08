#include "lenslet/tensor/buffer.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "lenslet/tensor/element_type.h"

namespace lenslet {
namespace {

TEST(BufferTest, IsAPointerOfAType) {
  float floats[] = {1, 2};
  const Buffer buffer(floats);
  EXPECT_EQ(buffer.type(), ElementType::kFloat32);
  buffer.data()[1] = 3;
  EXPECT_EQ(floats[1], 3);
  const ConstBuffer constant = buffer;
  EXPECT_EQ(constant.type(), ElementType::kFloat32);
  EXPECT_EQ(constant.data(), floats);
}

TEST(BufferTest, TakesItsTypeAtRunTime) {
  uint8_t bytes[] = {1, 2};
  const Buffer buffer(static_cast<void*>(bytes), ElementType::kUint8);
  EXPECT_EQ(buffer.data<uint8_t>(), bytes);
  const ConstBuffer constant = buffer;
  EXPECT_EQ(constant.data<uint8_t>()[1], 2);
}

TEST(BufferTest, IsNullByDefault) {
  EXPECT_EQ(Buffer().data(), nullptr);
  EXPECT_EQ(ConstBuffer().data(), nullptr);
}

TEST(BufferDeathTest, GivesNoOtherType) {
  uint8_t bytes[] = {1, 2};
  EXPECT_DEATH(Buffer(bytes).data<float>(), "broken invariant");
  EXPECT_DEATH(ConstBuffer(bytes).data<float>(), "broken invariant");
}

}  // namespace
}  // namespace lenslet
