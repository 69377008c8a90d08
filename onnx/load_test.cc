#include "lenslet/onnx/load.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/load_graph.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Two inputs, twice, by nodes of these types.
onnx::ModelProto ModelOf(const std::string& first, const std::string& second) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::ValueInfoProto& input = *graph.add_input();
  input.set_name("x");
  onnx::TypeProto::Tensor& type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  auto& shape = *type.mutable_shape();
  shape.add_dim()->set_dim_param("batch");
  shape.add_dim()->set_dim_value(2);
  const auto add_node = [&](const std::string& type, const std::string& from,
                            const std::string& to) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type(type);
    node.add_input(from);
    node.add_output(to);
  };
  add_node(first, "x", "y");
  add_node(second, "x", "z");
  graph.add_output()->set_name("y");
  return model;
}

class LoadOnnxTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& bytes) const {
    const std::string path = absl::StrCat(folder_, "/", name);
    LENSLET_EXPECT_OK(WriteFileAtomically(path, bytes));
    return path;
  }

  const std::string folder_ = EmptyTempFolder("load_onnx");
};

TEST_F(LoadOnnxTest, TakesEitherKindOfFile) {
  const std::string bytes = ModelOf("Relu", "Relu").SerializeAsString();
  for (const char* name : {"net.onnx", "NET.ONNX", "net"}) {
    const std::string path = Write(name, bytes);
    EXPECT_TRUE(IsOnnxFile(path));
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const TrainedNetwork network,
        LoadTrainedNetwork(path, LoadCheckpointOrOnnx));
    EXPECT_EQ(network.graph.inputs()[0].shape, Shape({2})) << name;
    EXPECT_THAT(network.checkpoint.class_name(), ElementsAre("0", "1"));
    // A checkpoint is one by its contents.
    LENSLET_ASSERT_OK(SaveCheckpoint(path, network.checkpoint));
    LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto loaded,
                                 LoadCheckpointOrOnnx(path));
    EXPECT_EQ(loaded.SerializeAsString(),
              network.checkpoint.SerializeAsString());
    EXPECT_THAT(LoadOnnx(path),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         path + ": is a checkpoint already; expected an ONNX "
                                "model"));
  }
}

TEST_F(LoadOnnxTest, GivesNotes) {
  std::vector<std::string> notes = {"earlier"};
  onnx::ModelProto model = ModelOf("Relu", "Relu");
  onnx::StringStringEntryProto& entry = *model.add_metadata_props();
  entry.set_key("class_names");
  entry.set_value("a");
  const std::string path = Write("net.onnx", model.SerializeAsString());
  LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto checkpoint,
                               LoadCheckpointOrOnnx(path, notes));
  EXPECT_THAT(notes,
              ElementsAre("earlier", HasSubstr("class_names are left out")));
}

TEST_F(LoadOnnxTest, ErrorsNameTheFile) {
  const std::string text = Write("text.onnx", "dear diary");
  EXPECT_TRUE(IsOnnxFile(text));
  EXPECT_THAT(LoadCheckpointOrOnnx(text),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       text + ": is not an ONNX model, or is truncated or "
                              "corrupted"));
  const std::string other = Write("text", "dear diary");
  EXPECT_FALSE(IsOnnxFile(other));
  EXPECT_THAT(LoadCheckpointOrOnnx(other),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       other + ": is not a checkpoint: it does not start with "
                               "LENSLET1"));
  const std::string missing = absl::StrCat(folder_, "/missing.onnx");
  EXPECT_FALSE(IsOnnxFile(missing));
  EXPECT_THAT(LoadCheckpointOrOnnx(missing),
              StatusIs(absl::StatusCode::kNotFound,
                       testing::HasSubstr(missing + ": ")));
  // A folder is a run's, whatever its name.
  EXPECT_FALSE(IsOnnxFile(EmptyTempFolder("folder.onnx")));
}

TEST_F(LoadOnnxTest, AnswersOpenSizesWithTheCommand) {
  onnx::ModelProto model = ModelOf("Relu", "Relu");
  model.mutable_graph()
      ->mutable_input(0)
      ->mutable_type()
      ->mutable_tensor_type()
      ->mutable_shape()
      ->mutable_dim(1)
      ->clear_dim_value();
  const std::string path = Write("open.onnx", model.SerializeAsString());
  EXPECT_THAT(
      LoadCheckpointOrOnnx(path),
      StatusIs(absl::StatusCode::kInvalidArgument,
               path + ": input \"x\" leaves sizes open, given as 0: [0], "
                      "channels last; "
                      "expected sizes from lenslet import --shape, such as "
                      "--shape=32"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const OnnxImport import,
                               LoadOnnx(path, {.shape = {5}}));
  EXPECT_EQ(import.checkpoint.class_name_size(), 5);
}

TEST_F(LoadOnnxTest, RefusesMoreThanTheFormatHolds) {
  const std::string path = Write("huge.onnx", "");
  // A file of no blocks: nothing is written.
  std::filesystem::resize_file(path, int64_t{1} << 31);
  EXPECT_THAT(LoadOnnx(path),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       path + ": has 2147483648 bytes or more; expected at "
                              "most 2147483647"));
}

TEST_F(LoadOnnxTest, ListsAllNodesOrNamesTheFirst) {
  const std::string path =
      Write("two.onnx", ModelOf("Loop", "LSTM").SerializeAsString());
  EXPECT_THAT(
      LoadOnnx(path),
      StatusIs(absl::StatusCode::kInvalidArgument,
               testing::AllOf(
                   testing::StartsWith(path + ": node \"y\" (Loop): "),
                   testing::HasSubstr("\n" + path + ": node \"z\" (LSTM): "))));
  EXPECT_THAT(LoadCheckpointOrOnnx(path),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::AllOf(
                           testing::StartsWith(path + ": node \"y\" (Loop): "),
                           testing::Not(testing::HasSubstr("LSTM")),
                           testing::EndsWith("; lenslet lint lists all nodes "
                                             "that cannot be imported"))));
}

}  // namespace
}  // namespace lenslet
