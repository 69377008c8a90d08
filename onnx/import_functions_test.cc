#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/onnx/import.h"
#include "lenslet/onnx/import_outputs.h"
#include "lenslet/onnx/model_writer.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

// What the first nodes compute of the input becomes a normalization, in part.
TEST(ImportOnnxTest, ArithmeticOfTheInput) {
  struct Step {
    std::string type;
    std::vector<std::string> inputs;  // "" is the step before.
    float (*compute)(float x);
  };
  const std::vector<Step> steps = {
      {"Neg", {""}, [](float x) { return -x; }},
      {"Add", {"", "half"}, [](float x) { return x + 0.5f; }},
      {"Sub", {"", "two"}, [](float x) { return x - 2; }},
      {"Sub", {"two", ""}, [](float x) { return 2 - x; }},
      {"Mul", {"half", ""}, [](float x) { return 0.5f * x; }},
      {"Div", {"", "minus"}, [](float x) { return x / -4; }},
      {"Clip", {"", "minus", "half"}, [](float x) {
         return std::clamp(x, -4.0f, 0.5f);
       }}};
  const size_t count = steps.size();
  for (size_t i = 0; i < count * count * count; ++i) {
    ModelWriter writer;
    writer.Input("x", {0, 2})
        .Floats("half", {}, {0.5f})
        .Floats("two", {}, {2})
        .Floats("minus", {}, {-4});
    const std::vector<float> x = {-1.25f, 3};
    std::vector<float> expected = x;
    std::string last = "x";
    std::string types;
    for (const size_t s : {i / count / count, i / count % count, i % count}) {
      std::vector<std::string> inputs = steps[s].inputs;
      std::replace(inputs.begin(), inputs.end(), std::string(), last);
      absl::StrAppend(&types, steps[s].type, "(",
                      absl::StrJoin(steps[s].inputs, ","), ") ");
      last += "_";
      writer.Node(steps[s].type, inputs, last);
      for (float& y : expected) y = steps[s].compute(y);
    }
    writer.Node("LeakyRelu", {last}, "y").With("alpha", 0.5f).Output("y");
    for (float& y : expected) y = y < 0 ? 0.5f * y : y;
    EXPECT_THAT(OutputsFor(writer.Bytes(), x),
                Pointwise(FloatNear(1e-6f), expected))
        << types;
  }
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

// Of a value that one number and a layer compute, in the three spellings.
TEST(ImportOnnxTest, GeluOfArithmetic) {
  const float c = std::tanh(0.5f);
  struct Case {
    std::string type;
    std::vector<std::string> inputs;
    float argument;
  };
  for (const Case& arithmetic : {Case{"Mul", {"tanh", "three"}, 3 * c},
                                 {"Div", {"tanh", "three"}, c / 3},
                                 {"Add", {"tanh", "three"}, c + 3},
                                 {"Neg", {"tanh"}, -c},
                                 {"Sub", {"three", "tanh"}, 3 - c}}) {
    for (int spelling = 0; spelling < 3; ++spelling) {
      ModelWriter writer;
      writer.Input("x", {0, 1})
          .Floats("sqrt2", {}, {1.41421356f})
          .Floats("one", {}, {1})
          .Floats("three", {}, {3})
          .Floats("half", {}, {0.5f})
          .Node("Tanh", {"x"}, "tanh")
          .Node(arithmetic.type, arithmetic.inputs, "in");
      if (spelling == 2) writer.Node("Mul", {"in", "half"}, "halved");
      writer.Node("Div", {"in", "sqrt2"}, "scaled")
          .Node("Erf", {"scaled"}, "erf")
          .Node("Add", {"erf", "one"}, "phi");
      if (spelling == 0) {
        writer.Node("Mul", {"in", "phi"}, "double")
            .Node("Mul", {"double", "half"}, "y");
      } else {
        if (spelling == 1) writer.Node("Mul", {"in", "half"}, "halved");
        writer.Node("Mul", {"halved", "phi"}, "y");
      }
      const float u = arithmetic.argument;
      EXPECT_NEAR(OutputsFor(writer.Output("y").Bytes(), {0.5f})[0],
                  u * (1 + std::erf(u / 1.41421356f)) / 2, 1e-6f)
          << arithmetic.type << " " << spelling;
    }
  }
}

// The error function is of x + 3, the other factor x.
TEST(ImportOnnxTest, ErrorFunctionOfAnotherValue) {
  ModelWriter writer;
  writer.Input("x", {0, 1})
      .Floats("sqrt2", {}, {1.41421356f})
      .Floats("one", {}, {1})
      .Floats("three", {}, {3})
      .Node("Tanh", {"x"}, "tanh")
      .Node("Add", {"tanh", "three"}, "in")
      .Node("Div", {"in", "sqrt2"}, "scaled")
      .Node("Erf", {"scaled"}, "erf")
      .Node("Add", {"erf", "one"}, "phi")
      .Node("Mul", {"tanh", "phi"}, "y")
      .Output("y");
  EXPECT_THAT(ErrorOf(writer.Bytes()),
              HasSubstr("(Mul): it reads an error function, which layers know "
                        "only as part of GELU"));
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

// Bounds of a multiple are bounds of the value itself.
TEST(ImportOnnxTest, ClipsOfMultiples) {
  ModelWriter negative = NumbersOfHardSwish();
  negative.Node("Tanh", {"x"}, "tanh")
      .Node("Neg", {"tanh"}, "negative")
      .Node("Clip", {"negative", "zero", "sixth"}, "y");
  EXPECT_THAT(
      OutputsFor(negative.Bytes(), {-9, -0.125f, 0, 1, 9}),
      ElementsAre(FloatEq(1.0f / 6), FloatEq(std::tanh(0.125f)), 0, 0, 0));
  // After a rectifier, which has a bound at 0, too.
  ModelWriter writer = NumbersOfHardSwish();
  writer.Node("Relu", {"x"}, "relu")
      .Node("Neg", {"relu"}, "negative")
      .Floats("low", {}, {-1})
      .Node("Clip", {"negative", "low", "six"}, "y");
  EXPECT_THAT(OutputsFor(writer.Bytes(), {-9, -1, 0, 0.5f, 9}),
              ElementsAre(0, 0, 0, -0.5f, -1));
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

TEST(ImportOnnxTest, LayerNormalizationInStepsOfArithmetic) {
  struct Case {
    std::string type;
    std::vector<std::string> inputs;
    float sign;
  };
  for (const Case& arithmetic : {Case{"Mul", {"tanh", "two"}, 1},
                                 {"Div", {"tanh", "two"}, 1},
                                 {"Add", {"tanh", "two"}, 1},
                                 {"Neg", {"tanh"}, -1},
                                 {"Sub", {"two", "tanh"}, -1}}) {
    ModelWriter writer;
    writer.Input("x", {0, 2})
        .Floats("two", {}, {2})
        .Floats("epsilon", {}, {1e-9f})
        .Node("Tanh", {"x"}, "tanh")
        .Node(arithmetic.type, arithmetic.inputs, "in")
        .Node("ReduceMean", {"in"}, "mean")
        .With("axes", std::vector<int64_t>{-1})
        .Node("Sub", {"in", "mean"}, "centered")
        .Node("Pow", {"centered", "two"}, "squares")
        .Node("ReduceMean", {"squares"}, "variance")
        .With("axes", std::vector<int64_t>{-1})
        .Node("Add", {"variance", "epsilon"}, "above_zero")
        .Node("Sqrt", {"above_zero"}, "deviation")
        .Node("Div", {"centered", "deviation"}, "y")
        .Output("y");
    EXPECT_THAT(OutputsFor(writer.Bytes(), {1, -1}),
                ElementsAre(FloatNear(arithmetic.sign, 1e-5f),
                            FloatNear(-arithmetic.sign, 1e-5f)))
        << arithmetic.type;
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

// A spectrogram has one channel: its mean over the width may be a step of layer
// normalization, or what a layer computes.
TEST(ImportOnnxTest, MeansOfImagesOfOneChannel) {
  const auto model = [](const std::vector<std::string>& nodes) {
    ModelWriter writer;
    writer.Input("x", {0, 1, 2, 2})
        .Node("ReduceMean", {"x"}, "mean")
        .With("axes", std::vector<int64_t>{-1});
    for (const std::string& type : nodes) {
      if (type == "Sub") {
        writer.Node("Sub", {"x", "mean"}, "centered");
      } else {
        writer.Node(type, {nodes.size() == 1 ? "mean" : "centered"}, "y");
      }
    }
    return writer.Output("y").Bytes();
  };
  EXPECT_THAT(OutputsFor(model({"Relu"}), {1, 3, -4, -6}), ElementsAre(2, 0));
  EXPECT_THAT(OutputsFor(model({"Neg"}), {1, 3, -4, -6}), ElementsAre(-2, 5));
  EXPECT_THAT(OutputsFor(model({"Sub", "Relu"}), {1, 3, -4, -6}),
              ElementsAre(0, 1, 1, 0));
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

}  // namespace
}  // namespace lenslet
