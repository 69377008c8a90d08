#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/onnx/import.h"
#include "lenslet/onnx/model_writer.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// What nobody writes who means well.

TEST(ImportOnnxTest, NoModel) {
  for (const absl::string_view bytes : {"", "GIF89a", "\x08\x08", "\xff\xff"}) {
    EXPECT_EQ(ErrorOf(std::string(bytes)),
              "is not an ONNX model, or is truncated or corrupted");
  }
}

TEST(ImportOnnxTest, Cycles) {
  const std::string bytes = ModelWriter()
                                .Input("x", {0, 2})
                                .Node("Add", {"x", "b"}, "a")
                                .Node("Relu", {"a"}, "b")
                                .Output("b")
                                .Bytes();
  EXPECT_EQ(ErrorOf(bytes),
            "node \"a_node\" (Add): it reads \"b\", which no node before it "
            "writes");
}

TEST(ImportOnnxTest, ShapesThatNoReshapeHas) {
  const auto error = [](std::vector<int64_t> shape) {
    return ErrorOf(ModelWriter()
                       .Input("x", {0, 3, 4})
                       .Ints("shape", std::move(shape))
                       .Node("Reshape", {"x", "shape"}, "y")
                       .Output("y")
                       .Bytes());
  };
  const std::string node = "node \"y_node\" (Reshape): its shape is ";
  EXPECT_EQ(error({-1, -1}), node + "[-1, -1]; expected -1 only once");
  EXPECT_EQ(error({0, -1, -1}), node + "[0, -1, -1]; expected -1 only once");
  EXPECT_EQ(error({0, 0, 0, 0}),
            node + "[0, 0, 0, 0]; expected 0 only for the 3 axes of its input");
  EXPECT_EQ(error({0, 0, -2}),
            node + "[0, 0, -2]; expected numbers of at least -1");
}

TEST(ImportOnnxTest, InputsThatAreNoTensors) {
  ModelWriter writer;
  writer.Input("x", {0, 3}).Node("Relu", {"x"}, "y").Output("y");
  writer.model()
      .mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_sequence_type();
  EXPECT_EQ(ErrorOf(writer.Bytes()),
            "input \"x\" is a sequence, a map or the like; expected a tensor");
}

TEST(ImportOnnxTest, MissingValues) {
  EXPECT_EQ(ErrorOf(ModelWriter()
                        .Input("x", {0, 2})
                        .Node("Gemm", {"x", "w"}, "y")
                        .Output("y")
                        .Bytes()),
            "node \"y_node\" (Gemm): it reads \"w\", which no node before it "
            "writes");
  EXPECT_NE(ErrorOf(ModelWriter()
                        .Input("x", {0, 2})
                        .Node("Relu", {"x"}, "y")
                        .Output("z")
                        .Bytes()),
            "");
}

TEST(ImportOnnxTest, ValuesOfOneName) {
  ModelWriter writer;
  writer.Input("x", {0, 2})
      .Node("Relu", {"x"}, "y")
      .Node("Tanh", {"x"}, "y")
      .Node("Tanh", {"y"}, "x")
      .Output("y");
  EXPECT_EQ(ErrorOf(writer.Bytes()),
            "node \"y_node\" (Tanh): it writes \"y\", which is another value's "
            "name already\n"
            "node \"x_node\" (Tanh): it writes \"x\", which is another value's "
            "name already");
}

// A graph in a node's attribute, so many times.
TEST(ImportOnnxTest, Recursion) {
  for (const int depth : {2, 20, 2000}) {
    ModelWriter writer;
    writer.Input("x", {0, 2}).Node("Loop", {"x"}, "y").Output("y");
    onnx::NodeProto* node = writer.model().mutable_graph()->mutable_node(0);
    for (int i = 0; i < depth; ++i) {
      onnx::AttributeProto& body = *node->add_attribute();
      body.set_name("body");
      body.set_type(onnx::AttributeProto::GRAPH);
      node = body.mutable_g()->add_node();
      node->set_op_type("Loop");
    }
    EXPECT_EQ(
        ErrorOf(writer.Bytes()),
        depth == 2000
            ? "is not an ONNX model, or is truncated or corrupted"
            : "node \"y_node\" (Loop): no layer computes it; expected its "
              "nodes in the graph itself: export the network with fixed "
              "steps and conditions, for inference")
        << depth;
  }
}

TEST(ImportOnnxTest, HugeShapes) {
  const int64_t huge = int64_t{1} << 40;
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, huge, huge, huge})
                          .Node("Relu", {"x"}, "y")
                          .Output("y")
                          .Bytes()),
              Not(""));
  ModelWriter writer;
  writer.Input("x", {0, 2}).Floats("w", {huge, huge}, {1}).Output("y");
  writer.Node("Gemm", {"x", "w"}, "y");
  EXPECT_THAT(ErrorOf(writer.Bytes()),
              HasSubstr("constant \"w\": its shape is [1099511627776"));
  // Without the values.
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 2})
                          .Floats("w", {1 << 14, 1 << 14}, {1})
                          .Node("Gemm", {"x", "w"}, "y")
                          .Output("y")
                          .Bytes()),
              HasSubstr("it has 1 value; its shape [16384, 16384] needs "
                        "268435456"));
  // Values that a node would make.
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 2})
                          .Ints("shape", {huge, huge})
                          .Node("ConstantOfShape", {"shape"}, "w")
                          .Node("Gemm", {"x", "w"}, "y")
                          .Output("y")
                          .Bytes()),
              HasSubstr("(ConstantOfShape): its result is [1099511627776"));
}

TEST(ImportOnnxTest, NegativePads) {
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 1, 4, 4})
                          .Floats("w", {1, 1, 1, 1}, {1})
                          .Node("Conv", {"x", "w"}, "y")
                          .With("pads", std::vector<int64_t>{0, 0, -1, 0})
                          .Output("y")
                          .Bytes()),
              HasSubstr("its pads is [0, 0, -1, 0]; expected numbers of at "
                        "least 0"));
}

// Seconds, for what takes a fraction of one. Quadratic time, or numbers for
// which there is no memory, take far longer. The machine may be busy.
constexpr double kSeconds = 30;

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start_)
        .count();
  }

 private:
  const std::chrono::steady_clock::time_point start_ =
      std::chrono::steady_clock::now();
};

// So many nodes in a row: the first reads "x", the last writes "y".
ModelWriter Chain(const std::string& type, int nodes) {
  ModelWriter writer;
  writer.Input("x", {0, 2});
  std::string value = "x";
  for (int i = 1; i <= nodes; ++i) {
    const std::string next = i == nodes ? "y" : absl::StrCat("v", i);
    writer.Node(type, {value}, next);
    value = next;
  }
  writer.Output("y");
  return writer;
}

TEST(ImportOnnxTest, ManyNodes) {
  const Stopwatch watch;
  EXPECT_EQ(ErrorOf(Chain("Relu", 200000).Bytes()),
            "it has 200000 nodes; expected at most 100000");
  EXPECT_EQ(ErrorOf(Chain("Relu", 100000).Bytes()),
            "node \"v10000_node\" (Relu): with it, the network has 10000 "
            "layers; expected less than 10000");
  EXPECT_THAT(ErrorOf(Chain("Einsum", 100000).Bytes()),
              HasSubstr("(Einsum): no layer computes it"));
  EXPECT_EQ(ErrorOf(Chain("Relu", 9999).Bytes()), "");
  // Nodes that are no layers.
  ModelWriter writer = Chain("Identity", 100000);
  writer.model().mutable_graph()->mutable_node(0)->set_op_type("Relu");
  EXPECT_EQ(ErrorOf(writer.Bytes()), "");
  EXPECT_LT(watch.seconds(), kSeconds);
}

TEST(ImportOnnxTest, ManyConstants) {
  const Stopwatch watch;
  ModelWriter writer;
  // Early versions list constants as inputs.
  for (int i = 0; i < 50000; ++i) {
    const std::string name = absl::StrCat("w", i);
    writer.Input(name, {1}).Floats(name, {1}, {1});
  }
  writer.Input("x", {0, 2}).Node("Relu", {"x"}, "y").Output("y");
  EXPECT_EQ(ErrorOf(writer.Bytes()), "");
  EXPECT_LT(watch.seconds(), kSeconds);
}

// Each node doubles a constant.
TEST(ImportOnnxTest, ConstantsThatGrow) {
  const Stopwatch watch;
  ModelWriter writer;
  writer.Input("x", {0, 2}).Ints("k0", std::vector<int64_t>(1024));
  for (int i = 0; i < 40; ++i) {
    const std::string value = absl::StrCat("k", i);
    writer.Node("Concat", {value, value}, absl::StrCat("k", i + 1))
        .With("axis", int64_t{0});
  }
  writer.Node("Reshape", {"x", "k40"}, "y").Output("y");
  EXPECT_EQ(
      ErrorOf(writer.Bytes()),
      "node \"k15_node\" (Concat): with it, nodes compute 67106816 numbers "
      "of constants or orders; expected at most 33562624 of a model that "
      "stores 1024");
  EXPECT_LT(watch.seconds(), kSeconds);
}

// Each node reads the same constant.
TEST(ImportOnnxTest, ConstantsThatManyNodesRead) {
  const Stopwatch watch;
  ModelWriter writer;
  writer.Input("x", {0, 1 << 20}).Ints("shape", {1 << 20});
  writer.Node("ConstantOfShape", {"shape"}, "zeros");
  writer.Node("Reshape", {"x", "minus"}, "image")
      .Ints("minus", {-1, 1 << 20, 1, 1});
  writer.Ints("w_shape", {1 << 20, 1, 1, 1});
  writer.Node("Reshape", {"zeros", "w_shape"}, "w");
  std::string value = "image";
  for (int i = 0; i < 5000; ++i) {
    const std::string next = absl::StrCat("v", i);
    writer.Node("Conv", {value, "w", "zeros"}, next)
        .With("group", int64_t{1 << 20});
    value = next;
  }
  EXPECT_THAT(ErrorOf(writer.Output(value).Bytes()),
              HasSubstr("(Conv): with it, nodes compute "));
  EXPECT_LT(watch.seconds(), kSeconds);
}

// Each node doubles the channels.
TEST(ImportOnnxTest, ActivationsThatGrow) {
  ModelWriter writer;
  writer.Input("x", {0, 4, 2, 2}).Node("Identity", {"x"}, "k0");
  for (int i = 0; i < 30; ++i) {
    const std::string value = absl::StrCat("k", i);
    writer.Node("Concat", {value, value}, absl::StrCat("k", i + 1))
        .With("axis", int64_t{1});
  }
  EXPECT_EQ(ErrorOf(writer.Output("k30").Bytes()),
            "node \"k24_node\" (Concat): its output is [2, 2, 67108864], "
            "channels last; expected at most 134217728 numbers for an example");
}

// Each of its inputs takes the time of the largest.
TEST(ImportOnnxTest, ConstantsOfManyInputs) {
  const Stopwatch watch;
  ModelWriter writer;
  writer.Input("x", {0, 1 << 20})
      .Ints("shape", {1 << 20})
      .Floats("one", {}, {1});
  writer.Node("ConstantOfShape", {"shape"}, "zeros");
  std::vector<std::string> inputs(50000, "one");
  inputs[0] = "zeros";
  writer.Node("Max", inputs, "most").Node("Add", {"x", "most"}, "y");
  EXPECT_THAT(ErrorOf(writer.Output("y").Bytes()),
              HasSubstr("(Max): with it, nodes compute "));
  EXPECT_LT(watch.seconds(), kSeconds);
}

// Each node puts all numbers in another order, or multiplies them by a number.
TEST(ImportOnnxTest, WorkForManyNumbers) {
  const Stopwatch watch;
  ModelWriter writer;
  writer.Input("x", {0, 1, 2048, 8192})
      .Ints("wide", {-1, 1, 2048, 8192})
      .Ints("square", {-1, 1, 4096, 4096});
  std::string value = "x";
  for (int i = 0; i < 1000; ++i) {
    const std::string next = absl::StrCat("v", i);
    writer.Node("Reshape", {value, i % 2 == 0 ? "square" : "wide"}, next);
    value = next;
  }
  EXPECT_THAT(ErrorOf(writer.Output(value).Bytes()),
              HasSubstr("(Reshape): with it, nodes compute "));

  ModelWriter factors;
  factors.Input("x", {0, 8192, 1, 8192}).Floats("two", {}, {2});
  factors.Node("Tanh", {"x"}, "v0");
  for (int i = 0; i < 2500; ++i) {
    const std::string product = absl::StrCat("p", i);
    factors.Node("Mul", {absl::StrCat("v", i), "two"}, product);
    factors.Node("Tanh", {product}, absl::StrCat("v", i + 1));
  }
  EXPECT_THAT(ErrorOf(factors.Output("v2500").Bytes()),
              HasSubstr("(Tanh): with it, nodes compute "));
  EXPECT_LT(watch.seconds(), kSeconds);
}

TEST(ImportOnnxTest, ManyAxes) {
  const Stopwatch watch;
  std::vector<int64_t> axes(1 << 20);
  std::iota(axes.begin(), axes.end(), 1);
  EXPECT_THAT(ErrorOf(ModelWriter(11)
                          .Input("x", {0, 2})
                          .Ints("k", {1})
                          .Node("Unsqueeze", {"k"}, "l")
                          .With("axes", axes)
                          .Node("Unsqueeze", {"x"}, "y")
                          .With("axes", axes)
                          .Output("y")
                          .Bytes()),
              AllOf(HasSubstr("(Unsqueeze): its result has 1048577 axes; "
                              "expected at most 16"),
                    HasSubstr("\"y_node\" (Unsqueeze): its output has 1048578 "
                              "axes; expected at most")));
  EXPECT_THAT(ErrorOf(ModelWriter()
                          .Input("x", {0, 2})
                          .Floats("w", std::vector<int64_t>(17, 1), {1})
                          .Node("Add", {"x", "w"}, "y")
                          .Output("y")
                          .Bytes()),
              HasSubstr("\"w\": it has 17 axes; expected at most 16"));
  // Sizes of a constant without numbers.
  EXPECT_THAT(ErrorOf(ModelWriter(9)
                          .Input("x", {0, 2})
                          .Floats("w", {1 << 29, 0}, {})
                          .Node("Slice", {"w"}, "v")
                          .With("starts", std::vector<int64_t>{0})
                          .With("ends", std::vector<int64_t>{1 << 29})
                          .Node("Add", {"x", "v"}, "y")
                          .Output("y")
                          .Bytes()),
              HasSubstr("of constants without numbers, only vectors can be"));
  EXPECT_LT(watch.seconds(), kSeconds);
}

TEST(ImportOnnxTest, AxesThatRepeat) {
  for (const char* type : {"Squeeze", "Unsqueeze"}) {
    EXPECT_THAT(ErrorOf(ModelWriter(11)
                            .Input("x", {0, 1, 2})
                            .Node(type, {"x"}, "y")
                            .With("axes", std::vector<int64_t>{1, 1})
                            .Output("y")
                            .Bytes()),
                HasSubstr("its axes repeat"))
        << type;
  }
}

// Layers have names of up to 128 letters, and no two the same.
TEST(ImportOnnxTest, LongNames) {
  ModelWriter writer;
  writer.Input("x", {0, 2});
  std::string value = "x";
  const std::string start(128, 'a');
  for (int i = 0; i < 3; ++i) {
    const std::string next = absl::StrCat(start, i);
    writer.Node("Relu", {value}, next);
    value = next;
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                               ImportOnnx(writer.Output(value).Bytes()));
  const std::string numbered(118, 'a');
  std::vector<std::string> names;
  for (const LayerProto& layer : import.checkpoint.model().layer()) {
    names.push_back(layer.name());
  }
  EXPECT_THAT(names, ElementsAre(start, numbered + "_2", numbered + "_3"));
}

class ExternalValuesTest : public ::testing::Test {
 protected:
  ExternalValuesTest() : folder_(EmptyTempFolder("import_test")) {
    std::filesystem::create_directories(folder_ + "/model");
    Write("model/weights.bin");
    Write("secret.bin");
  }

  void Write(const std::string& name) {
    const float values[] = {0, 3, 5};
    std::ofstream(folder_ + "/" + name, std::ios::binary)
        .write(reinterpret_cast<const char*>(values), sizeof(values));
  }

  std::string Model(const std::string& location,
                    const std::string& offset = "4",
                    const std::string& length = "8") {
    ModelWriter writer;
    writer.Input("x", {0, 2})
        .Floats("w", {2, 1}, {})
        .Node("Gemm", {"x", "w"}, "y")
        .Output("y");
    onnx::TensorProto& tensor =
        *writer.model().mutable_graph()->mutable_initializer(0);
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (const auto& [key, value] :
         {std::pair<std::string, std::string>("location", location),
          {"offset", offset},
          {"length", length}}) {
      onnx::StringStringEntryProto& entry = *tensor.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
    return writer.Bytes();
  }

  const std::string folder_;
};

TEST_F(ExternalValuesTest, AreReadFromTheModelsFolder) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const OnnxImport import,
      ImportOnnx(Model("weights.bin"), folder_ + "/model"));
  EXPECT_THAT(import.checkpoint.parameter(0).value(), ElementsAre(3, 5));
}

TEST_F(ExternalValuesTest, NotFromElsewhere) {
  const std::string folder = folder_ + "/model";
  for (const std::string& path :
       {std::string("../secret.bin"), folder_ + "/secret.bin", std::string(),
        std::string("a/../../secret.bin")}) {
    EXPECT_THAT(ErrorOf(Model(path), folder),
                AllOf(HasSubstr("constant \"w\""), HasSubstr("model's folder")))
        << path;
  }
  std::filesystem::create_symlink(folder_ + "/secret.bin", folder + "/link");
  EXPECT_THAT(ErrorOf(Model("link"), folder),
              HasSubstr("outside the model's folder"));
  EXPECT_THAT(ErrorOf(Model("weights.bin", "8"), folder),
              HasSubstr("start at byte 8 of \"weights.bin\", which has 12 "
                        "bytes; its shape needs 8"));
  EXPECT_THAT(ErrorOf(Model("weights.bin", "-4"), folder),
              HasSubstr("the offset of its values is \"-4\""));
  EXPECT_THAT(ErrorOf(Model("weights.bin", "4", "4"), folder),
              HasSubstr("the length of its values is 4 bytes; its shape [2, 1] "
                        "needs 8"));
}

}  // namespace
}  // namespace lenslet
