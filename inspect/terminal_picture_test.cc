#include "lenslet/inspect/terminal_picture.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

TEST(TerminalPictureTest, TakesALetterForTwoPixels) {
  // Black, half and white columns.
  EXPECT_EQ(TerminalPicture(Tensor::Of<uint8_t>(
                {4, 3, 1}, {0, 0, 255, 0, 255, 255, 0, 0, 0, 0, 0, 0})),
            " =@\n\n");
}

TEST(TerminalPictureTest, TakesAnOddLastRow) {
  EXPECT_EQ(TerminalPicture(Tensor::Of<uint8_t>({1, 2, 1}, {255, 0})), "@\n");
}

TEST(TerminalPictureTest, ShowsTheBrightnessOfColors) {
  EXPECT_EQ(TerminalPicture(Tensor::Of<uint8_t>({1, 1, 3}, {255, 255, 255})),
            "@\n");
}

TEST(TerminalPictureTest, ShrinksWideImages) {
  const Tensor wide(Shape{4, 100, 1}, ElementType::kUint8);
  Tensor white = wide.Clone();
  for (uint8_t& pixel : white.span<uint8_t>()) pixel = 255;
  EXPECT_EQ(TerminalPicture(white, 50), std::string(50, '@') + "\n");
}

TEST(ExamplePictureTest, ShowsWhatCanBeShown) {
  EXPECT_EQ(ExamplePicture(Tensor::Of<uint8_t>({1, 2, 1}, {255, 0})), "@\n");
  EXPECT_EQ(ExamplePicture(Tensor::Of<uint8_t>({1, 1, 3}, {255, 255, 255})),
            "@\n");
  EXPECT_EQ(ExamplePicture(Tensor::Of<uint8_t>({2, 2}, {255, 0, 255, 0})),
            "@\n");
}

TEST(ExamplePictureTest, IsEmptyForNumbers) {
  EXPECT_EQ(ExamplePicture(Tensor({2, 2})), "");
  EXPECT_EQ(ExamplePicture(Tensor({2, 2, 1})), "");
}

TEST(ExamplePictureTest, IsEmptyForOtherShapes) {
  const Shape kShapes[] = {{5}, {2, 2, 2}, {2, 2, 4}, {2, 3, 3, 1}, {}};
  for (const Shape& shape : kShapes) {
    EXPECT_EQ(ExamplePicture(Tensor(shape, ElementType::kUint8)), "")
        << shape.ToString();
  }
}

// From the smallest to the largest, whatever they are.
TEST(TerminalPictureTest, ShowsNumbers) {
  const Tensor map = Tensor::Of({2, 3}, {-3, -1, 1, -3, -1, 1});
  EXPECT_EQ(TerminalPicture(map.view()), " =@\n");
}

}  // namespace
}  // namespace lenslet
