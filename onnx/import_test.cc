#include "lenslet/onnx/import.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/onnx/model_writer.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"
#include "lenslet/predict/predictor.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pointwise;

// The outputs of the imported model for one example, channels last.
std::vector<float> OutputsFor(const std::string& bytes,
                              std::vector<float> example,
                              const OnnxImportOptions& options = {}) {
  absl::StatusOr<OnnxImport> import = ImportOnnx(bytes, "", options);
  LENSLET_EXPECT_OK(import);
  if (!import.ok()) return {};
  absl::StatusOr<Graph> graph = GraphOf(import->checkpoint);
  LENSLET_EXPECT_OK(graph);
  import->checkpoint.set_target_kind(VALUES);
  absl::StatusOr<std::unique_ptr<Predictor>> predictor =
      Predictor::Create(import->checkpoint, {.backend = Backend::kReference});
  LENSLET_EXPECT_OK(predictor);
  if (!graph.ok() || !predictor.ok()) return {};
  std::vector<float> outputs(
      graph->ShapeOfValue(graph->output_value()).elements());
  LENSLET_EXPECT_OK(
      (*predictor)
          ->Predict(absl::MakeConstSpan(example), absl::MakeSpan(outputs)));
  return outputs;
}

std::vector<std::string> LayerNames(const std::string& bytes) {
  absl::StatusOr<OnnxImport> import = ImportOnnx(bytes);
  LENSLET_EXPECT_OK(import);
  std::vector<std::string> names;
  if (!import.ok()) return names;
  for (const LayerProto& layer : import->checkpoint.model().layer()) {
    names.push_back(layer.name());
  }
  return names;
}

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

TEST(ImportOnnxTest, NormalizationOfTheInput) {
  ModelWriter writer;
  writer.Input("x", {0, 2, 1, 1})
      .Floats("mean", {2, 1, 1}, {0.5f, 0.25f})
      .Floats("deviation", {1, 2, 1, 1}, {2, 4})
      .Node("Sub", {"x", "mean"}, "centered")
      .Node("Div", {"centered", "deviation"}, "normalized")
      .Node("Relu", {"normalized"}, "y")
      .Output("y");
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                               ImportOnnx(writer.Bytes()));
  EXPECT_THAT(import.checkpoint.normalization().mean(),
              ElementsAre(0.5f, 0.25f));
  EXPECT_THAT(import.checkpoint.normalization().deviation(), ElementsAre(2, 4));
  EXPECT_THAT(OutputsFor(writer.Bytes(), {2.5f, 4.25f}), ElementsAre(1, 1));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OnnxImport bytes,
      ImportOnnx(writer.Bytes(), "", {.takes_bytes = true}));
  EXPECT_THAT(bytes.checkpoint.normalization().deviation(),
              Pointwise(FloatEq(), {2.0f / 255, 4.0f / 255}));
}

TEST(ImportOnnxTest, Gelu) {
  const std::string bytes = ModelWriter()
                                .Input("x", {0, 2})
                                .Floats("sqrt2", {}, {1.41421356f})
                                .Floats("one", {}, {1})
                                .Floats("half", {}, {0.5f})
                                .Node("Div", {"x", "sqrt2"}, "scaled")
                                .Node("Erf", {"scaled"}, "erf")
                                .Node("Add", {"erf", "one"}, "phi")
                                .Node("Mul", {"x", "phi"}, "double")
                                .Node("Mul", {"double", "half"}, "y")
                                .Output("y")
                                .Bytes();
  EXPECT_THAT(LayerNames(bytes), ElementsAre("y"));
  EXPECT_NEAR(OutputsFor(bytes, {1, -1})[0], 0.8413447f, 1e-6);
}

// The kinds of the layers, in order, after their names.
std::vector<std::string> LayerTypes(const std::string& bytes) {
  absl::StatusOr<OnnxImport> import = ImportOnnx(bytes);
  LENSLET_EXPECT_OK(import);
  std::vector<std::string> types;
  if (!import.ok()) return types;
  for (const LayerProto& layer : import->checkpoint.model().layer()) {
    types.push_back(
        layer.GetDescriptor()->FindFieldByNumber(layer.kind_case())->name());
  }
  return types;
}

ModelWriter NumbersOfHardSwish(int opset = 13) {
  ModelWriter writer(opset);
  writer.Input("x", {0, 5})
      .Floats("three", {}, {3})
      .Floats("zero", {}, {0})
      .Floats("six", {1}, {6})
      .Floats("sixth", {}, {1.0f / 6})
      .Output("y");
  return writer;
}

TEST(ImportOnnxTest, SpellingsOfHardSwish) {
  std::vector<ModelWriter> writers(4, NumbersOfHardSwish());
  writers[0]
      .Node("HardSigmoid", {"x"}, "gate")
      .With("alpha", 1.0f / 6)
      .Node("Mul", {"x", "gate"}, "y");
  writers[1]
      .Node("Add", {"x", "three"}, "shifted")
      .Node("Clip", {"shifted", "zero", "six"}, "clipped")
      .Node("Mul", {"clipped", "x"}, "product")
      .Node("Div", {"product", "six"}, "y");
  writers[2]
      .Node("Add", {"three", "x"}, "shifted")
      .Node("Clip", {"shifted", "zero", "six"}, "clipped")
      .Node("Mul", {"clipped", "sixth"}, "gate")
      .Node("Mul", {"x", "gate"}, "y");
  writers[3].model().mutable_opset_import(0)->set_version(14);
  writers[3].Node("HardSwish", {"x"}, "y");
  // As PaddlePaddle writes it, with bounds as attributes.
  writers.push_back(NumbersOfHardSwish(/*opset=*/9));
  writers[4]
      .Node("Add", {"x", "three"}, "shifted")
      .Node("Clip", {"shifted"}, "clipped")
      .With("min", 0.0f)
      .With("max", 6.0f)
      .Node("Div", {"clipped", "six"}, "gate")
      .Node("Mul", {"gate", "x"}, "y");
  for (const ModelWriter& writer : writers) {
    const std::string bytes = writer.Bytes();
    EXPECT_THAT(LayerTypes(bytes), ElementsAre("hard_swish"));
    EXPECT_THAT(OutputsFor(bytes, {-4, -1.5f, 0, 1.5f, 4}),
                ElementsAre(0, -0.375f, 0, 1.125f, 4));
  }
}

TEST(ImportOnnxTest, HardSigmoidOfAClip) {
  ModelWriter writer = NumbersOfHardSwish();
  // What is added to the network's input would be its normalization.
  writer.Floats("low", {}, {-9})
      .Node("Max", {"x", "low"}, "first")
      .Node("Add", {"first", "three"}, "shifted")
      .Node("Clip", {"shifted", "zero", "six"}, "clipped")
      .Node("Div", {"clipped", "six"}, "y");
  EXPECT_THAT(LayerTypes(writer.Bytes()), ElementsAre("clip", "hard_sigmoid"));
  EXPECT_THAT(OutputsFor(writer.Bytes(), {-4, -1.5f, 0, 1.5f, 4}),
              ElementsAre(0, 0.25f, 0.5f, 0.75f, 1));
  // Its default is not that of hard swish.
  ModelWriter other = NumbersOfHardSwish();
  other.Node("HardSigmoid", {"x"}, "y");
  EXPECT_THAT(OutputsFor(other.Bytes(), {-4, -1, 0, 1, 4}),
              ElementsAre(0, FloatEq(0.3f), 0.5f, FloatEq(0.7f), 1));
}

TEST(ImportOnnxTest, Clips) {
  const auto clip = [](std::vector<std::string> inputs) {
    ModelWriter writer = NumbersOfHardSwish();
    writer.Node("Clip", std::move(inputs), "y");
    return writer.Bytes();
  };
  const std::vector<float> x = {-9, -1, 0, 1, 9};
  EXPECT_THAT(OutputsFor(clip({"x", "zero", "six"}), x),
              ElementsAre(0, 0, 0, 1, 6));
  EXPECT_THAT(LayerTypes(clip({"x", "zero"})), ElementsAre("relu"));
  EXPECT_THAT(OutputsFor(clip({"x", "", "sixth"}), x),
              ElementsAre(-9, -1, 0, 1.0f / 6, 1.0f / 6));
  EXPECT_THAT(ErrorOf(clip({"x", "six", "zero"})),
              HasSubstr("(Clip): it clips to [6, 0]; expected the smaller"));
  // ReLU6 in two nodes, and as a minimum.
  for (const char* type : {"Clip", "Min"}) {
    ModelWriter writer = NumbersOfHardSwish();
    writer.Node("Relu", {"x"}, "relu");
    if (std::string(type) == "Clip") {
      writer.Node("Clip", {"relu", "", "six"}, "y");
    } else {
      writer.Node("Min", {"relu", "six"}, "y");
    }
    EXPECT_THAT(LayerTypes(writer.Bytes()), ElementsAre("clip"));
    EXPECT_THAT(OutputsFor(writer.Bytes(), x), ElementsAre(0, 0, 0, 1, 6));
  }
}

// As PyTorch writes it before version 17, or with a reciprocal.
TEST(ImportOnnxTest, LayerNormalizationInSteps) {
  for (const bool divides : {false, true}) {
    ModelWriter writer;
    writer.Input("x", {0, 3})
        .Floats("w", {3, 2}, {1, 0, 0, 1, 0, 2})
        .Node("MatMul", {"x", "w"}, "in")
        .Node("ReduceMean", {"in"}, "mean")
        .With("axes", std::vector<int64_t>{-1})
        .Node("Sub", {"in", "mean"}, "centered")
        .Floats("two", {}, {2})
        .Floats("epsilon", {}, {1e-5f})
        .Node("Pow", {"centered", "two"}, "squares")
        .Node("ReduceMean", {"squares"}, "variance")
        .With("axes", std::vector<int64_t>{-1})
        .Node("Add", {"variance", "epsilon"}, "above_zero")
        .Node("Sqrt", {"above_zero"}, "deviation");
    if (divides) {
      writer.Node("Div", {"centered", "deviation"}, "normalized");
    } else {
      writer.Node("Reciprocal", {"deviation"}, "inverse")
          .Node("Mul", {"inverse", "centered"}, "normalized");
    }
    writer.Floats("scale", {2}, {2, 3})
        .Floats("bias", {2}, {10, 20})
        .Node("Mul", {"normalized", "scale"}, "scaled")
        .Node("Add", {"scaled", "bias"}, "y")
        .Output("y");
    EXPECT_THAT(LayerTypes(writer.Bytes()),
                ElementsAre("linear", "layer_norm"));
    LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                                 ImportOnnx(writer.Bytes()));
    EXPECT_EQ(import.checkpoint.model().layer(1).layer_norm().epsilon(), 0);
    // Of 1 and 5: mean 3, deviation 2.
    const std::vector<float> y = OutputsFor(writer.Bytes(), {1, 1, 2});
    ASSERT_EQ(y.size(), 2);
    EXPECT_NEAR(y[0], 8, 1e-4);
    EXPECT_NEAR(y[1], 23, 1e-4);
  }
}

// Squares of channels that a pooling averages, as PyTorch writes local response
// normalization.
class WindowsOfChannels : public ::testing::Test {
 protected:
  // `size` channels from `before` before each, by a branch if `has_branch`.
  static ModelWriter Model(int64_t size, int64_t before, bool has_branch) {
    const int64_t after = size - 1 - before;
    ModelWriter writer;
    writer.Input("x", {0, 4, 1, 2})
        .Floats("alpha", {}, {0.5f})
        .Floats("k", {}, {2})
        .Floats("beta", {}, {0.75f})
        .Ints("one", {1})
        .Ints("raised", {1, 1, 4, 1, -1})
        .Ints("lowered", {1, 4, 1, 2})
        .Ints("pads", {0, 0, before, 0, 0, 0, 0, after, 0, 0})
        .Ints("none", std::vector<int64_t>(10, 0));
    writer.Node("Relu", {"x"}, "r")
        .Node("Mul", {"r", "r"}, "squares")
        .Node("Unsqueeze", {"squares", "one"}, "unsqueezed")
        .Node("Reshape", {"unsqueezed", "raised"}, "images")
        .Node("Pad", {"images", "pads", ""}, "padded")
        .Node("Pad", {"padded", "none"}, "again")
        .Node("AveragePool", {"again"}, "means")
        .With("kernel_shape", std::vector<int64_t>{size, 1, 1})
        .With("strides", std::vector<int64_t>{1, 1, 1});
    if (has_branch) {
      AddBranch(writer);
    } else {
      writer.Node("Squeeze", {"means", "one"}, "squeezed");
    }
    writer.Node("Reshape", {"squeezed", "lowered"}, "window")
        .Node("Mul", {"window", "alpha"}, "scaled")
        .Node("Add", {"scaled", "k"}, "sums")
        .Node("Pow", {"sums", "beta"}, "powers")
        .Node("Div", {"r", "powers"}, "y")
        .Output("y");
    return writer;
  }

 private:
  // Squeezes if the axis has one channel.
  static void AddBranch(ModelWriter& writer) {
    writer.Node("Shape", {"means"}, "shape")
        .Node("Gather", {"shape", "one"}, "channels")
        .Node("Equal", {"channels", "one"}, "is_one")
        .Node("If", {"is_one"}, "squeezed");
    onnx::NodeProto& node =
        *writer.model().mutable_graph()->mutable_node()->rbegin();
    for (const auto& [name, type] :
         {std::pair("then_branch", "Squeeze"), {"else_branch", "LSTM"}}) {
      onnx::AttributeProto& attribute = *node.add_attribute();
      attribute.set_name(name);
      attribute.set_type(onnx::AttributeProto::GRAPH);
      onnx::NodeProto& inner = *attribute.mutable_g()->add_node();
      inner.set_op_type(type);
      inner.add_input("means");
      inner.add_input("one");
      inner.add_output(absl::StrCat(name, "_y"));
      attribute.mutable_g()->add_output()->set_name(inner.output(0));
    }
  }
};

TEST_F(WindowsOfChannels, AreLocalResponseNormalization) {
  const std::vector<float> example = {1, 2, 3, 4, 0.5, 6, 7, 0.25};
  const std::vector<float> expected = OutputsFor(ModelWriter()
                                                     .Input("x", {0, 4, 1, 2})
                                                     .Node("LRN", {"x"}, "y")
                                                     .With("size", int64_t{3})
                                                     .With("alpha", 0.5f)
                                                     .With("beta", 0.75f)
                                                     .With("bias", 2.0f)
                                                     .Output("y")
                                                     .Bytes(),
                                                 example);
  for (const bool has_branch : {false, true}) {
    const std::string bytes = Model(3, 1, has_branch).Bytes();
    EXPECT_THAT(LayerNames(bytes), ElementsAre("r", "y"));
    EXPECT_EQ(OutputsFor(bytes, example), expected);
  }
}

TEST_F(WindowsOfChannels, WithoutAMiddle) {
  EXPECT_THAT(
      ErrorOf(Model(4, 2, false).Bytes()),
      HasSubstr("\"means_node\" (AveragePool): it averages the channels "
                "from 2 before to 1 after each"));
  LENSLET_EXPECT_OK(ImportOnnx(Model(4, 1, false).Bytes()));
}

TEST_F(WindowsOfChannels, OfAnotherValue) {
  ModelWriter writer = Model(3, 1, false);
  writer.model().mutable_graph()->mutable_node()->rbegin()->set_input(0, "x");
  EXPECT_THAT(ErrorOf(writer.Bytes()),
              HasSubstr("(Div): it divides another value than what was "
                        "squared"));
  writer = Model(3, 1, false);
  writer.Node("Relu", {"means"}, "z").Node("Add", {"y", "z"}, "w");
  EXPECT_THAT(ErrorOf(writer.Bytes(), "", {.output = "w"}),
              HasSubstr("(Relu): it reads a mean of squares"));
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

TEST(ImportOnnxTest, Slopes) {
  const auto model = [](std::vector<float> slopes) {
    return ModelWriter()
        .Input("x", {0, 2, 1, 1})
        .Floats("slopes", {2, 1, 1}, std::move(slopes))
        .Node("PRelu", {"x", "slopes"}, "y")
        .Output("y")
        .Bytes();
  };
  EXPECT_THAT(OutputsFor(model({0.25f, 0.25f}), {-4, 4}), ElementsAre(-1, 4));
  EXPECT_THAT(ErrorOf(model({0.25f, 0.5f})),
              HasSubstr("(PRelu): its slopes are different numbers; expected "
                        "one slope for all channels, as of LeakyRelu"));
}

TEST(ImportOnnxTest, MeansThatNormalizeNothing) {
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 3})
                          .Node("ReduceMean", {"x"}, "mean")
                          .With("axes", std::vector<int64_t>{-1})
                          .Node("Relu", {"mean"}, "y")
                          .Output("y")
                          .Bytes()),
              HasSubstr("(Relu): it reads a mean or a variance, which layers "
                        "know only as part of layer normalization"));
}

// Doubled with the nearest, then interpolated to a stated size.
TEST(ImportOnnxTest, Resizes) {
  const auto bytes = [](int opset) {
    ModelWriter writer(opset);
    writer.Input("x", {0, 1, 1, 2}).Floats("scales", {4}, {1, 1, 1, 2});
    if (opset == 9) {
      writer.Node("Upsample", {"x", "scales"}, "y").With("mode", "linear");
    } else if (opset == 10) {
      writer.Node("Resize", {"x", "scales"}, "y").With("mode", "nearest");
    } else {
      writer.Floats("roi", {0}, {})
          .Ints("sizes", {1, 1, 1, 3})
          .Node("Resize", {"x", "", "", "sizes"}, "y")
          .With("mode", "linear")
          .With("coordinate_transformation_mode", "align_corners");
    }
    return writer.Output("y").Bytes();
  };
  EXPECT_THAT(OutputsFor(bytes(9), {0, 12}), ElementsAre(0, 6, 12, 12));
  EXPECT_THAT(OutputsFor(bytes(10), {0, 12}), ElementsAre(0, 0, 12, 12));
  EXPECT_THAT(OutputsFor(bytes(13), {0, 12}), ElementsAre(0, 6, 12));
}

TEST(ImportOnnxTest, ResizesThatNoLayerComputes) {
  const auto error = [](std::vector<float> scales, const char* mode) {
    return ErrorOf(ModelWriter()
                       .Input("x", {0, 1, 4, 4})
                       .Floats("scales", {4}, std::move(scales))
                       .Node("Resize", {"x", "", "scales"}, "y")
                       .With("mode", mode)
                       .With("coordinate_transformation_mode", "align_corners")
                       .Output("y")
                       .Bytes());
  };
  EXPECT_THAT(error({1, 1, 2, 2}, "cubic"),
              HasSubstr("its mode is \"cubic\"; expected nearest or linear, "
                        "which is the nearest to cubic"));
  EXPECT_THAT(error({1, 2, 2, 2}, "linear"),
              HasSubstr("it resizes the batch or the channels"));
  EXPECT_THAT(error({1, 1, 0.6f, 1}, "linear"),
              HasSubstr("of 4 positions with align_corners"));
  EXPECT_THAT(error({1, 1, -1, 1}, "linear"),
              HasSubstr("expected finite numbers above 0"));
}

// A sigmoid at the end makes labels of a vector. What else a sigmoid bounds are
// values as they are.
TEST(ImportOnnxTest, LastSigmoid) {
  const auto import = [](std::vector<int64_t> shape, const char* after,
                         const char* targets) {
    ModelWriter writer;
    writer.Input("x", std::move(shape))
        .Node("Relu", {"x"}, "scores")
        .Node("Sigmoid", {"scores"}, after == nullptr ? "y" : "probabilities");
    if (after != nullptr) writer.Node(after, {"probabilities"}, "y");
    if (targets != nullptr) writer.Metadata("targets", targets);
    writer.Output("y");
    absl::StatusOr<OnnxImport> result = ImportOnnx(writer.Bytes());
    LENSLET_EXPECT_OK(result);
    return *std::move(result);
  };
  for (const char* after : {(const char*)nullptr, "Identity", "Flatten"}) {
    const OnnxImport labels = import({0, 3}, after, nullptr);
    EXPECT_EQ(labels.activation, OutputActivation::kSigmoid);
    EXPECT_EQ(labels.checkpoint.target_kind(), LABELS);
    EXPECT_EQ(labels.checkpoint.model().layer_size(), 1);
    EXPECT_THAT(labels.notes,
                ElementsAre(HasSubstr("the sigmoid at the end is left out")));
  }
  // Of a map.
  const OnnxImport map = import({0, 1, 2, 2}, nullptr, nullptr);
  EXPECT_EQ(map.activation, OutputActivation::kNone);
  EXPECT_EQ(map.checkpoint.target_kind(), VALUES);
  EXPECT_EQ(map.checkpoint.model().layer_size(), 2);
  EXPECT_EQ(import({0, 1, 2, 2}, nullptr, "labels").activation,
            OutputActivation::kSigmoid);
  const OnnxImport values = import({0, 3}, nullptr, "values");
  EXPECT_EQ(values.activation, OutputActivation::kNone);
  EXPECT_EQ(values.checkpoint.target_kind(), VALUES);
}

TEST(ImportOnnxTest, MapsOfOneChannelAreValues) {
  for (const int64_t channels : {1, 2}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                                 ImportOnnx(ModelWriter()
                                                .Input("x", {0, channels, 2, 3})
                                                .Node("Relu", {"x"}, "y")
                                                .Output("y")
                                                .Bytes()));
    EXPECT_EQ(import.checkpoint.target_kind(), channels == 1 ? VALUES : CLASSES)
        << channels;
  }
}

TEST(ImportOnnxTest, TargetsByTheOptions) {
  const auto import = [](const char* last, TargetKind targets) {
    return ImportOnnx(ModelWriter()
                          .Input("x", {0, 3})
                          .Node("Relu", {"x"}, "scores")
                          .Node(last, {"scores"}, "y")
                          .Output("y")
                          .Metadata("targets", "labels")
                          .Bytes(),
                      "", {.targets = targets});
  };
  for (const auto& [targets, kind] : {std::pair(TargetKind::kClasses, CLASSES),
                                      {TargetKind::kLabels, LABELS},
                                      {TargetKind::kValues, VALUES}}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport plain,
                                 import("Identity", targets));
    EXPECT_EQ(plain.checkpoint.target_kind(), kind);
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport bounded,
                               import("Sigmoid", TargetKind::kValues));
  EXPECT_EQ(bounded.checkpoint.model().layer_size(), 2);
  EXPECT_THAT(bounded.notes, ElementsAre());
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport labels,
                               import("Sigmoid", TargetKind::kLabels));
  EXPECT_EQ(labels.checkpoint.model().layer_size(), 1);
  const auto refused = [](const char* text) {
    return StatusIs(absl::StatusCode::kInvalidArgument, text);
  };
  EXPECT_THAT(import("Sigmoid", TargetKind::kClasses),
              refused("the outputs (--targets) are classes, but the model ends "
                      "in a sigmoid; expected labels, or in --onnx_output the "
                      "value before it"));
  EXPECT_THAT(import("Softmax", TargetKind::kValues),
              refused("the outputs (--targets) are values, but the model ends "
                      "in a softmax; expected classes, or in --onnx_output the "
                      "value before it"));
}

// [batch], as PyTorch's squeeze() leaves it.
TEST(ImportOnnxTest, OutputOfOneNumberWithoutAxes) {
  for (const bool is_label : {false, true}) {
    ModelWriter writer(11);
    writer.Input("x", {0, 2})
        .Floats("w", {2, 1}, {1, 2})
        .Node("Gemm", {"x", "w"}, "number")
        .Node("Squeeze", {"number"}, is_label ? "score" : "y")
        .With("axes", std::vector<int64_t>{1});
    if (is_label) writer.Node("Sigmoid", {"score"}, "y");
    writer.Output("y");
    EXPECT_THAT(OutputsFor(writer.Bytes(), {3, 4}), ElementsAre(11));
    LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                                 ImportOnnx(writer.Bytes()));
    EXPECT_EQ(import.checkpoint.target_kind(), is_label ? LABELS : VALUES);
  }
}

TEST(ImportOnnxTest, SigmoidThatIsReadIsALayer) {
  ModelWriter writer;
  writer.Input("x", {0, 3})
      .Node("Sigmoid", {"x"}, "gate")
      .Node("Tanh", {"gate"}, "other")
      .Output("gate");
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                               ImportOnnx(writer.Bytes()));
  EXPECT_EQ(import.activation, OutputActivation::kNone);
  EXPECT_EQ(import.checkpoint.target_kind(), VALUES);
}

TEST(ImportOnnxTest, PixelsByTheModelsOwnWords) {
  const auto writer = [](onnx::TensorProto::DataType type) {
    ModelWriter writer;
    writer.Input("x", {0, 1, 1, 2});
    writer.model()
        .mutable_graph()
        ->mutable_input(0)
        ->mutable_type()
        ->mutable_tensor_type()
        ->set_elem_type(type);
    writer.Floats("mean", {}, {127.5f})
        .Floats("255", {}, {255})
        .Node("Cast", {"x"}, "float")
        .With("to", int64_t{onnx::TensorProto::FLOAT});
    return writer;
  };
  const auto import = [](ModelWriter& writer, OnnxImportOptions options = {}) {
    absl::StatusOr<OnnxImport> result =
        ImportOnnx(writer.Output("y").Bytes(), "", options);
    LENSLET_EXPECT_OK(result);
    return *std::move(result);
  };
  // By the type.
  ModelWriter bytes = writer(onnx::TensorProto::UINT8);
  bytes.Node("Relu", {"float"}, "y");
  const OnnxImport by_type = import(bytes);
  EXPECT_EQ(by_type.checkpoint.inputs().type(), TrainedInputsProto::UINT8);
  EXPECT_THAT(by_type.checkpoint.normalization().deviation(),
              ElementsAre(1.0f / 255));
  EXPECT_THAT(by_type.notes, ElementsAre(HasSubstr("its input has whole")));
  // By the first node.
  ModelWriter mean = writer(onnx::TensorProto::FLOAT);
  mean.Node("Sub", {"float", "mean"}, "centered")
      .Node("Relu", {"centered"}, "y");
  const OnnxImport by_mean = import(mean);
  EXPECT_EQ(by_mean.checkpoint.inputs().type(), TrainedInputsProto::UINT8);
  EXPECT_THAT(by_mean.checkpoint.normalization().mean(),
              ElementsAre(127.5f / 255));
  EXPECT_THAT(by_mean.notes, ElementsAre(HasSubstr("it subtracts 127.5")));
  // By a batch normalization, which stays a layer.
  for (const auto& [moments, word] :
       {std::pair(std::pair(127.5f, 1.0f), "it subtracts 127.5"),
        {{0.5f, 3600.0f}, "it divides by 60"},
        {{0.5f, 0.25f}, "pixels divided by 255"}}) {
    ModelWriter norm = writer(onnx::TensorProto::FLOAT);
    norm.Floats("one", {1}, {1})
        .Floats("moved", {1}, {moments.first})
        .Floats("variance", {1}, {moments.second})
        .Node("BatchNormalization",
              {"float", "one", "one", "moved", "variance"}, "y");
    const OnnxImport by_moments = import(norm);
    EXPECT_THAT(by_moments.notes, ElementsAre(HasSubstr(word)));
    EXPECT_EQ(by_moments.checkpoint.has_normalization(),
              moments.first + moments.second > 1);
  }
  ModelWriter divided = writer(onnx::TensorProto::UINT8);
  divided.Node("Div", {"float", "255"}, "scaled").Node("Relu", {"scaled"}, "y");
  const OnnxImport by_divisor = import(divided);
  EXPECT_EQ(by_divisor.checkpoint.inputs().type(), TrainedInputsProto::UINT8);
  EXPECT_FALSE(by_divisor.checkpoint.has_normalization());
  // The flag wins.
  ModelWriter forced = writer(onnx::TensorProto::UINT8);
  forced.Node("Relu", {"float"}, "y");
  EXPECT_FALSE(
      import(forced, {.takes_bytes = false}).checkpoint.has_normalization());
  ModelWriter text = writer(onnx::TensorProto::STRING);
  text.Node("Relu", {"float"}, "y").Output("y");
  EXPECT_EQ(ErrorOf(text.Bytes()),
            "input \"x\" has elements of type string; expected floats, or "
            "whole numbers "
            "such as uint8");
}

// The layout of the input with fewer problems is the model's.
TEST(ImportOnnxTest, NamesTheProductsOfAttention) {
  const std::string error =
      ErrorOf(ModelWriter()
                  .Input("x", {0, 5, 2})
                  .Floats("a", {2, 2}, {1, 2, 3, 4})
                  .Node("MatMul", {"x", "a"}, "q")
                  .Node("MatMul", {"x", "a"}, "k")
                  .Node("Transpose", {"k"}, "t")
                  .With("perm", std::vector<int64_t>{0, 2, 1})
                  .Node("MatMul", {"q", "t"}, "y")
                  .Output("y")
                  .Bytes());
  EXPECT_EQ(error,
            "node \"y_node\" (MatMul): both its factors depend on the input, "
            "as in attention, which no layer computes; expected a constant as "
            "second factor");
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 2, 3, 2, 2})
                          .Node("Transpose", {"x"}, "y")
                          .With("perm", std::vector<int64_t>{2, 0, 3, 1, 4})
                          .Output("y")
                          .Bytes()),
              HasSubstr("it moves the axis of the batch, as attention with "
                        "several heads does"));
}

TEST(ImportOnnxTest, NodesWithoutInputsOrOutputs) {
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 2})
                          .Node("Relu", {}, "y")
                          .Output("y")
                          .Bytes()),
              HasSubstr("(Relu): it has no inputs"));
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 2})
                          .Node("Relu", {"x"}, "")
                          .Output("y")
                          .Bytes()),
              HasSubstr("(Relu): it has no name for its output"));
}

TEST(ImportOnnxTest, CountsInErrors) {
  const auto conv = [](std::vector<int64_t> dims, int64_t groups) {
    std::vector<float> weight(dims.size() == 1 ? 4 : 8, 1.0f);
    return ErrorOf(ModelWriter()
                       .Input("x", {0, 3, 2, 2})
                       .Floats("w", std::move(dims), weight)
                       .Node("Conv", {"x", "w"}, "y")
                       .With("group", groups)
                       .Output("y")
                       .Bytes());
  };
  EXPECT_THAT(conv({4}, 1), HasSubstr("its weight has 1 axis; expected 4"));
  EXPECT_THAT(
      conv({4, 2, 1, 1}, 1),
      HasSubstr("its weight reads 2 channels; its input has 3 channels"));
  EXPECT_THAT(conv({4, 2, 1, 1}, 3),
              HasSubstr("its weight reads 2 channels in each of 3 groups"));
  EXPECT_THAT(conv({4, 2, 1, 1}, 0),
              HasSubstr("it has 0 groups; its input has 3 channels"));
  EXPECT_EQ(ErrorOf(ModelWriter().Input("x", {2}).Output("x").Bytes()),
            "input \"x\" has 1 axis; expected the batch and 1 to 5 more");
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

TEST(ImportOnnxTest, TwoConstantsOfOneName) {
  EXPECT_EQ(ErrorOf(ModelWriter()
                        .Input("x", {0, 2})
                        .Floats("w", {}, {1})
                        .Floats("w", {}, {2})
                        .Node("Mul", {"x", "w"}, "y")
                        .Output("y")
                        .Bytes()),
            "constant \"w\": another constant has this name");
}

TEST(ImportOnnxTest, OutputsThatAreNoLayers) {
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 3, 4, 5})
                          .Node("Transpose", {"x"}, "y")
                          .With("perm", std::vector<int64_t>{0, 1, 3, 2})
                          .Output("y")
                          .Bytes()),
              HasSubstr("output \"y\" is the input, with its axes in another "
                        "order or not"));
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 3})
                          .Node("Transpose", {"x"}, "y")
                          .Output("y")
                          .Bytes()),
              HasSubstr("output \"y\": it reads a transposition that moves the "
                        "axis of the batch"));
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 3})
                          .Node("Relu", {"x"}, "a")
                          .Node("Max", {"x", "a"}, "y")
                          .Output("y")
                          .Bytes()),
              HasSubstr("its inputs are 2 values; expected a value and one "
                        "number"));
}

TEST(ImportOnnxTest, CutsNoNumbersOff) {
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 2})
                          .Node("Relu", {"x"}, "relu")
                          .Node("Cast", {"relu"}, "y")
                          .With("to", int64_t{onnx::TensorProto::INT64})
                          .Output("y")
                          .Bytes()),
              HasSubstr("it cuts numbers off to type int64"));
}

// What else reads the input does not read it normalized.
TEST(ImportOnnxTest, SharedInputIsNotNormalized) {
  ModelWriter writer;
  writer.Input("x", {0, 1, 1, 2})
      .Floats("half", {}, {0.5f})
      .Node("Identity", {"x"}, "same")
      .Node("Sub", {"same", "half"}, "centered")
      .Node("Add", {"centered", "x"}, "y")
      .Output("y");
  EXPECT_THAT(OutputsFor(writer.Bytes(), {1, 3}), ElementsAre(1.5f, 5.5f));
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

TEST(ImportOnnxTest, ClassNamesThatDoNotFit) {
  const auto import = [](const std::string& names) {
    ModelWriter writer;
    writer.Input("x", {0, 2})
        .Node("Relu", {"x"}, "y")
        .Output("y")
        .Metadata("class_names", names);
    absl::StatusOr<OnnxImport> result = ImportOnnx(writer.Bytes());
    LENSLET_EXPECT_OK(result);
    return *std::move(result);
  };
  const OnnxImport good = import("cat\ndog");
  EXPECT_THAT(good.checkpoint.class_name(), ElementsAre("cat", "dog"));
  EXPECT_THAT(good.notes, ElementsAre());
  for (const char* text : {"cat\ndog\n", "cat\r\ndog\r\n", "cat\r\ndog"}) {
    EXPECT_THAT(import(text).checkpoint.class_name(),
                ElementsAre("cat", "dog"));
  }
  const OnnxImport three = import("cat\ndog\nbird");
  EXPECT_THAT(three.checkpoint.class_name(), ElementsAre("0", "1"));
  EXPECT_THAT(three.notes,
              ElementsAre("the metadata's class_names are left out: they are 3 "
                          "names; the output [2] needs 2"));
  const OnnxImport bytes = import("cat\n\xff");
  EXPECT_THAT(bytes.checkpoint.class_name(), ElementsAre("0", "1"));
  EXPECT_THAT(bytes.notes, ElementsAre(HasSubstr("not UTF-8")));
}

TEST(ImportOnnxTest, InputMetadataThatDoNotFit) {
  const auto import =
      [](std::vector<std::pair<const char*, const char*>> metadata) {
        ModelWriter writer;
        writer.Input("x", {0, 3, 2, 2}).Node("Relu", {"x"}, "y").Output("y");
        for (const auto& [key, value] : metadata) writer.Metadata(key, value);
        absl::StatusOr<OnnxImport> result =
            ImportOnnx(writer.Bytes(), "", {.takes_bytes = false});
        LENSLET_EXPECT_OK(result);
        return *std::move(result);
      };
  const OnnxImport good = import({{"normalization_mean", "0.5"},
                                  {"normalization_deviation", "1,2,3"},
                                  {"image_fit", "center_crop"},
                                  {"image_background", "1,2,3"},
                                  {"image_crop_margin", "4"}});
  EXPECT_THAT(good.notes, ElementsAre());
  EXPECT_THAT(good.checkpoint.normalization().deviation(),
              ElementsAre(1, 2, 3));
  EXPECT_EQ(good.checkpoint.image_files().fit(), CENTER_CROP);
  for (const auto& [mean, deviation] :
       {std::pair("", "1"), {"a", "1"}, {"0.5", "0"}, {"1,2", "1"}}) {
    const OnnxImport bad = import(
        {{"normalization_mean", mean}, {"normalization_deviation", deviation}});
    EXPECT_FALSE(bad.checkpoint.has_normalization());
    EXPECT_THAT(bad.notes,
                ElementsAre(HasSubstr("the metadata's normalization_mean and "
                                      "normalization_deviation are left out")));
  }
  for (const auto& [key, value] : {std::pair("image_fit", "diagonal"),
                                   {"image_background", "1,2"},
                                   {"image_background", "1,2,256"},
                                   {"image_crop_margin", "-1"},
                                   {"image_crop_margin", "x"},
                                   {"image_crop_margin", "9223372036854775807"},
                                   {"image_crop_margin", "5000"}}) {
    const OnnxImport bad = import({{"image_fit", "letterbox"}, {key, value}});
    EXPECT_FALSE(bad.checkpoint.has_image_files()) << key << value;
    EXPECT_THAT(bad.notes,
                ElementsAre(HasSubstr("do not say how images become")));
  }
}

// Along ONNX's last axis, where that is all that one channel has, or where rows
// have their channels last.
TEST(ImportOnnxTest, InputNamesThatDoNotFit) {
  const auto notes_of = [](const std::string& names) {
    const absl::StatusOr<OnnxImport> import =
        ImportOnnx(ModelWriter()
                       .Input("x", {0, 2})
                       .Node("Relu", {"x"}, "y")
                       .Output("y")
                       .Metadata("input_names", names)
                       .Bytes());
    LENSLET_EXPECT_OK(import);
    EXPECT_EQ(import->checkpoint.inputs().name_size(), 0);
    return import->notes;
  };
  EXPECT_THAT(notes_of("a\nb\nc"),
              ElementsAre("the metadata's input_names are left out: they are 3 "
                          "names; the input [2] needs 2"));
  EXPECT_THAT(notes_of("a\n\\q"),
              ElementsAre(AllOf(HasSubstr("input_names are left out: "),
                                HasSubstr("has wrong escapes"))));
}

TEST(ImportOnnxTest, LayerNormalizationOfTheLastAxis) {
  const auto bytes = [](std::vector<int64_t> shape) {
    return ModelWriter(17)
        .Input("x", std::move(shape))
        .Floats("scale", {2}, {1, 10})
        .Node("LayerNormalization", {"x", "scale"}, "y")
        .With("epsilon", 1e-9f)
        .Output("y")
        .Bytes();
  };
  const std::vector<float> normalized = {-1, 10, 1, -10};
  EXPECT_THAT(OutputsFor(bytes({0, 1, 2, 2}), {1, 3, 9, 5}),
              Pointwise(testing::FloatNear(1e-5f), normalized));
  EXPECT_THAT(OutputsFor(bytes({0, 2, 2}), {1, 3, 9, 5}),
              Pointwise(testing::FloatNear(1e-5f), normalized));
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport rows,
                               ImportOnnx(bytes({0, 3, 2})));
  EXPECT_THAT(rows.notes, ElementsAre("the input is read as [3, 2], the "
                                      "channels last"));
  EXPECT_THAT(rows.input_axes, ElementsAre(0, 1));
  // Channels first, as the convolution needs them.
  EXPECT_THAT(ErrorOf(ModelWriter(17)
                          .Input("x", {0, 2, 2, 2})
                          .Floats("w", {2, 2, 1, 1}, {1, 0, 0, 1})
                          .Floats("scale", {2}, {1, 10})
                          .Node("Conv", {"x", "w"}, "conv")
                          .Node("LayerNormalization", {"conv", "scale"}, "y")
                          .Output("y")
                          .Bytes()),
              HasSubstr("it normalizes axis 3 of [batch, 2, 2, 2] and not the "
                        "channels, axis 1; expected axis=1, or channels last: "
                        "a Transpose before it"));
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

TEST(ImportOnnxTest, ListsAllThatItCannotImport) {
  const std::string error = ErrorOf(ModelWriter()
                                        .Input("x", {0, 1, 4, 4})
                                        .Node("Relu", {"x"}, "a")
                                        .Node("Einsum", {"a"}, "b")
                                        .Node("Tanh", {"b"}, "c")
                                        .Node("LSTM", {"a"}, "d")
                                        .Output("c")
                                        .Bytes());
  EXPECT_EQ(error,
            "node \"b_node\" (Einsum): no layer computes it; expected a MatMul "
            "by a constant\n"
            "node \"d_node\" (LSTM): no layer computes it; expected "
            "convolutions over time, since no layer is recurrent");
}

// A node is listed for what is wrong with itself, although one before it fails:
// where its input's shape is known, or whatever it is.
TEST(ImportOnnxTest, GoesOnAfterANodeThatFails) {
  ModelWriter writer;
  writer.Input("x", {0, 2, 4, 4})
      .Floats("w", {1, 3, 1, 1}, {1, 1, 1})
      .Floats("ones", {2}, {1, 1})
      .Node("Sin", {"x"}, "sin")           // Of a known shape.
      .Node("Conv", {"sin", "w"}, "conv")  // Reads 3 channels, not 2.
      .Node("Relu", {"conv"}, "relu")      // Right, of an unknown shape.
      .Node("Cos", {"relu"}, "cos")
      .Node("Resize", {"cos"}, "resized")
      .With("mode", "cubic")
      .Node("BatchNormalization", {"resized", "ones", "ones", "ones", "ones"},
            "normalized")
      .With("training_mode", int64_t{1})
      .Node("MatMul", {"normalized", "cos"}, "product")
      .Node("Softmax", {"product"}, "weights")
      .Node("Transpose", {"weights"}, "moved")
      .With("perm", std::vector<int64_t>{1, 0, 2})
      .Node("Tanh", {"moved"}, "y")
      .Output("y");
  const std::string error = ErrorOf(writer.Bytes());
  std::vector<std::string> nodes;
  for (const absl::string_view line : absl::StrSplit(error, '\n')) {
    nodes.push_back(std::string(line.substr(5, line.find(')') - 4)));
  }
  EXPECT_THAT(
      nodes,
      ElementsAre("\"sin_node\" (Sin)", "\"conv_node\" (Conv)",
                  "\"cos_node\" (Cos)", "\"resized_node\" (Resize)",
                  "\"normalized_node\" (BatchNormalization)",
                  "\"product_node\" (MatMul)", "\"weights_node\" (Softmax)",
                  "\"moved_node\" (Transpose)"))
      << error;
  // A shape that the model states.
  onnx::ValueInfoProto& info =
      *writer.model().mutable_graph()->add_value_info();
  info.set_name("conv");
  auto& shape = *info.mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.add_dim()->set_dim_param("batch");
  for (const int64_t size : {5, 4, 4}) shape.add_dim()->set_dim_value(size);
  writer.model().mutable_graph()->mutable_node(3)->set_op_type("Conv");
  writer.model().mutable_graph()->mutable_node(3)->add_input("w");
  EXPECT_THAT(ErrorOf(writer.Bytes()),
              HasSubstr("\"cos_node\" (Conv): its weight reads 3 channels; its "
                        "input has 5 channels"));
}

// What depends on a constant that cannot be read is not listed, but what else
// is wrong is.
TEST(ImportOnnxTest, GoesOnAfterAConstantThatFails) {
  EXPECT_EQ(ErrorOf(ModelWriter()
                        .Input("x", {0, 2})
                        .Floats("w", {2, 2}, {1})
                        .Node("Identity", {"w"}, "v")
                        .Node("MatMul", {"x", "v"}, "product")
                        .Node("Sin", {"product"}, "y")
                        .Output("y")
                        .Bytes()),
            "constant \"w\": it has 1 value; its shape [2, 2] needs 4\n"
            "node \"y_node\" (Sin): no layer computes it");
}

TEST(ImportOnnxTest, CountsTheRestOfManyProblems) {
  ModelWriter writer;
  writer.Input("x", {0, 2});
  std::string value = "x";
  for (int i = 0; i < 53; ++i) {
    const std::string next = absl::StrCat("v", i);
    writer.Node(i < 51 ? "Sin" : "Cos", {value}, next);
    value = next;
  }
  EXPECT_THAT(ErrorOf(writer.Output(value).Bytes()),
              testing::EndsWith("\nand 3 more: 2 Cos, 1 Sin"));
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

TEST(ImportOnnxTest, OutputsThatAreNotTheFirst) {
  ModelWriter writer;
  writer.Input("x", {0, 2}).Node("Dropout", {"x"}, "dropped");
  writer.model().mutable_graph()->mutable_node(0)->add_output("mask");
  writer.Node("Relu", {"mask"}, "y").Output("y");
  EXPECT_THAT(ErrorOf(writer.Bytes()),
              HasSubstr("it reads \"mask\", which is not its node's first "
                        "output"));
}

TEST(ImportOnnxTest, OpenSizes) {
  const std::string bytes = ModelWriter()
                                .Input("x", {0, 3, 0, 0})
                                .Node("GlobalAveragePool", {"x"}, "y")
                                .Output("y")
                                .Bytes();
  EXPECT_THAT(ErrorOf(bytes),
              HasSubstr("leaves sizes open, given as 0: [0, 0, 3]"));
  LENSLET_EXPECT_OK(ImportOnnx(bytes, "", {.shape = {5, 4, 3}}));
  EXPECT_THAT(ErrorOf(bytes, "", {.shape = {5, 4, 1}}),
              HasSubstr("(--shape) is [5, 4, 1]; input \"x\" is [0, 0, 3]"));
  EXPECT_THAT(ErrorOf(bytes, "", {.shape = {5, 4}}),
              HasSubstr("(--shape) is [5, 4]; input \"x\" has 3 sizes after"));
  EXPECT_THAT(ErrorOf(bytes, "", {.shape = {1 << 20, 1 << 20, 3}}),
              HasSubstr("(--shape) is [1048576, 1048576, 3]; expected at most "
                        "134217728 numbers"));
  EXPECT_THAT(ErrorOf(bytes, "", {.shape = {-5, 4, 3}}),
              HasSubstr("(--shape) is [-5, 4, 3]; input"));
}

TEST(ImportOnnxTest, SeveralOutputs) {
  const std::string bytes = ModelWriter()
                                .Input("x", {0, 2})
                                .Node("Relu", {"x"}, "a")
                                .Node("Tanh", {"a"}, "b")
                                .Output("a")
                                .Output("b")
                                .Bytes();
  EXPECT_THAT(ErrorOf(bytes), HasSubstr("its outputs are \"a\", \"b\""));
  EXPECT_THAT(OutputsFor(bytes, {-1, 2}, {.output = "a"}), ElementsAre(0, 2));
  const std::string one = ModelWriter()
                              .Input("x", {0, 2})
                              .Node("Relu", {"x"}, "a")
                              .Output("a")
                              .Bytes();
  EXPECT_EQ(
      ErrorOf(one, "", {.output = "b"}),
      "the output to keep (--onnx_output) is \"b\", which no node writes; "
      "its output is \"a\"");
}

TEST(ImportOnnxTest, NamesTheNearestForm) {
  const auto error_of_node = [](const std::string& type) {
    return ErrorOf(ModelWriter()
                       .Input("x", {0, 2})
                       .Node(type, {"x"}, "y")
                       .Output("y")
                       .Bytes());
  };
  EXPECT_THAT(error_of_node("LSTM"),
              HasSubstr("(LSTM): no layer computes it; expected convolutions"));
  EXPECT_THAT(error_of_node("QuantizeLinear"),
              HasSubstr("before its quantization"));
  EXPECT_THAT(error_of_node("TopK"), HasSubstr("--onnx_output"));
  EXPECT_THAT(error_of_node("DepthToSpace"),
              HasSubstr("; expected ConvTranspose, or Resize and Conv"));
  EXPECT_THAT(error_of_node("Selu"), HasSubstr("; expected Elu"));
  // Of constants, too.
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 2})
                          .Floats("w", {1}, {1})
                          .Node("DequantizeLinear", {"w"}, "v")
                          .Node("Gemm", {"x", "v"}, "y")
                          .Output("y")
                          .Bytes()),
              AllOf(HasSubstr("(DequantizeLinear): "),
                    HasSubstr("before its quantization")));
}

}  // namespace
}  // namespace lenslet
