#include "lenslet/onnx/fold_constants.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/model_writer.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using DataType = onnx::TensorProto;

OnnxConstant OfFloats(std::vector<double> numbers, Ints dims = {},
                      int64_t type = DataType::FLOAT) {
  OnnxConstant x{.dims = dims, .type = type};
  if (dims.empty() && numbers.size() != 1)
    x.dims = {Ints::value_type(numbers.size())};
  for (const double number : numbers) x.Append(number);
  return x;
}

OnnxConstant OfInts(Ints numbers, Ints dims = {},
                    int64_t type = DataType::INT64) {
  if (dims.empty() && numbers.size() != 1)
    dims = {Ints::value_type(numbers.size())};
  return {.dims = dims, .type = type, .ints = numbers};
}

// A node whose attributes a test may add.
class FoldedNode {
 public:
  explicit FoldedNode(const std::string& type) {
    writer_.Node(type, {"x"}, "y");
  }
  template <typename Value>
  FoldedNode& With(const std::string& name, Value value) {
    writer_.With(name, value);
    return *this;
  }
  absl::StatusOr<OnnxConstant> Of(const std::vector<OnnxConstant>& inputs) {
    std::vector<const OnnxConstant*> pointers;
    for (const OnnxConstant& input : inputs) pointers.push_back(&input);
    return FoldConstants(NodeReader(writer_.model().graph().node(0)), pointers);
  }
  std::vector<float> FloatsOf(const std::vector<OnnxConstant>& inputs) {
    absl::StatusOr<OnnxConstant> y = Of(inputs);
    LENSLET_EXPECT_OK(y);
    return y.ok() ? y->floats : std::vector<float>();
  }
  Ints IntsOf(const std::vector<OnnxConstant>& inputs) {
    absl::StatusOr<OnnxConstant> y = Of(inputs);
    LENSLET_EXPECT_OK(y);
    return y.ok() ? y->ints : Ints();
  }
  std::string ErrorOf(const std::vector<OnnxConstant>& inputs) {
    return std::string(Of(inputs).status().message());
  }

 private:
  ModelWriter writer_;
};

TEST(FoldConstantsTest, CastsToTypes) {
  const auto cast = [](int64_t type) {
    return FoldedNode("Cast").With("to", type);
  };
  EXPECT_THAT(cast(DataType::BOOL).IntsOf({OfFloats({0.3, 0, -2})}),
              ElementsAre(1, 0, 1));
  EXPECT_THAT(cast(DataType::BOOL).IntsOf({OfInts({3, 0})}), ElementsAre(1, 0));
  // Whole numbers keep their lowest bits.
  EXPECT_THAT(cast(DataType::UINT8).IntsOf({OfInts({300, -1})}),
              ElementsAre(44, 255));
  EXPECT_THAT(cast(DataType::INT8).IntsOf({OfInts({200, 127})}),
              ElementsAre(-56, 127));
  EXPECT_THAT(cast(DataType::INT32).IntsOf({OfInts({1LL << 31})}),
              ElementsAre(-(1LL << 31)));
  // Floats lose their fractions.
  EXPECT_THAT(cast(DataType::INT32).IntsOf({OfFloats({2.7, -2.7})}),
              ElementsAre(2, -2));
  EXPECT_THAT(cast(DataType::UINT8).ErrorOf({OfFloats({300})}),
              HasSubstr("it makes 300 of type uint8"));
  EXPECT_THAT(cast(DataType::INT64).ErrorOf({OfFloats({1e19})}),
              HasSubstr("a number has no whole part of type int64"));
  EXPECT_THAT(cast(DataType::STRING).ErrorOf({OfFloats({1})}),
              HasSubstr("it makes constants of type string"));
  // The number of images stays what it is in types of sizes.
  EXPECT_THAT(cast(DataType::INT32).IntsOf({OfInts({kBatchSize})}),
              ElementsAre(kBatchSize));
  EXPECT_THAT(
      cast(DataType::FLOAT).ErrorOf({OfInts({kBatchSize})}),
      HasSubstr("it computes with the number of images, or with -2^63"));
}

// Numbers between two of a type become the nearer one, or the even one.
TEST(FoldConstantsTest, RoundsToTypes) {
  EXPECT_EQ(RoundedTo(DataType::FLOAT16, 2049), 2048);
  EXPECT_EQ(RoundedTo(DataType::FLOAT16, 2051), 2052);
  EXPECT_EQ(RoundedTo(DataType::FLOAT16, 1.0001), 1);
  EXPECT_EQ(RoundedTo(DataType::FLOAT16, 0.1), 0.0999755859375);
  EXPECT_EQ(RoundedTo(DataType::FLOAT16, -65519), -65504);
  EXPECT_EQ(RoundedTo(DataType::FLOAT16, 65520),
            std::numeric_limits<double>::infinity());
  // Below 2^-14, they are 2^-24 apart.
  EXPECT_EQ(RoundedTo(DataType::FLOAT16, 0x1.4p-24), 0x1p-24);
  EXPECT_EQ(RoundedTo(DataType::FLOAT16, 0x1p-26), 0);
  EXPECT_EQ(RoundedTo(DataType::BFLOAT16, 257), 256);
  EXPECT_EQ(RoundedTo(DataType::BFLOAT16, 3e38), 0x1.c4p127);
  EXPECT_EQ(RoundedTo(DataType::FLOAT, 0.1), 0.1f);
  EXPECT_EQ(RoundedTo(DataType::DOUBLE, 0.1), 0.1);
  EXPECT_TRUE(std::isnan(RoundedTo(DataType::FLOAT16, std::nan(""))));
  EXPECT_THAT(FoldedNode("Cast")
                  .With("to", int64_t{DataType::FLOAT16})
                  .FloatsOf({OfFloats({2049})}),
              ElementsAre(2048));
}

TEST(FoldConstantsTest, ComputesInTypes) {
  const OnnxConstant large = OfInts({1 << 30}, {}, DataType::INT32);
  EXPECT_THAT(
      FoldedNode("Mul").IntsOf({large, OfInts({2, 5}, {}, DataType::INT32)}),
      ElementsAre(-(1LL << 31), 1 << 30));
  EXPECT_THAT(FoldedNode("Add").IntsOf({OfInts({250}, {}, DataType::UINT8),
                                        OfInts({9}, {}, DataType::UINT8)}),
              ElementsAre(3));
  EXPECT_THAT(
      FoldedNode("Div").ErrorOf({OfInts({-(1LL << 31)}, {}, DataType::INT32),
                                 OfInts({-1}, {}, DataType::INT32)}),
      HasSubstr("its result, 2147483648, is out of the range of int32"));
  EXPECT_THAT(
      FoldedNode("Mul").ErrorOf({OfInts({1LL << 40}), OfInts({1LL << 40})}),
      HasSubstr("its result is out of the range of int64"));
  EXPECT_THAT(FoldedNode("Div").ErrorOf({OfInts({4}), OfInts({0})}),
              HasSubstr("it divides by 0"));
  EXPECT_THAT(FoldedNode("Add").ErrorOf({OfInts({4}), OfFloats({1})}),
              HasSubstr("its inputs have types int64 and float"));
  // 1e-9 is lost in float32.
  const OnnxConstant sum = OfFloats({1 + 1e-9}, {}, DataType::DOUBLE);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OnnxConstant rest,
      FoldedNode("Sub").Of({sum, OfFloats({1}, {}, DataType::DOUBLE)}));
  EXPECT_THAT(
      FoldedNode("Mul").FloatsOf({rest, OfFloats({1e9}, {}, DataType::DOUBLE)}),
      ElementsAre(FloatEq(1.0f)));
  EXPECT_THAT(
      FoldedNode("Add").FloatsOf({OfFloats({2048}, {}, DataType::FLOAT16),
                                  OfFloats({1}, {}, DataType::FLOAT16)}),
      ElementsAre(2048));
}

TEST(FoldConstantsTest, ElementwiseFunctions) {
  const OnnxConstant x = OfFloats({-4, 0.25});
  const auto of_x = [&](const std::string& type) {
    return FoldedNode(type).FloatsOf({x});
  };
  EXPECT_THAT(of_x("Abs"), ElementsAre(4, 0.25));
  EXPECT_THAT(of_x("Exp"),
              ElementsAre(FloatEq(std::exp(-4.0f)), FloatEq(std::exp(0.25f))));
  EXPECT_THAT(of_x("Neg"), ElementsAre(4, -0.25));
  EXPECT_THAT(of_x("Reciprocal"), ElementsAre(-0.25, 4));
  EXPECT_THAT(of_x("Relu"), ElementsAre(0, 0.25));
  EXPECT_THAT(of_x("Sign"), ElementsAre(-1, 1));
  EXPECT_THAT(FoldedNode("Sqrt").FloatsOf({OfFloats({9, 0.25})}),
              ElementsAre(3, 0.5));
  EXPECT_THAT(FoldedNode("Sigmoid").FloatsOf({OfFloats({0})}),
              ElementsAre(0.5));
  EXPECT_THAT(FoldedNode("Neg").IntsOf({OfInts({3, -5})}), ElementsAre(-3, 5));
  EXPECT_THAT(FoldedNode("Exp").ErrorOf({OfInts({3})}),
              HasSubstr("of constants of type int64"));
  // Of two inputs or more, which are repeated.
  EXPECT_THAT(FoldedNode("Pow").FloatsOf({x, OfInts({2})}),
              ElementsAre(16, 0.0625));
  EXPECT_THAT(FoldedNode("Min").FloatsOf({x, OfFloats({0}), OfFloats({-1})}),
              ElementsAre(-4, -1));
  EXPECT_THAT(FoldedNode("Max").FloatsOf({x, OfFloats({0, 2}, {2, 1})}),
              ElementsAre(0, 0.25, 2, 2));
  EXPECT_THAT(FoldedNode("Mod").IntsOf({OfInts({-7, 7, -6}), OfInts({3})}),
              ElementsAre(2, 1, 0));
  EXPECT_THAT(FoldedNode("Mod").IntsOf({OfInts({7}), OfInts({-3})}),
              ElementsAre(-2));
  EXPECT_THAT(FoldedNode("Clip").FloatsOf({x, OfFloats({-1}), OfFloats({0.2})}),
              ElementsAre(-1, 0.2f));
  EXPECT_THAT(FoldedNode("Clip").With("max", 0.0f).FloatsOf({x}),
              ElementsAre(-4, 0));
}

TEST(FoldConstantsTest, ComparesAndSelects) {
  const OnnxConstant x = OfFloats({-4, 0.25});
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxConstant is_above,
                               FoldedNode("Greater").Of({x, OfFloats({0})}));
  EXPECT_EQ(is_above.type, DataType::BOOL);
  EXPECT_THAT(is_above.ints, ElementsAre(0, 1));
  EXPECT_THAT(FoldedNode("Where").FloatsOf({is_above, x, OfFloats({9})}),
              ElementsAre(9, 0.25));
  EXPECT_THAT(FoldedNode("Not").IntsOf({is_above}), ElementsAre(1, 0));
  // There is at least one image.
  const OnnxConstant shape = OfInts({kBatchSize, 4});
  EXPECT_THAT(FoldedNode("Equal").IntsOf({shape, OfInts({-1})}),
              ElementsAre(0, 0));
  EXPECT_THAT(FoldedNode("Equal").ErrorOf({shape, OfInts({4})}),
              HasSubstr("it computes with the number of images"));
  EXPECT_THAT(FoldedNode("Where").ErrorOf({x, x, x}),
              HasSubstr("its inputs have types float, float and float; "
                        "expected bool and one type"));
}

TEST(FoldConstantsTest, Reductions) {
  const OnnxConstant x = OfFloats({1, 2, 3, 4, 5, 6}, {2, 3});
  const std::vector<int64_t> last = {-1};
  const auto of_rows = [&](const std::string& type) {
    return FoldedNode(type).With("axes", last).FloatsOf({x});
  };
  EXPECT_THAT(of_rows("ReduceSum"), ElementsAre(6, 15));
  EXPECT_THAT(of_rows("ReduceMean"), ElementsAre(2, 5));
  EXPECT_THAT(of_rows("ReduceMax"), ElementsAre(3, 6));
  EXPECT_THAT(of_rows("ReduceL2"), ElementsAre(FloatEq(std::sqrt(14.0f)),
                                               FloatEq(std::sqrt(77.0f))));
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxConstant columns,
                               FoldedNode("ReduceSum").Of({x, OfInts({0})}));
  EXPECT_THAT(columns.dims, ElementsAre(1, 3));
  EXPECT_THAT(columns.floats, ElementsAre(5, 7, 9));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OnnxConstant all,
      FoldedNode("ReduceProd").With("keepdims", int64_t{0}).Of({x}));
  EXPECT_THAT(all.dims, ElementsAre());
  EXPECT_THAT(all.floats, ElementsAre(720));
  EXPECT_THAT(FoldedNode("ReduceProd").IntsOf({OfInts({3, 4, 5})}),
              ElementsAre(60));
  EXPECT_THAT(FoldedNode("ReduceProd").ErrorOf({OfInts({kBatchSize, 4})}),
              HasSubstr("it computes with the number of images"));
}

TEST(FoldConstantsTest, Products) {
  const OnnxConstant a = OfFloats({1, 2, 3, 4}, {2, 2});
  const OnnxConstant b = OfFloats({1, 10}, {2, 1});
  EXPECT_THAT(FoldedNode("MatMul").FloatsOf({a, b}), ElementsAre(21, 43));
  // Stacks of matrices, of which one is repeated.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OnnxConstant stack,
      FoldedNode("MatMul").Of({a, OfFloats({1, 10, 2, 20}, {2, 2, 1})}));
  EXPECT_THAT(stack.dims, ElementsAre(2, 2, 1));
  EXPECT_THAT(stack.floats, ElementsAre(21, 43, 42, 86));
  EXPECT_THAT(FoldedNode("MatMul").IntsOf({OfInts({1, 2}), OfInts({3, 4})}),
              ElementsAre(11));
  EXPECT_THAT(FoldedNode("Gemm")
                  .With("transA", int64_t{1})
                  .With("alpha", 2.0f)
                  .With("beta", 0.5f)
                  .FloatsOf({a, b, OfFloats({2})}),
              ElementsAre(2 * 31 + 1, 2 * 42 + 1));
}

TEST(FoldConstantsTest, MovesNumbers) {
  const OnnxConstant x = OfFloats({1, 2, 3, 4, 5, 6}, {2, 3});
  EXPECT_THAT(FoldedNode("Gather")
                  .With("axis", int64_t{1})
                  .FloatsOf({x, OfInts({-1, 0})}),
              ElementsAre(3, 1, 6, 4));
  EXPECT_THAT(FoldedNode("Concat")
                  .With("axis", int64_t{1})
                  .FloatsOf({x, OfFloats({7, 8}, {2, 1})}),
              ElementsAre(1, 2, 3, 7, 4, 5, 6, 8));
  EXPECT_THAT(
      FoldedNode("Concat")
          .With("axis", int64_t{0})
          .ErrorOf({x, OfFloats({7, 8}, {2, 1})}),
      HasSubstr(
          "its inputs are [2, 3] of type float and [2, 1] of type float"));
  EXPECT_THAT(FoldedNode("Slice").FloatsOf({x, OfInts({1, 2}), OfInts({2, -9}),
                                            OfInts({0, 1}), OfInts({1, -2})}),
              ElementsAre(6, 4));
  EXPECT_THAT(
      FoldedNode("Expand").FloatsOf({OfFloats({1, 2}, {2, 1}), OfInts({2})}),
      ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(
      FoldedNode("Tile").FloatsOf({OfFloats({1, 2}, {1, 2}), OfInts({2, 2})}),
      ElementsAre(1, 2, 1, 2, 1, 2, 1, 2));
  EXPECT_THAT(
      FoldedNode("Range").IntsOf({OfInts({7}), OfInts({0}), OfInts({-3})}),
      ElementsAre(7, 4, 1));
  EXPECT_THAT(FoldedNode("Shape").With("start", int64_t{-1}).IntsOf({x}),
              ElementsAre(3));
  const std::string batch =
      FoldedNode("ConstantOfShape").ErrorOf({OfInts({kBatchSize, 3})});
  EXPECT_THAT(batch, HasSubstr("its shape is [batch, 3]"));
}

// Sizes are checked before numbers are made.
TEST(FoldConstantsTest, LimitsSizes) {
  const int64_t huge = int64_t{1} << 40;
  EXPECT_THAT(
      FoldedNode("Tile").ErrorOf({OfFloats({1, 2}), OfInts({huge}, {1})}),
      HasSubstr("its result is [2199023255552]; expected at most "
                "1048576 numbers"));
  EXPECT_THAT(
      FoldedNode("Expand").ErrorOf({OfFloats({1}), OfInts({huge}, {1})}),
      HasSubstr("expected at most 1048576 numbers"));
  EXPECT_THAT(
      FoldedNode("Range").ErrorOf({OfInts({0}), OfInts({huge}), OfInts({1})}),
      HasSubstr("expected at most 1048576 numbers"));
  EXPECT_THAT(
      FoldedNode("Range").ErrorOf({OfInts({0}), OfInts({1}), OfInts({0})}),
      HasSubstr("its step is 0"));
  const OnnxConstant column{.dims = {4096, 1},
                            .floats = std::vector<float>(4096)};
  const OnnxConstant row{.dims = {1, 4096}, .floats = std::vector<float>(4096)};
  for (const char* type : {"Max", "MatMul", "Mul"}) {
    EXPECT_THAT(
        FoldedNode(type).ErrorOf({column, row}),
        HasSubstr("its result is [4096, 4096]; expected at most 1048576 "
                  "numbers"));
  }
  // Of nothing, sizes may be any.
  const OnnxConstant empty{.dims = {0, huge, huge}};
  for (const char* type : {"Add", "Concat", "Gather", "MatMul", "Max",
                           "ReduceSum", "Slice", "Tile"}) {
    (void)FoldedNode(type).Of({empty, empty}).status();
  }
}

}  // namespace
}  // namespace lenslet
