#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/onnx/import.h"
#include "lenslet/onnx/import_outputs.h"
#include "lenslet/onnx/model_writer.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
              HasSubstr("node \"y_node\" (Transpose): it writes the output, "
                        "which has the input's numbers"));
  EXPECT_THAT(ErrorOf(ModelWriter().Input("x", {0, 3}).Output("x").Bytes()),
              HasSubstr("output \"x\" is the input; expected layers"));
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

TEST(ImportOnnxTest, VersionsAndTypes) {
  const auto writer = [] {
    return ModelWriter()
        .Input("x", {0, 3})
        .Node("Relu", {"x"}, "y")
        .Output("y");
  };
  ModelWriter format = writer();
  format.model().set_ir_version(13);
  EXPECT_EQ(ErrorOf(format.Bytes()), "");
  format.model().set_ir_version(99);
  EXPECT_EQ(ErrorOf(format.Bytes()),
            "its format (ir_version) has version 99; expected at most 13");
  ModelWriter operators = writer();
  operators.model().add_opset_import()->set_version(13);
  EXPECT_EQ(ErrorOf(operators.Bytes()), "");
  operators.model().mutable_opset_import(1)->set_version(9);
  EXPECT_EQ(ErrorOf(operators.Bytes()),
            "its operators have the versions 13 and 9; expected one");
  ModelWriter type = writer();
  type.model()
      .mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->clear_elem_type();
  EXPECT_THAT(ErrorOf(type.Bytes()),
              HasSubstr("input \"x\" has elements of type undefined"));
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

TEST(ImportOnnxTest, NamesTheFirstOfManyOutputs) {
  ModelWriter writer;
  writer.Input("x", {0, 2});
  for (int i = 0; i < 13; ++i) {
    writer.Node("Relu", {"x"}, absl::StrCat("y", i));
    writer.Output(absl::StrCat("y", i));
  }
  EXPECT_THAT(ErrorOf(writer.Bytes()),
              HasSubstr("\"y8\", \"y9\", and 3 more; expected one of them"));
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
  // It may cut channels or rows.
  EXPECT_THAT(error_of_node("Slice"),
              AllOf(HasSubstr("channels by a weight with zeros"),
                    HasSubstr("rows or columns at the sides")));
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
