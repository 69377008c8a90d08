// lenslet predict with a user's own files: images, CSV rows and NumPy's arrays,
// for models of every kind of target.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/testing/npy_bytes.h"
#include "lenslet/inspect/class_colors.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/predict/output_targets.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Json = nlohmann::json;

class PredictFilesTest : public ::testing::Test {
 protected:
  // Saves a model whose first parameters are these, and the others 0.
  void Save(const std::string& model, const std::vector<float>& parameters,
            const OutputTargets& targets, const TrainedInputs& inputs) {
    CheckpointProto checkpoint;
    *checkpoint.mutable_model() =
        ParseModelText(model, "test.textproto")->model;
    const Graph graph = *BuildGraph(checkpoint.model());
    Parameters values = *Parameters::Create(graph);
    for (size_t i = 0; i < parameters.size(); ++i) {
      values.view(0).span()[i] = parameters[i];
    }
    CopyParameters(values, checkpoint);
    TargetsToCheckpoint(targets, checkpoint);
    TrainedInputsToCheckpoint(inputs, checkpoint);
    ASSERT_THAT(SaveCheckpoint(Path("model.ckpt"), checkpoint), IsOk());
  }

  // Of a house's area and rooms, its price and its rent: their sum and their
  // difference.
  void SaveHouses() {
    Save(
        "input { name: 'house' shape: [2] } "
        "layer { name: 'linear' linear { output_features: 2 } }",
        {1, 1, 1, -1},
        {.kind = TargetKind::kValues, .names = {"price", "rent"}},
        {.type = ElementType::kFloat32, .names = {"area", "rooms"}});
  }

  std::string Write(const std::string& name, const std::string& bytes) {
    EXPECT_THAT(WriteFileAtomically(Path(name), bytes), IsOk());
    return Path(name);
  }

  std::string WriteImage(const std::string& name, const Shape& shape,
                         const std::vector<uint8_t>& pixels) {
    Tensor image(shape, ElementType::kUint8);
    std::copy(pixels.begin(), pixels.end(), image.data<uint8_t>());
    EXPECT_THAT(WritePngFile(Path(name), image), IsOk());
    return Path(name);
  }

  ProgramResult Predict(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), Path("model.ckpt"));
    return RunLenslet("predict", arguments);
  }

  std::vector<Json> PredictJson(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const ProgramResult result = Predict(std::move(arguments));
    EXPECT_EQ(result.exit_code, 0) << result.err << result.out;
    std::vector<Json> lines;
    for (const auto line :
         absl::StrSplit(result.out, '\n', absl::SkipEmpty())) {
      lines.push_back(Json::parse(line));
    }
    return lines;
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  const std::string folder_ = EmptyTempFolder("predict_files_test");
};

TEST_F(PredictFilesTest, RowsOfNamedColumnsInAnyOrder) {
  SaveHouses();
  const std::string file =
      Write("houses.csv", "id,rooms,area\na,3,71.5\nb,2,-1e2\n");
  const ProgramResult result = Predict({file});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              StartsWith(absl::StrCat(file, ":2  price 74.5, rent 68.5\n", file,
                                      ":3  price -98, rent -102\n")));
  const std::vector<Json> lines = PredictJson({file});
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(lines[0]["file"], file);
  EXPECT_EQ(lines[0]["line"], 2);
  EXPECT_EQ(lines[0]["values"][0]["value"], "price");
  EXPECT_EQ(lines[0]["values"][0]["predicted"], 74.5);
  EXPECT_EQ(lines[1]["values"][1]["predicted"], -102);
}

// The names pass through an ONNX model.
TEST_F(PredictFilesTest, RowsOfNamedColumnsForAnOnnxModel) {
  SaveHouses();
  const std::string file = Write("houses.csv", "id,rooms,area\na,3,71.5\n");
  const std::string onnx = Path("model.onnx");
  const ProgramResult written =
      RunLenslet("export", {Path("model.ckpt"), "--onnx=" + onnx});
  EXPECT_EQ(written.exit_code, 0) << written.err;
  const ProgramResult result = RunLenslet("predict", {onnx, file});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(":2  price 74.5, rent 68.5\n"));
}

TEST_F(PredictFilesTest, RowsWithoutAHeaderHaveTheInputsInOrder) {
  SaveHouses();
  const std::string file = Write("rows.csv", "71.5,3\n");
  EXPECT_THAT(Predict({file}).out, HasSubstr("rows.csv:1  price 74.5, rent "));
}

TEST_F(PredictFilesTest, LinesAreThoseOfTheFile) {
  SaveHouses();
  const std::string file = Write(
      "houses.csv", "\nnote,rooms,area\n\"two\nlines\",3,71.5\n\nc,2,-1e2\n");
  EXPECT_THAT(Predict({file}).out,
              StartsWith(absl::StrCat(file, ":3  price 74.5, rent 68.5\n", file,
                                      ":6  price -98, rent -102\n")));
  const std::vector<Json> lines = PredictJson({file});
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(lines[0]["line"], 3);
  EXPECT_EQ(lines[1]["line"], 6);
}

TEST_F(PredictFilesTest, WhatIsWrongWithAFileIsSaidAndOthersAreAnswered) {
  SaveHouses();
  const std::string word = Write("word.csv", "area,rooms\n1,2\n3,many\n");
  const std::string column = Write("column.csv", "area,roms\n1,2\n");
  const std::string wide = Write("wide.csv", "1,2,3\n");
  const std::string empty = Write("empty.csv", "");
  const std::string good = Write("good.csv", "area,rooms\n1,2\n");
  const ProgramResult result = Predict({word, column, wide, empty, good});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, StartsWith(good + ":2  price 3, rent -1\n"));
  EXPECT_THAT(
      result.err,
      AllOf(HasSubstr(word + ":3: column 2 (\"rooms\") is \"many\"; "
                             "expected a number"),
            HasSubstr(column + ": has no column \"rooms\", but \"area\", "
                               "\"roms\"; expected all of the inputs, "
                               "\"area\", \"rooms\"; did you mean \"roms\"?"),
            HasSubstr(empty + ": is empty; expected rows of numbers"),
            HasSubstr(wide + ": has 3 columns; expected 2, one for each "
                             "number of the model's input")));
}

TEST_F(PredictFilesTest, NumbersAreNormalized) {
  SaveHouses();
  CheckpointProto checkpoint = *LoadCheckpoint(Path("model.ckpt"));
  checkpoint.mutable_normalization()->add_mean(10);
  checkpoint.mutable_normalization()->add_mean(1);
  checkpoint.mutable_normalization()->add_deviation(2);
  checkpoint.mutable_normalization()->add_deviation(1);
  ASSERT_THAT(SaveCheckpoint(Path("model.ckpt"), checkpoint), IsOk());
  EXPECT_THAT(Predict({Write("rows.csv", "14,4\n")}).out,
              HasSubstr("price 5, rent -1\n"));
}

TEST_F(PredictFilesTest, ArraysOfNumPy) {
  SaveHouses();
  const std::string file = Write(
      "x.npy", NpyBytes("<f4", {3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_THAT(Predict({file}).out,
              StartsWith(absl::StrCat(file, "[0]  price 3, rent -1\n", file,
                                      "[1]  price 7, rent -1\n")));
  const std::vector<Json> lines = PredictJson({file});
  ASSERT_EQ(lines.size(), 3);
  EXPECT_EQ(lines[2]["index"], 2);
  EXPECT_EQ(lines[2]["values"][0]["predicted"], 11);

  ProgramResult result = Predict({Write(
      "bytes.npy", NpyBytes("|u1", {1, 2}, std::vector<uint8_t>{1, 2}))});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              HasSubstr("bytes.npy: has examples of type uint8; expected "
                        "float32, as the model was trained on"));
  result = Predict({Write(
      "wide.npy", NpyBytes("<f4", {1, 3}, std::vector<float>{1, 2, 3}))});
  EXPECT_THAT(result.err, HasSubstr("wide.npy: has examples of shape [3]; "
                                    "expected [2]"));
}

// Networks of other programs may take bytes or floats.
TEST_F(PredictFilesTest, ArraysOfEitherTypeForImages) {
  Save(
      "input { name: 'image' shape: [1, 2, 1] } "
      "layer { name: 'flat' flatten {} } "
      "layer { name: 'linear' linear { output_features: 1 } }",
      {1, 2}, {.kind = TargetKind::kValues, .names = {"sum"}}, {});
  const std::vector<Json> floats = PredictJson({Write(
      "x.npy", NpyBytes("<f4", {1, 1, 2, 1}, std::vector<float>{0.5f, -3}))});
  ASSERT_EQ(floats.size(), 1);
  EXPECT_EQ(floats[0]["values"][0]["predicted"], -5.5);
  const std::vector<Json> bytes = PredictJson({Write(
      "b.npy", NpyBytes("|u1", {1, 1, 2, 1}, std::vector<uint8_t>{255, 0}))});
  ASSERT_EQ(bytes.size(), 1);
  EXPECT_EQ(bytes[0]["values"][0]["predicted"], 1);
}

TEST_F(PredictFilesTest, ClassesAndLabelsOfRows) {
  const std::string model =
      "input { name: 'row' shape: [2] } "
      "layer { name: 'linear' linear { output_features: 2 } }";
  const TrainedInputs inputs = {.type = ElementType::kFloat32};
  const std::string file = Write("x.csv", "1,-1\n0,0\n");
  Save(model, {10, 0, 0, 10}, {.names = {"left", "right"}}, inputs);
  EXPECT_THAT(Predict({file}).out,
              HasSubstr("x.csv:1  left 100.0 %, right 0.0 %\n"));
  EXPECT_EQ(PredictJson({file})[0]["class"], "left");
  Save(model, {10, 0, 0, 10},
       {.kind = TargetKind::kLabels, .names = {"sea", "sky"}}, inputs);
  EXPECT_THAT(Predict({file}).out,
              HasSubstr("x.csv:2  sea 50.0 %, sky 50.0 %\n"));
  const Json json = PredictJson({file})[1];
  EXPECT_EQ(json["labels"][1]["label"], "sky");
  EXPECT_EQ(json["labels"][1]["probability"], 0.5);
}

constexpr char kImageModel[] =
    "input { name: 'image' shape: [1, 2, 1] } "
    "layer { name: 'flatten' flatten {} } "
    "layer { name: 'linear' linear { output_features: 2 } }";

TEST_F(PredictFilesTest, LabelsAndValuesOfImages) {
  const std::string file = WriteImage("a.png", {1, 2, 1}, {255, 0});
  Save(kImageModel, {10, 0, 0, 10},
       {.kind = TargetKind::kLabels, .names = {"sea", "sky"}},
       {.type = ElementType::kUint8});
  EXPECT_THAT(Predict({file}).out, AllOf(StartsWith(file + "\n"),
                                         HasSubstr("  label  probability\n"
                                                   "  sea        100.0 %\n"
                                                   "  sky         50.0 %\n")));
  Save(kImageModel, {10, 0, 0, 10}, {.kind = TargetKind::kValues}, {});
  EXPECT_THAT(Predict({file}).out, HasSubstr("  value    predicted\n"
                                             "  value 0         10\n"));
  EXPECT_EQ(PredictJson({file})[0]["values"][0]["predicted"], 10);
  const ProgramResult result =
      Predict({file, "--output_dir=" + Path("pictures")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err,
              HasSubstr("--output_dir is for models whose outputs are "
                        "pictures, but this one outputs values of shape [2]"));
}

TEST_F(PredictFilesTest, AnImageForAModelOfFloatsIsRefused) {
  Save(kImageModel, {}, {.kind = TargetKind::kValues},
       {.type = ElementType::kFloat32});
  const ProgramResult result =
      Predict({WriteImage("a.png", {1, 2, 1}, {255, 0})});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("a.png: is an image, but the model was "
                                    "trained on examples of float numbers"));
}

// Each pixel is halved.
TEST_F(PredictFilesTest, AnAutoencoderWritesPictures) {
  Save(
      "input { name: 'image' shape: [2, 2, 1] } "
      "layer { name: 'conv' conv2d { output_channels: 1 kernel: 1 } }",
      {0.5}, {.kind = TargetKind::kValues}, {.type = ElementType::kUint8});
  const std::string first = WriteImage("a.png", {2, 2, 1}, {0, 100, 200, 255});
  const std::string pictures = Path("pictures");
  const ProgramResult result =
      Predict({first, first, "--output_dir=" + pictures});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("  value 3        0.5\n"),
                    HasSubstr("  wrote " + pictures + "/a.png\n"),
                    HasSubstr("  wrote " + pictures + "/a_2.png\n")));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor picture,
                               ReadImageFile(pictures + "/a_2.png"));
  EXPECT_THAT(picture.span<uint8_t>(), ElementsAre(0, 50, 100, 128));
  const Json json = PredictJson({first, "--output_dir=" + Path("other")})[0];
  EXPECT_EQ(json["picture"], Path("other") + "/a.png");
  EXPECT_THAT(json["shape"], ElementsAre(2, 2, 1));
  EXPECT_EQ(json["values"][3], 0.5);

  // Never over what the command reads.
  const ProgramResult refused = Predict({first, "--output_dir=" + folder_});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("which the command reads"));
  EXPECT_THAT(ReadImageFile(first)->span<uint8_t>(),
              ElementsAre(0, 100, 200, 255));
}

// Bright pixels are disk.
TEST_F(PredictFilesTest, AMapHasAColorForEachClass) {
  Save(
      "input { name: 'image' shape: [2, 2, 1] } "
      "layer { name: 'conv' conv2d { output_channels: 2 kernel: 1 bias: false "
      "} } ",
      {-1, 1}, {.names = {"ground", "disk"}}, {.type = ElementType::kUint8});
  const std::string file = WriteImage("a.png", {2, 2, 1}, {0, 0, 0, 255});
  const ProgramResult result =
      Predict({file, "--output_dir=" + Path("pictures")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("  class   positions\n"
                                    "  ground     75.0 %\n"
                                    "  disk       25.0 %\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor picture,
                               ReadImageFile(Path("pictures/a.png")));
  const Tensor expected = ClassImage({0, 0, 0, 1}, 2, 2);
  EXPECT_EQ(picture.span<uint8_t>(), expected.span<uint8_t>());
  const Json json = PredictJson({file})[0];
  EXPECT_EQ(json["positions"], 4);
  EXPECT_EQ(json["classes"][1]["positions"], 1);
}

// The run's checkpoint knows its columns, also for other data.
// The first line, after the file and the line.
std::string Answer(const std::string& out) {
  const std::string line = out.substr(0, out.find('\n'));
  return line.substr(line.find("  "));
}

TEST_F(PredictFilesTest, ARunAnswersForRowsLikeThoseOfItsFile) {
  Write("train.csv", "id,area,rooms,price\n1,10,1,11\n2,20,2,22\n3,30,1,31\n");
  Write("model.textproto",
        "input { name: 'house' shape: 2 } "
        "layer { name: 'price' linear { output_features: 1 } }");
  Write("recipe.textproto",
        "model: 'model.textproto' data { csv { train_file: 'train.csv' "
        "has_header: true numbers: FLOAT ignore: 'id' } target { value { "
        "columns: 'price' } } } batch_size: 1 epochs: 1 learning_rate: 0.0001");
  const ProgramResult trained = Train(Path("recipe.textproto"), Path("run"));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  ProgramResult result = RunLenslet(
      "predict", {Path("run"), Write("new.csv", "rooms,area\n1,9\n")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("new.csv:2  price "));
  const std::string answer = Answer(result.out);
  // Without a header, all columns of the training file, or the inputs alone.
  for (const std::string row : {"4,9,1,8\n", "9,1\n"}) {
    result = RunLenslet("predict", {Path("run"), Write("new.csv", row)});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(Answer(result.out), answer);
  }
  result = RunLenslet("predict", {Path("run"), Write("new.csv", "4,9,1\n")});
  EXPECT_THAT(result.err,
              HasSubstr("new.csv: has 3 columns; expected 2, one for each "
                        "number of the model's input, or 4, as the file that "
                        "it was trained on"));
  Write("other.csv", "rooms,area,price\n1,9,3\n");
  result = RunLenslet(
      "evaluate",
      {Path("run"), "--split=train",
       absl::StrCat("--data=csv { train_file: '", Path("other.csv"),
                    "' has_header: true numbers: FLOAT } target { value { "
                    "columns: 'price' } }")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              HasSubstr("has \"rooms\" as column 1 of the inputs; expected "
                        "\"area\", as the model was trained on"));
}

// The class in the first row made it a header, and it was left out.
TEST_F(PredictFilesTest, ARowOfNumbersAndAClassIsNoHeader) {
  Write("train.csv", "1.5,2,cat\n2.5,nan,dog\n3.5,1,cat\n");
  Write("model.textproto",
        "input { name: 'animal' shape: 1 } "
        "layer { name: 'kind' linear { output_features: 2 } }");
  Write("recipe.textproto",
        "model: 'model.textproto' data { csv { train_file: 'train.csv' "
        "numbers: FLOAT ignore: '1' } target { label { column: '-1' } } } "
        "batch_size: 1 epochs: 1 learning_rate: 0.01");
  const ProgramResult trained = Train(Path("recipe.textproto"), Path("run"));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto predict = [&](const std::string& text) {
    const ProgramResult result =
        RunLenslet("predict", {Path("run"), Write("new.csv", text)});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  EXPECT_THAT(predict("1.5,2,cat\n"), HasSubstr("new.csv:1  "));
  EXPECT_THAT(predict("1.5,nan,dog\n"), HasSubstr("new.csv:1  "));
  EXPECT_THAT(predict("size,age,kind\n1.5,2,cat\n"),
              AllOf(HasSubstr("new.csv:2  "),
                    ::testing::Not(HasSubstr("new.csv:1  "))));
}

}  // namespace
}  // namespace lenslet
