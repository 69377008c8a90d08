#include "lenslet/onnx/import.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/onnx/import_outputs.h"
#include "lenslet/onnx/model_writer.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pointwise;

// A column of three numbers becomes channels first by a transposition, and back
// after the convolution, as exporters of channels-last frameworks do.
TEST(ImportOnnxTest, TranspositionsVanish) {
  const std::string bytes = ModelWriter()
                                .Input("x", {0, 3, 1, 2})
                                .Floats("w", {1, 2, 1, 1}, {1, 10})
                                .Node("Transpose", {"x"}, "first")
                                .With("perm", std::vector<int64_t>{0, 3, 1, 2})
                                .Node("Conv", {"first", "w"}, "y")
                                .Node("Transpose", {"y"}, "last")
                                .With("perm", std::vector<int64_t>{0, 2, 3, 1})
                                .Node("Relu", {"last"}, "z")
                                .Output("z")
                                .Bytes();
  EXPECT_THAT(LayerNames(bytes), ElementsAre("y", "z"));
  EXPECT_THAT(OutputsFor(bytes, {1, 2, 3, 4, -5, -6}), ElementsAre(21, 43, 0));
}

// Weights in nodes; a product and a sum; a shape that is computed from the
// input's.
TEST(ImportOnnxTest, WhatExportersWrite) {
  const std::string bytes =
      ModelWriter()
          .Input("x", {0, 2, 1, 2})
          .Node("Shape", {"x"}, "shape")
          .Index("zero", 0)
          .Node("Gather", {"shape", "zero"}, "batch")
          .Ints("axes", {0})
          .Node("Unsqueeze", {"batch", "axes"}, "batches")
          .Ints("rest", {-1})
          .Node("Concat", {"batches", "rest"}, "flat_shape")
          .With("axis", int64_t{0})
          .Node("Reshape", {"x", "flat_shape"}, "flat")
          .ConstantNode("w", {4, 2}, {1, 0, 2, 0, 3, 0, 4, 1})
          .Node("MatMul", {"flat", "w"}, "product")
          .ConstantNode("b", {2}, {0.5f, -1})
          .Node("Add", {"product", "b"}, "y")
          .Node("Identity", {"y"}, "same")
          .Node("Dropout", {"same"}, "dropped")
          .Node("Softmax", {"dropped"}, "out")
          .Output("out")
          .Bytes();
  EXPECT_THAT(LayerNames(bytes), ElementsAre("flat", "y"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import, ImportOnnx(bytes));
  EXPECT_THAT(import.notes,
              ElementsAre(HasSubstr("pixels divided by 255, or numbers as "
                                    "they are; lenslet import "
                                    "--takes_bytes"),
                          HasSubstr("softmax")));
  EXPECT_EQ(import.activation, OutputActivation::kSoftmax);
  EXPECT_FALSE(import.checkpoint.has_normalization());
  // ONNX has the channels first: the first channel is {1, 3}.
  EXPECT_THAT(OutputsFor(bytes, {1, 2, 3, 4}),
              Pointwise(FloatEq(), {1 + 6 + 6 + 16 + 0.5f, 3.0f}));
}

// A linear layer whose outputs become an image, channels first.
TEST(ImportOnnxTest, LinearToImage) {
  const std::string bytes = ModelWriter()
                                .Input("x", {1, 1})
                                .Floats("w", {4, 1}, {1, 2, 3, 4})
                                .Node("Gemm", {"x", "w"}, "y")
                                .With("transB", int64_t{1})
                                .Ints("shape", {1, 2, 1, 2})
                                .Node("Reshape", {"y", "shape"}, "image")
                                .Output("image")
                                .Bytes();
  EXPECT_THAT(OutputsFor(bytes, {10}), ElementsAre(10, 30, 20, 40));
}

// Branches that are flattened, then concatenated, then read by one layer.
TEST(ImportOnnxTest, OrdersOfConcatenatedVectors) {
  const std::string bytes =
      ModelWriter()
          .Input("x", {0, 2, 1, 2})
          .Node("Flatten", {"x"}, "a")
          .Node("Relu", {"x"}, "relu")
          .Node("Flatten", {"relu"}, "b")
          .Node("Concat", {"a", "b"}, "c")
          .With("axis", int64_t{1})
          .Floats("w", {8, 1}, {1, 10, 100, 1000, 2, 20, 200, 2000})
          .Node("Gemm", {"c", "w"}, "y")
          .Output("y")
          .Bytes();
  // Channel 0 is {1, 3}, channel 1 {2, -4}.
  EXPECT_THAT(OutputsFor(bytes, {1, 2, 3, -4}),
              ElementsAre(1 + 30 + 200 - 4000 + 2 + 60 + 400));
}

// [batch, features] as [features, batch], for products from the left.
TEST(ImportOnnxTest, BatchLast) {
  ModelWriter writer;
  writer.Input("x", {0, 2})
      .Floats("w", {2, 3}, {1, 2, 3, 10, 20, 30})
      .Floats("b", {3}, {0.5f, 0, 0})
      .Node("Transpose", {"x"}, "turned")
      .With("perm", std::vector<int64_t>{1, 0})
      .Node("Gemm", {"turned", "w", "b"}, "y")
      .With("transA", int64_t{1});
  EXPECT_THAT(OutputsFor(writer.Output("y").Bytes(), {1, 2}),
              ElementsAre(21.5f, 42, 63));
  writer.Node("Relu", {"turned"}, "z");
  EXPECT_THAT(ErrorOf(writer.Bytes(), "", {.output = "z"}),
              HasSubstr("(Relu): it reads a transposition that moves the axis "
                        "of the batch; expected it first"));
  EXPECT_THAT(OutputsFor(ModelWriter()
                             .Input("x", {0, 2})
                             .Node("Transpose", {"x"}, "turned")
                             .Node("Transpose", {"turned"}, "back")
                             .Node("Relu", {"back"}, "y")
                             .Output("y")
                             .Bytes(),
                         {-1, 2}),
              ElementsAre(0, 2));
  EXPECT_EQ(ErrorOf(ModelWriter()
                        .Input("x", {0, 2})
                        .Floats("w", {2, 2}, {1, 2, 3, 4})
                        .Node("Gemm", {"x", "w"}, "y")
                        .With("transA", int64_t{1})
                        .Output("y")
                        .Bytes()),
            "node \"y_node\" (Gemm): it has transA=1, which mixes images; "
            "expected 0, or a Transpose of [batch, features] before it");
}

// As exporters write a linear layer with one output.
TEST(ImportOnnxTest, NumberAfterAMatrixProductIsABias) {
  ModelWriter writer;
  writer.Input("x", {0, 2})
      .Floats("w", {2, 1}, {3, 4})
      .Floats("b", {1}, {0.5f})
      .Node("MatMul", {"x", "w"}, "product")
      .Node("Add", {"product", "b"}, "sum");
  EXPECT_THAT(LayerNames(writer.Output("sum").Bytes()), ElementsAre("sum"));
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1, 2}), ElementsAre(11.5f));
  // Not if another node reads the product.
  writer.Node("Mul", {"sum", "product"}, "y");
  writer.model().mutable_graph()->mutable_output(0)->set_name("y");
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1, 2}), ElementsAre(126.5f));
}

// A layer may change for a constant only if no other node reads it.
TEST(ImportOnnxTest, ConstantsAfterValuesThatAreReadTwice) {
  for (const char* type : {"Add", "Mul"}) {
    ModelWriter writer;
    writer.Input("x", {0, 2})
        .Floats("w", {2, 2}, {1, 2, 3, 4})
        .Floats("numbers", {2}, {10, 100})
        .Node("MatMul", {"x", "w"}, "product")
        .Node("Identity", {"product"}, "same")
        .Node(type, {"same", "numbers"}, "changed")
        .Node("Sub", {"changed", "numbers"}, "again")
        .Node("Add", {"product", "again"}, "y");
    EXPECT_THAT(OutputsFor(writer.Output("y").Bytes(), {1, 1}),
                type[0] == 'A' ? ElementsAre(8, 12) : ElementsAre(34, 506))
        << type;
  }
}

TEST(ImportOnnxTest, VectorsThatAreScaledTwice) {
  ModelWriter writer;
  writer.Input("x", {0, 2})
      .Floats("a", {2}, {10, 100})
      .Node("Relu", {"x"}, "r")
      .Node("Mul", {"r", "a"}, "scaled")
      .Node("Add", {"scaled", "a"}, "sum")
      .Node("Add", {"sum", "scaled"}, "y")
      .Output("y");
  EXPECT_THAT(LayerNames(writer.Bytes()),
              ElementsAre("r", "scaled/image", "scaled/scale", "scaled",
                          "sum/scale", "sum", "y"));
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1, 2}), ElementsAre(30, 500));
  // The numbers of a flattened image, in ONNX's order.
  ModelWriter flat;
  flat.Input("x", {0, 2, 1, 2})
      .Floats("a", {4}, {1, 10, 100, 1000})
      .Floats("w", {4, 1}, {1, 1, 1, 1})
      .Node("Flatten", {"x"}, "flat")
      .Node("Relu", {"flat"}, "r")
      .Node("Mul", {"r", "a"}, "scaled")
      .Node("Add", {"scaled", "a"}, "sum")
      .Node("MatMul", {"sum", "w"}, "y")
      .Output("y");
  EXPECT_THAT(LayerNames(flat.Bytes()),
              ElementsAre("flat", "r", "scaled/image", "scaled/scale",
                          "sum/scale", "sum", "y"));
  EXPECT_THAT(OutputsFor(flat.Bytes(), {1, 2, 3, 4}),
              ElementsAre(1111 + 1 + 30 + 200 + 4000));
}

// The image is there already, and a second export adds no layers.
TEST(ImportOnnxTest, FlattensAndReshapesBack) {
  const std::string bytes = ModelWriter()
                                .Input("x", {0, 2, 1, 2})
                                .Node("Relu", {"x"}, "r")
                                .Node("Flatten", {"r"}, "flat")
                                .Ints("shape", {-1, 2, 1, 2})
                                .Node("Reshape", {"flat", "shape"}, "image")
                                .Floats("b", {2, 1, 1}, {10, 20})
                                .Node("Add", {"image", "b"}, "sum")
                                .Node("Flatten", {"sum"}, "flat_sum")
                                .Node("Add", {"flat_sum", "flat"}, "both")
                                .Floats("w", {4, 1}, {1, 10, 100, 1000})
                                .Node("MatMul", {"both", "w"}, "y")
                                .Output("y")
                                .Bytes();
  EXPECT_THAT(LayerNames(bytes),
              ElementsAre("r", "flat", "sum", "flat_sum", "both", "y"));
  // In ONNX's order, 1, 3, 2 and 4, twice, and 10 or 20 more.
  EXPECT_THAT(OutputsFor(bytes, {1, 2, 3, 4}),
              ElementsAre(12 + 160 + 2400 + 28000));
}

TEST(ImportOnnxTest, VectorsTimesAndPlusNumbers) {
  const auto outputs = [](const std::vector<std::vector<std::string>>& steps) {
    ModelWriter writer;
    writer.Input("x", {0, 2})
        .Floats("w", {2, 3}, {1, 2, 3, 4, 5, 6})
        .Floats("half", {}, {0.5f})
        .Floats("three", {3}, {1, 10, 100});
    std::string value = "x";
    for (const std::vector<std::string>& step : steps) {
      const std::string next = absl::StrCat(value, "_");
      writer.Node(step[0],
                  step.size() > 1 ? std::vector<std::string>{value, step[1]}
                                  : std::vector<std::string>{value},
                  next);
      value = next;
    }
    return OutputsFor(writer.Output(value).Bytes(), {1, 2});
  };
  // In the linear layer.
  EXPECT_THAT(outputs({{"MatMul", "w"}, {"Mul", "half"}, {"Sub", "half"}}),
              ElementsAre(4, 5.5f, 7));
  EXPECT_THAT(outputs({{"MatMul", "w"}, {"Mul", "three"}, {"Add", "three"}}),
              ElementsAre(10, 130, 1600));
  EXPECT_THAT(outputs({{"MatMul", "w"}, {"Add", "three"}, {"Div", "half"}}),
              ElementsAre(20, 44, 230));
  // After other layers.
  EXPECT_THAT(outputs({{"MatMul", "w"}, {"Relu"}, {"Mul", "half"}}),
              ElementsAre(4.5f, 6, 7.5f));
  EXPECT_THAT(
      outputs({{"MatMul", "w"}, {"Relu"}, {"Div", "three"}, {"Sub", "half"}}),
      ElementsAre(8.5f, FloatEq(0.7f), FloatEq(0.15f - 0.5f)));
}

// Decoders as PyTorch exports them: an image is made of a vector.
TEST(ImportOnnxTest, ReshapesVectorsToImages) {
  const auto model = [](bool channels_last) {
    ModelWriter writer;
    writer.Input("x", {0, 1})
        .Floats("w", {1, 4}, {1, 2, 3, 4})
        .Floats("scale", {4}, {1, 2, 1, 2})
        .Floats("zeros", {4}, {0, 0, 0, 0})
        .Floats("ones", {4}, {1, 1, 1, 1})
        .Floats("channels", {1, 2, 1, 1}, {100, 1})
        .Node("MatMul", {"x", "w"}, "linear")
        .Node("Relu", {"linear"}, "relu")
        .Node("BatchNormalization", {"relu", "scale", "zeros", "zeros", "ones"},
              "norm")
        .With("epsilon", 1e-9f);
    if (channels_last) {
      writer.Ints("shape", {-1, 1, 2, 2})
          .Node("Reshape", {"norm", "shape"}, "last")
          .Node("Transpose", {"last"}, "image")
          .With("perm", std::vector<int64_t>{0, 3, 1, 2});
    } else {
      writer.Ints("shape", {-1, 2, 1, 2})
          .Node("Reshape", {"norm", "shape"}, "image");
    }
    return writer.Node("Conv", {"image", "channels"}, "y").Output("y").Bytes();
  };
  // Of [1, 4, 3, 8]: channels [1, 4] and [3, 8], or [1, 3] and [4, 8].
  EXPECT_THAT(OutputsFor(model(false), {1}),
              ElementsAre(FloatEq(103), FloatEq(408)));
  EXPECT_THAT(OutputsFor(model(true), {1}),
              ElementsAre(FloatEq(104), FloatEq(308)));
}

TEST(ImportOnnxTest, ComputesWithConstants) {
  ModelWriter writer(13);
  writer.Input("x", {0, 2})
      .Floats("v", {2, 2}, {1, 2, 3, 4})
      .Floats("g", {1, 2}, {1, 10})
      .Floats("u", {2, 1}, {1, 100})
      .Node("Mul", {"v", "g"}, "by_column")
      .Node("Mul", {"by_column", "u"}, "by_row")
      .Node("MatMul", {"by_row", "v"}, "product")
      .Node("Neg", {"product"}, "weight")
      .Node("MatMul", {"x", "weight"}, "y")
      .Output("y");
  // [1, 20; 300, 4000] times [1, 2; 3, 4].
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1, 1}),
              ElementsAre(-61 - 12300, -82 - 16600));
  ModelWriter different;
  different.Input("x", {0, 2})
      .Floats("a", {2}, {1, 2})
      .Floats("b", {3}, {1, 2, 3})
      .Node("Add", {"a", "b"}, "sum")
      .Node("Add", {"x", "sum"}, "y")
      .Output("y");
  EXPECT_THAT(ErrorOf(different.Bytes()),
              HasSubstr("its inputs are [2] and [3]; expected equal sizes"));
  ModelWriter factors;
  factors.Input("x", {0, 2})
      .Floats("a", {2, 2}, {1, 2, 3, 4})
      .Floats("b", {3}, {1, 2, 3})
      .Node("MatMul", {"a", "b"}, "product")
      .Node("Add", {"x", "product"}, "y")
      .Output("y");
  EXPECT_THAT(ErrorOf(factors.Bytes()),
              HasSubstr("its factors are [2, 2] and [3]; expected the first's "
                        "last size, 2, as the second's first"));
}

TEST(ImportOnnxTest, ListsOfNumbersInNodes) {
  ModelWriter writer(13);
  writer.Input("x", {0, 2})
      .Node("Constant", {}, "shape")
      .With("value_ints", std::vector<int64_t>{0, -1})
      .Node("Reshape", {"x", "shape"}, "same")
      .Node("Constant", {}, "terms");
  onnx::AttributeProto& terms = *writer.model()
                                     .mutable_graph()
                                     ->mutable_node()
                                     ->rbegin()
                                     ->add_attribute();
  terms.set_name("value_floats");
  terms.set_type(onnx::AttributeProto::FLOATS);
  terms.add_floats(10);
  terms.add_floats(0.5f);
  writer.Floats("w", {2, 2}, {1, 0, 0, 1})
      .Node("MatMul", {"same", "w"}, "product")
      .Node("Add", {"product", "terms"}, "y")
      .Output("y");
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1, 2}), ElementsAre(11, 2.5f));
}

TEST(ImportOnnxTest, NodesThatTheOutputDoesNotDependOn) {
  ModelWriter writer;
  writer.Input("x", {0, 2})
      .Node("Relu", {"x"}, "y")
      .Node("Exp", {"x"}, "unused")
      .Output("y");
  EXPECT_THAT(LayerNames(writer.Bytes()), ElementsAre("y"));
}

TEST(ImportOnnxTest, MeansOfOneSide) {
  const auto model = [](int64_t keeps_axes) {
    return ModelWriter(13)
        .Input("x", {0, 2, 1, 3})
        .Node("ReduceMean", {"x"}, "rows")
        .With("axes", std::vector<int64_t>{3})
        .With("keepdims", keeps_axes)
        .Node("Relu", {"rows"}, "y")
        .Output("y")
        .Bytes();
  };
  for (const int64_t keeps_axes : {0, 1}) {
    EXPECT_THAT(OutputsFor(model(keeps_axes), {1, 4, 2, 5, 3, 6}),
                ElementsAre(2, 5));
  }
}

// Lenslet's output is [1, 3, 2]: the first axis is the one that is reduced.
TEST(ImportOnnxTest, SaysTheOrderOfTheOutputsAxes) {
  const auto notes_of = [](std::vector<int64_t> order) {
    const absl::StatusOr<OnnxImport> import =
        ImportOnnx(ModelWriter()
                       .Input("x", {0, 2, 4, 3})
                       .Node("Relu", {"x"}, "r")
                       .Node("Transpose", {"r"}, "turned")
                       .With("perm", std::move(order))
                       .Node("ReduceMax", {"turned"}, "y")
                       .With("axes", std::vector<int64_t>{1})
                       .Output("y")
                       .Metadata("targets", "values")
                       .Bytes(),
                   "", {.takes_bytes = true});
    LENSLET_EXPECT_OK(import);
    return import.ok() ? import->notes : std::vector<std::string>();
  };
  EXPECT_THAT(notes_of({0, 2, 1, 3}),
              ElementsAre("the output [batch, 1, 2, 3] becomes [1, 3, 2], "
                          "channels last, which are its axes 1, 3, 2"));
  EXPECT_THAT(notes_of({0, 2, 3, 1}), ElementsAre());
}

TEST(ImportOnnxTest, NormalizationsThatAreNone) {
  for (const float divisor : {0.0f, -2.0f}) {
    ModelWriter writer;
    writer.Input("x", {0, 1, 1, 2})
        .Floats("divisor", {}, {divisor})
        .Node("Div", {"x", "divisor"}, "scaled")
        .Node("Relu", {"scaled"}, "y")
        .Output("y");
    if (divisor == 0) {
      EXPECT_THAT(ErrorOf(writer.Bytes()), HasSubstr("it has the number 0"));
    } else {
      EXPECT_THAT(OutputsFor(writer.Bytes(), {-6, 4}), ElementsAre(3, 0));
    }
  }
}

TEST(ImportOnnxTest, NegativeVariance) {
  ModelWriter writer;
  writer.Input("x", {0, 2, 1, 1})
      .Floats("ones", {2}, {1, 1})
      .Floats("var", {2}, {1, -0.25f})
      .Node("BatchNormalization", {"x", "ones", "ones", "ones", "var"}, "y")
      .Output("y");
  EXPECT_EQ(ErrorOf(writer.Bytes()),
            "node \"y_node\" (BatchNormalization): its var has -0.25; expected "
            "variances of at least 0");
}

// A factor and a term become a layer where an image has them.
TEST(ImportOnnxTest, FactorsAndTermsOfImages) {
  const std::string bytes =
      ModelWriter()
          .Input("x", {0, 2, 1, 1})
          .Floats("two", {1}, {2})
          .Floats("half", {1}, {0.5f})
          .Node("Relu", {"x"}, "relu")
          .Node("Mul", {"relu", "two"}, "scaled")
          .Node("Add", {"scaled", "half"}, "shifted")
          .Node("MaxPool", {"shifted"}, "pool")
          .With("kernel_shape", std::vector<int64_t>{1, 1})
          .Node("Add", {"shifted", "pool"}, "y")
          .Output("y")
          .Bytes();
  EXPECT_THAT(LayerNames(bytes), ElementsAre("relu", "shifted", "pool", "y"));
  EXPECT_THAT(OutputsFor(bytes, {3, -1}), ElementsAre(13, 1));
}

// Squeeze and excitation: a number for each channel weighs it, and another is
// added.
// A number, numbers and a value minus a value.
TEST(ImportOnnxTest, Differences) {
  const auto model = [](std::vector<std::string> inputs,
                        const std::string& first = "Relu") {
    return ModelWriter()
        .Input("x", {0, 2, 1, 2})
        .Floats("one", {}, {1})
        .Floats("channels", {2, 1, 1}, {10, 100})
        .Floats("half", {}, {0.5f})
        .Node(first, {"x"}, "r")
        .Node("Mul", {"r", "half"}, "h")
        .Node("Add", {"h", "one"}, "a")
        .Node("Sub", std::move(inputs), "y")
        .Output("y")
        .Bytes();
  };
  const std::vector<float> x = {1, 2, 3, 4};
  EXPECT_THAT(OutputsFor(model({"one", "r"}), x), ElementsAre(0, -1, -2, -3));
  EXPECT_THAT(OutputsFor(model({"one", "a"}), x),
              ElementsAre(-0.5f, -1, -1.5f, -2));
  EXPECT_THAT(OutputsFor(model({"channels", "r"}), x),
              ElementsAre(9, 98, 7, 96));
  EXPECT_THAT(OutputsFor(model({"channels", "a"}), x),
              ElementsAre(8.5f, 98, 7.5f, 97));
  EXPECT_THAT(OutputsFor(model({"r", "a"}), x), ElementsAre(-0.5f, 0, 0.5f, 1));
  EXPECT_THAT(OutputsFor(model({"a", "r"}), x),
              ElementsAre(0.5f, 0, -0.5f, -1));
  EXPECT_THAT(OutputsFor(model({"h", "h"}), x), ElementsAre(0, 0, 0, 0));
  // Nothing is a normalization of the input that subtracts it.
  EXPECT_THAT(OutputsFor(ModelWriter()
                             .Input("x", {0, 2})
                             .Floats("one", {}, {1})
                             .Node("Sub", {"one", "x"}, "d")
                             .Node("Relu", {"d"}, "y")
                             .Output("y")
                             .Bytes(),
                         {0.25f, 3}),
              ElementsAre(0.75f, 0));
  // A sum is one: 1 - -x.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OnnxImport sum, ImportOnnx(ModelWriter()
                                           .Input("x", {0, 2})
                                           .Floats("one", {}, {1})
                                           .Node("Neg", {"x"}, "minus")
                                           .Node("Sub", {"one", "minus"}, "s")
                                           .Node("Relu", {"s"}, "y")
                                           .Output("y")
                                           .Bytes()));
  EXPECT_THAT(sum.checkpoint.normalization().mean(), ElementsAre(-1));
}

// A condition that is a constant; in its branch is another one, and constants
// whose names other branches have, too.
TEST(ImportOnnxTest, BranchesOfConstantConditions) {
  ModelWriter writer;
  writer.Input("x", {0, 2})
      .Node("Relu", {"x"}, "r")
      .Ints("yes", {1})
      .Node("If", {"yes"}, "a");
  const auto add_branch = [](onnx::NodeProto& node, const std::string& value,
                             float term) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name("then_branch");
    attribute.set_type(onnx::AttributeProto::GRAPH);
    ModelWriter inner;
    inner.Floats("k", {2}, {term, 10 * term})
        .Node("Add", {value, "k"}, "inner")
        .Output("inner");
    *attribute.mutable_g() = inner.model().graph();
    return attribute.mutable_g();
  };
  onnx::GraphProto& graph = *writer.model().mutable_graph();
  onnx::GraphProto* outer = add_branch(*graph.mutable_node(1), "r", 1);
  onnx::NodeProto& nested = *outer->add_node();
  nested.set_op_type("If");
  nested.add_input("yes");
  nested.add_output("nested");
  onnx::GraphProto* inner = add_branch(nested, "inner", 2);
  inner->mutable_initializer(0)->set_name("k2");
  inner->mutable_node(0)->set_input(1, "k2");
  inner->mutable_node(0)->set_output(0, "inner2");
  inner->mutable_output(0)->set_name("inner2");
  outer->mutable_output(0)->set_name("nested");
  writer.Node("If", {"yes"}, "inner").Output("inner");
  add_branch(*graph.mutable_node(2), "a", 4);
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1, 2}), ElementsAre(8, 72));
}

TEST(ImportOnnxTest, RepeatedFactorsAndTerms) {
  const std::string bytes = ModelWriter()
                                .Input("x", {0, 2, 1, 2})
                                .Node("GlobalMaxPool", {"x"}, "largest")
                                .Node("Mul", {"x", "largest"}, "product")
                                .Node("Add", {"largest", "product"}, "y")
                                .Output("y")
                                .Bytes();
  EXPECT_THAT(LayerTypes(bytes), ElementsAre("global_max_pool", "mul", "add"));
  // Channel 0 is {1, 3}, channel 1 {2, 4}.
  EXPECT_THAT(OutputsFor(bytes, {1, 2, 3, 4}),
              ElementsAre(3 + 3, 8 + 4, 9 + 3, 16 + 4));
}

// Twice x times three of x.
TEST(ImportOnnxTest, FactorsOfAProduct) {
  const std::string bytes = ModelWriter()
                                .Input("x", {0, 2})
                                .Floats("two", {}, {2})
                                .Floats("half", {}, {0.5f})
                                .Node("Relu", {"x"}, "relu")
                                .Node("Mul", {"relu", "two"}, "double")
                                .Node("Mul", {"double", "relu"}, "product")
                                .Node("Mul", {"product", "half"}, "y")
                                .Output("y")
                                .Bytes();
  EXPECT_THAT(OutputsFor(bytes, {3, -4}), ElementsAre(9, 0));
}

// The chosen output may be any value. What follows it, or is beside it, is not
// read.
TEST(ImportOnnxTest, OutputInTheMiddle) {
  const std::string bytes = ModelWriter()
                                .Input("x", {0, 2})
                                .Node("Relu", {"x"}, "scores")
                                .Node("Softmax", {"scores"}, "probabilities")
                                .Node("ArgMax", {"probabilities"}, "class")
                                .Node("LSTM", {"x"}, "other")
                                .Output("class")
                                .Output("other")
                                .Bytes();
  EXPECT_THAT(ErrorOf(bytes, "", {.output = "class"}),
              AllOf(HasSubstr("(Softmax)"), HasSubstr("(ArgMax)"),
                    Not(HasSubstr("LSTM"))));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OnnxImport import,
      ImportOnnx(bytes, "", {.output = "probabilities"}));
  EXPECT_EQ(import.activation, OutputActivation::kSoftmax);
  EXPECT_EQ(import.checkpoint.model().layer_size(), 1);
}

// A model for four images, whose number a reshape repeats.
TEST(ImportOnnxTest, FixedNumberOfImages) {
  EXPECT_THAT(OutputsFor(ModelWriter()
                             .Input("x", {4, 1, 2, 1})
                             .Ints("shape", {4, 2})
                             .Node("Reshape", {"x", "shape"}, "flat")
                             .Floats("w", {2, 1}, {1, 10})
                             .Node("Gemm", {"flat", "w"}, "y")
                             .Output("y")
                             .Bytes(),
                         {1, 2}),
              ElementsAre(21));
}

// Models for one image may lose the axis of the batch, and get it back.
TEST(ImportOnnxTest, WithoutTheBatch) {
  const auto model = [](int64_t images) {
    return ModelWriter()
        .Input("x", {images, 2})
        .Floats("w", {2, 2}, {1, 0, 1, 1})
        .Floats("three", {2}, {3, 30})
        .Ints("first", {0})
        .Node("MatMul", {"x", "w"}, "a")
        .Node("Squeeze", {"a", "first"}, "vector")
        .Node("Add", {"vector", "three"}, "b")
        .Node("MatMul", {"b", "w"}, "c")
        .Node("Unsqueeze", {"c", "first"}, "d")
        .Node("Relu", {"d"}, "y")
        .Output("y");
  };
  EXPECT_THAT(OutputsFor(model(1).Bytes(), {1, 2}), ElementsAre(38, 32));
  EXPECT_THAT(ErrorOf(model(0).Bytes()), HasSubstr("its axes have 0"));
  // The output may lack it, too.
  ModelWriter vector;
  vector.Input("x", {1, 2, 1, 2})
      .Floats("channels", {1, 2, 1, 1}, {1, 10})
      .Floats("w", {2, 1}, {1, 100})
      .Ints("flat", {-1})
      .Node("Conv", {"x", "channels"}, "a")
      .Node("Reshape", {"a", "flat"}, "b")
      .Node("MatMul", {"b", "w"}, "y")
      .Output("y");
  EXPECT_THAT(OutputsFor(vector.Bytes(), {1, 2, 3, 4}), ElementsAre(21 + 4300));
  // Operators that need it say so, and so does a constant that brings it back.
  ModelWriter conv = model(1);
  conv.Floats("image", {1, 1, 1}, {1}).Node("Add", {"vector", "image"}, "z");
  EXPECT_THAT(ErrorOf(conv.Bytes(), "", {.output = "z"}),
              HasSubstr("its constant is [1, 1, 1], and it reads a value of 1 "
                        "axes without that of the batch"));
  conv.Node("GlobalAveragePool", {"vector"}, "p");
  EXPECT_THAT(ErrorOf(conv.Bytes(), "", {.output = "p"}),
              HasSubstr("it reads a value without the axis of the batch"));
}

}  // namespace
}  // namespace lenslet
