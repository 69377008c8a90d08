#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/onnx/import.h"
#include "lenslet/onnx/import_outputs.h"
#include "lenslet/onnx/model_writer.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::FloatNear;
using ::testing::HasSubstr;

// A decoder: a linear layer makes 1, 2, 3 and 4 of the input 1. After other
// nodes, these become an image of two channels, [v0, v1] and [v2, v3].
class OrderOfVectors : public ::testing::Test {
 protected:
  static ModelWriter Model() {
    ModelWriter writer;
    writer.Input("x", {0, 1})
        .Floats("w", {1, 4}, {1, 2, 3, 4})
        .Floats("square", {4, 4},
                {0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0})
        .Floats("channels", {1, 2, 1, 1}, {100, 1})
        .Floats("sum", {4, 1}, {1, 10, 100, 1000})
        .Floats("one", {}, {1})
        .Floats("half", {}, {0.5f})
        .Floats("root", {}, {std::sqrt(2.0f)})
        .Ints("image", {-1, 2, 1, 2})
        .Ints("axis", {1})
        .Node("MatMul", {"x", "w"}, "v")
        .Output("y");
    return writer;
  }
  // 100 v0 + v2 and 100 v1 + v3.
  static std::vector<float> OutputsOf(ModelWriter writer) {
    writer.Node("Reshape", {"last", "image"}, "reshaped")
        .Node("Conv", {"reshaped", "channels"}, "y");
    return OutputsFor(writer.Bytes(), {1});
  }
  static testing::Matcher<std::vector<float>> AreOf(
      const std::function<double(double)>& f) {
    const auto near = [](double y) {
      return FloatNear(static_cast<float>(y), 1e-4f);
    };
    return ElementsAre(near(100 * f(1) + f(3)), near(100 * f(2) + f(4)));
  }
};

TEST_F(OrderOfVectors, FunctionsOfSeveralNodes) {
  ModelWriter silu = Model();
  silu.Node("Sigmoid", {"v"}, "gate").Node("Mul", {"v", "gate"}, "last");
  EXPECT_THAT(OutputsOf(silu),
              AreOf([](double x) { return x / (1 + std::exp(-x)); }));
  ModelWriter gelu = Model();
  gelu.Node("Div", {"v", "root"}, "scaled")
      .Node("Erf", {"scaled"}, "erf")
      .Node("Add", {"erf", "one"}, "phi")
      .Node("Mul", {"v", "phi"}, "double")
      .Node("Mul", {"double", "half"}, "last");
  EXPECT_THAT(OutputsOf(gelu), AreOf([](double x) {
                return x * (1 + std::erf(x / std::sqrt(2.0))) / 2;
              }));
}

TEST_F(OrderOfVectors, FactorsAndSums) {
  ModelWriter negative = Model();
  negative.Node("Relu", {"v"}, "relu")
      .Node("Neg", {"relu"}, "minus")
      .Node("Tanh", {"minus"}, "last");
  EXPECT_THAT(OutputsOf(negative),
              AreOf([](double x) { return std::tanh(-x); }));
  // Of the next number, or the first.
  ModelWriter residual = Model();
  residual.Node("MatMul", {"v", "square"}, "u").Node("Add", {"u", "v"}, "last");
  EXPECT_THAT(OutputsOf(residual),
              ElementsAre(100 * (4 + 1) + 2 + 3, 100 * (1 + 2) + 3 + 4));
}

TEST_F(OrderOfVectors, OtherReaders) {
  // Before the reshape and after it.
  ModelWriter linear = Model();
  linear.Node("Relu", {"v"}, "last")
      .Node("MatMul", {"last", "sum"}, "a")
      .Node("Reshape", {"last", "image"}, "first_image")
      .Node("Conv", {"first_image", "channels"}, "b")
      .Node("MatMul", {"last", "sum"}, "c")
      .Node("Add", {"a", "c"}, "two")
      .Node("Reshape", {"last", "image"}, "second_image")
      .Node("Conv", {"second_image", "channels"}, "d")
      .Node("Flatten", {"d"}, "flat")
      .Node("Add", {"flat", "two"}, "y");
  EXPECT_THAT(OutputsFor(linear.Bytes(), {1}),
              ElementsAre(103 + 2 * 4321, 204 + 2 * 4321));
  ModelWriter again = Model();
  again.Node("Unsqueeze", {"v", "axis"}, "row")
      .Node("Identity", {"row"}, "same")
      .Node("Squeeze", {"same", "axis"}, "last");
  EXPECT_THAT(OutputsOf(again), ElementsAre(103, 204));
}

TEST_F(OrderOfVectors, OfTwoImages) {
  ModelWriter writer = Model();
  writer.Ints("other", {-1, 1, 2, 2})
      .Floats("spots", {2, 1, 2, 2}, {1, 10, 100, 1000, 1, 1, 1, 1})
      .Node("Reshape", {"v", "image"}, "first")
      .Node("Conv", {"first", "channels"}, "a")
      .Node("Reshape", {"v", "other"}, "second")
      .Node("Conv", {"second", "spots"}, "b")
      .Node("Flatten", {"a"}, "a_flat")
      .Node("Flatten", {"b"}, "b_flat")
      .Node("Add", {"a_flat", "b_flat"}, "y");
  EXPECT_THAT(
      ErrorOf(writer.Bytes()),
      HasSubstr("(Reshape): it reshapes [batch, 4] to [batch, 1, 2, 2], "
                "whose numbers other nodes read in another order"));
  // The input's order is fixed.
  ModelWriter input;
  input.Input("x", {0, 4})
      .Ints("image", {-1, 2, 1, 2})
      .Floats("channels", {1, 2, 1, 1}, {100, 1})
      .Node("Reshape", {"x", "image"}, "image_of_x")
      .Node("Conv", {"image_of_x", "channels"}, "y")
      .Output("y");
  EXPECT_THAT(ErrorOf(input.Bytes()),
              HasSubstr("it reads an image that a reshape makes of a vector, "
                        "whose numbers layers have in another order"));
}

// Each vector is a channel, or some.
TEST_F(OrderOfVectors, OfJoinedVectors) {
  ModelWriter writer = Model();
  writer.Floats("two", {1, 8}, {5, 6, 7, 8, 9, 10, 11, 12})
      .Floats("six", {1, 6, 1, 1}, {1, 10, 100, 1000, 10000, 100000})
      .Ints("images", {-1, 6, 1, 2})
      .Node("MatMul", {"x", "two"}, "u")
      .Node("Concat", {"v", "u"}, "joined")
      .With("axis", int64_t{1})
      .Node("Reshape", {"joined", "images"}, "image_of_all")
      .Node("Conv", {"image_of_all", "six"}, "y");
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1}), ElementsAre(1197531, 1308642));
  // The same numbers cannot have two orders.
  writer.model().mutable_graph()->mutable_node(2)->set_input(1, "v");
  writer.model().mutable_graph()->mutable_node(2)->add_input("v");
  EXPECT_THAT(ErrorOf(writer.Bytes()),
              HasSubstr("(Conv): it reads an image that a reshape makes"));
}

// Decoders of frameworks with channels last.
TEST_F(OrderOfVectors, ChannelsLast) {
  ModelWriter writer = Model();
  writer.Ints("rows", {-1, 1, 2, 2})
      .Floats("scale", {2}, {1, 2})
      .Floats("bias", {1, 1, 1, 2}, {0, 10})
      .Node("Reshape", {"v", "rows"}, "image_last")
      .Node("Mul", {"image_last", "scale"}, "scaled")
      .Node("Add", {"scaled", "bias"}, "sum_last")
      .Node("Relu", {"sum_last"}, "relu")
      .Node("Transpose", {"relu"}, "image_first")
      .With("perm", std::vector<int64_t>{0, 3, 1, 2})
      .Node("Conv", {"image_first", "channels"}, "y");
  // Channels [1, 3] and [2, 4], of which the second becomes [14, 18].
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1}), ElementsAre(114, 318));
}

// A normalization of the channels of an image with channels first.
TEST_F(OrderOfVectors, ChannelsLastBetween) {
  ModelWriter writer(17);
  writer.Input("x", {0, 2})
      .Ints("image", {-1, 2, 1, 1})
      .Floats("scale", {2}, {1, 2})
      .Floats("bias", {2}, {0, 10})
      .Floats("channels", {1, 2, 1, 1}, {100, 1})
      .Node("Reshape", {"x", "image"}, "first")
      .Node("Transpose", {"first"}, "last")
      .With("perm", std::vector<int64_t>{0, 2, 3, 1})
      .Node("LayerNormalization", {"last", "scale", "bias"}, "norm")
      .Node("Transpose", {"norm"}, "back")
      .With("perm", std::vector<int64_t>{0, 3, 1, 2})
      .Node("Conv", {"back", "channels"}, "y")
      .Output("y");
  // -1 and 1 become -1 and 12.
  EXPECT_THAT(OutputsFor(writer.Bytes(), {100, 300}),
              ElementsAre(FloatNear(-88, 1e-3f)));
}

// A flattened image and a linear layer's vector are added in the image's order.
TEST_F(OrderOfVectors, OfSums) {
  ModelWriter writer;
  writer.Input("x", {0, 2, 1, 2})
      .Floats("w", {4, 4}, {1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4})
      .Floats("sum", {4, 1}, {1, 10, 100, 1000})
      .Node("Flatten", {"x"}, "flat")
      .Node("MatMul", {"flat", "w"}, "v")
      .Node("Relu", {"flat"}, "relu")
      .Node("Add", {"relu", "v"}, "both")
      .Node("MatMul", {"both", "sum"}, "y")
      .Output("y");
  // Channels first: 1, 3, 2 and 4, times 2, 3, 4 and 5.
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1, 2, 3, 4}),
              ElementsAre(2 + 90 + 800 + 20000));
  // One vector in two orders.
  ModelWriter twice = Model();
  twice.Ints("square_image", {-1, 2, 2})
      .Ints("vector", {-1, 4})
      .Node("Reshape", {"v", "square_image"}, "rows")
      .Node("Transpose", {"rows"}, "columns")
      .With("perm", std::vector<int64_t>{0, 2, 1})
      .Node("Reshape", {"columns", "vector"}, "u")
      .Node("Add", {"u", "v"}, "both")
      .Node("MatMul", {"both", "sum"}, "y");
  for (const char* type : {"Add", "Sub"}) {
    twice.model().mutable_graph()->mutable_node(4)->set_op_type(type);
    EXPECT_THAT(ErrorOf(twice.Bytes()),
                HasSubstr("its inputs have their numbers in different orders"));
  }
}

}  // namespace
}  // namespace lenslet
