#include "lenslet/tensor/print.h"

#include <cmath>
#include <sstream>

#include "gtest/gtest.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

// Laid out as numpy does it.

TEST(PrintTest, Matrix) {
  EXPECT_EQ(ToString(Tensor::Of({2, 2}, {19, 25, 37, 43})),
            "[[19. 25.]\n"
            " [37. 43.]]");
}

TEST(PrintTest, AlignsDecimalPoints) {
  EXPECT_EQ(ToString(Tensor::Of({2, 2}, {0, 1.5, -2, 0.25})),
            "[[ 0.    1.5 ]\n"
            " [-2.    0.25]]");
}

TEST(PrintTest, ScalarVectorAndEmpty) {
  EXPECT_EQ(ToString(Tensor::Of({}, {3})), "3.");
  EXPECT_EQ(ToString(Tensor::Of({3}, {1, 20, 3})), "[ 1. 20.  3.]");
  EXPECT_EQ(ToString(Tensor({2, 0})), "[]");
}

TEST(PrintTest, DividesMatricesByAnEmptyLine) {
  EXPECT_EQ(ToString(Tensor::Of({2, 2, 1}, {1, 2, 3, 4})),
            "[[[1.]\n"
            "  [2.]]\n"
            "\n"
            " [[3.]\n"
            "  [4.]]]");
}

TEST(PrintTest, EightBitNumbers) {
  EXPECT_EQ(ToString(Tensor::Of<uint8_t>({3}, {0, 17, 255})), "[  0  17 255]");
}

TEST(PrintTest, NonFiniteNumbers) {
  EXPECT_EQ(ToString(Tensor::Of({3}, {NAN, INFINITY, 1.5})), "[nan inf 1.5]");
}

TEST(PrintTest, ExponentsForVeryLargeAndVerySmallNumbers) {
  EXPECT_EQ(ToString(Tensor::Of({2}, {1e-6f, 1})), "[1.0000e-06 1.0000e+00]");
  EXPECT_EQ(ToString(Tensor::Of({2}, {1e10f, 1})), "[1.0000e+10 1.0000e+00]");
}

TEST(PrintTest, AbbreviatesLargeTensors) {
  Tensor tensor({40, 40});
  FillIota(0, tensor.span());
  EXPECT_EQ(ToString(tensor, {.edge = 2}),
            "[[   0.    1. ...   38.   39.]\n"
            " [  40.   41. ...   78.   79.]\n"
            " ...\n"
            " [1520. 1521. ... 1558. 1559.]\n"
            " [1560. 1561. ... 1598. 1599.]]");
}

TEST(PrintTest, Streams) {
  std::ostringstream os;
  os << Tensor::Of({2}, {1, 2});
  EXPECT_EQ(os.str(), "[1. 2.]");
}

}  // namespace
}  // namespace lenslet
