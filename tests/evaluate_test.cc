// lenslet evaluate, as a user runs it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"
#include "lenslet/train/recipe/recipe.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int kFailure = 1;
constexpr int kUsage = 2;

// Images of 1 x 3 pixels of classes 0, 1, 2, 0, ...; that of the class is
// brightest. The model knows classes 0 and 1, and takes 2 for 1.
class EvaluateTest : public ::testing::Test {
 protected:
  EvaluateTest()
      : data_(EmptyTempFolder("evaluate_test_data")),
        folder_(EmptyTempFolder("evaluate_test")) {
    EXPECT_THAT(
        WriteSmallMnist(data_,
                        {.count = 30, .height = 1, .width = 3, .classes = 3}),
        IsOk());
    Save({"class 0", "class 1", "class 2"});
  }

  void Save(const std::vector<std::string>& class_names, float weight = 8,
            const Normalization& normalization = {}) {
    CheckpointProto checkpoint;
    *checkpoint.mutable_model() =
        ParseModelText(
            "input { name: 'image' shape: [1, 3, 1] }\n"
            "layer { name: 'flatten' flatten {} }\n"
            "layer { name: 'linear' linear { output_features: 3 } }\n",
            "test.textproto")
            ->model;
    const Graph graph = *BuildGraph(checkpoint.model());
    Parameters parameters = *Parameters::Create(graph);
    parameters.view(0).at({0, 0}) = weight;
    parameters.view(0).at({1, 1}) = weight;
    parameters.view(0).at({1, 2}) = weight;
    CopyParameters(parameters, checkpoint);
    checkpoint.mutable_class_name()->Add(class_names.begin(),
                                         class_names.end());
    *checkpoint.mutable_normalization() = NormalizationToProto(normalization);
    EXPECT_THAT(SaveCheckpoint(Path("model.ckpt"), checkpoint), IsOk());
  }

  ProgramResult Evaluate(std::vector<std::string> arguments) {
    arguments.push_back(Path("model.ckpt"));
    arguments.push_back("--data_dir=" + data_);
    return RunLenslet("evaluate", arguments);
  }

  // One line to stderr, and nothing to stdout.
  static void ExpectOneLine(const ProgramResult& result, int exit_code,
                            const std::string& message,
                            const std::string& command = "evaluate") {
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_THAT(result.err, AllOf(StartsWith("lenslet " + command + ": "),
                                  HasSubstr(message)));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
    EXPECT_EQ(result.out, "");
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  const std::string data_;
  const std::string folder_;
};

TEST_F(EvaluateTest, PrintsTables) {
  const ProgramResult result = Evaluate({"--top_k=2", "--mistakes=2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, StartsWith(Path("model.ckpt") +
                                     " on 30 test images from " + data_ +
                                     ", computed by direct\n\n"
                                     "accuracy           0.6667  20 of 30\n"
                                     "top-2 accuracy     "));
  EXPECT_THAT(result.out, HasSubstr("\n"
                                    "   class             examples  predicted  "
                                    "precision  recall      F1\n"
                                    "0  class 0                 10         10  "
                                    "   1.0000  1.0000  1.0000\n"
                                    "1  class 1                 10         20  "
                                    "   0.5000  1.0000  0.6667\n"
                                    "2  class 2                 10          0  "
                                    "        -  0.0000  0.0000\n"
                                    "   mean without -                         "
                                    "   0.7500  0.6667  0.5556\n"
                                    "   mean with - as 0                       "
                                    "   0.5000  0.6667  0.5556\n"));
  EXPECT_THAT(result.out, HasSubstr("\n   class     0   1  2\n"
                                    "0  class 0  10   0  0\n"
                                    "1  class 1   0  10  0\n"
                                    "2  class 2   0  10  0\n"));
  EXPECT_THAT(result.out, HasSubstr("\nconfidence      examples  mean "
                                    "confidence  accuracy\n"));
  EXPECT_THAT(result.out, HasSubstr("\nexample  class         p  taken for"));
}

// Every pixel is negative then, and class 2's score of 0 the highest.
TEST_F(EvaluateTest, NormalizesAsInTraining) {
  Save({"class 0", "class 1", "class 2"}, /*weight=*/8,
       {.mean = {1.5f}, .deviation = {1.0f}});
  const ProgramResult result = Evaluate({});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\n   class    0  1   2\n"
                                    "0  class 0  0  0  10\n"
                                    "1  class 1  0  0  10\n"
                                    "2  class 2  0  0  10\n"));
}

TEST_F(EvaluateTest, WritesJson) {
  const ProgramResult result = Evaluate(
      {"--split=train", "--json=" + Path("a.json"), "--backend=reference"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\nwrote " + Path("a.json") + "\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string text,
                               ReadFile(Path("a.json")));
  const auto json =
      nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(json.is_object()) << text;
  EXPECT_EQ(json["checkpoint"], Path("model.ckpt"));
  EXPECT_EQ(json["data"], "train images from " + data_);
  EXPECT_EQ(json["split"], "train");
  EXPECT_EQ(json["backend"], "reference");
  EXPECT_EQ(json["examples"], 30);
  EXPECT_EQ(json["top_k"], 3);  // All there are.
  EXPECT_EQ(json["top_k_accuracy"], 1);
  EXPECT_EQ(json["confusion"],
            nlohmann::json::parse("[[10,0,0],[0,10,0],[0,10,0]]"));
  EXPECT_EQ(json["classes"][1]["name"], "class 1");
  EXPECT_EQ(json["classes"][2]["precision"], nullptr);
  EXPECT_THAT(json["calibration"], SizeIs(15));
  EXPECT_THAT(json["mistakes"], SizeIs(10));
}

TEST_F(EvaluateTest, PrintsJson) {
  const ProgramResult result = Evaluate({"--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(Evaluate({"--json=" + Path("a.json")}).exit_code, 0);
  EXPECT_EQ(result.out, *ReadFile(Path("a.json")));
}

TEST_F(EvaluateTest, DoesNotReplaceWhatItReads) {
  const std::string before = *ReadFile(Path("model.ckpt"));
  ExpectOneLine(Evaluate({"--json=" + Path("model.ckpt")}), kUsage,
                "--json is " + Path("model.ckpt") +
                    ", which the command reads; expected another file");
  EXPECT_EQ(*ReadFile(Path("model.ckpt")), before);
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a.csv"), "0,1,2,3\n"));
  ExpectOneLine(
      RunLenslet("evaluate", {Path("model.ckpt"), "--json=" + Path("a.csv"),
                              "--data=csv { train_file: '" + Path("a.csv") +
                                  "' shape: [1, 3, 1] }"}),
      kUsage, "a.csv, which the command reads");
  EXPECT_EQ(*ReadFile(Path("a.csv")), "0,1,2,3\n");
}

TEST_F(EvaluateTest, TheResultDoesNotDependOnThreads) {
  const std::string one = Evaluate({"--threads=1", "--block=4"}).out;
  EXPECT_THAT(one, HasSubstr("20 of 30"));
  EXPECT_EQ(Evaluate({"--threads=3", "--block=4"}).out, one);
}

TEST_F(EvaluateTest, ClassesWithoutNamesGetThem) {
  Save({"0", "1", "2"});
  const ProgramResult result = Evaluate({});
  EXPECT_THAT(result.out, HasSubstr("\n0  class 0 "));
  EXPECT_THAT(result.err, HasSubstr("number 0 is taken for \"class 0\""));
  Save({"a", "b", "c"});
  LENSLET_ASSERT_OK(WriteFileAtomically(data_ + "/classes.txt", "0\n1\n2\n"));
  EXPECT_THAT(Evaluate({}).out, HasSubstr("\n0  a "));
}

TEST_F(EvaluateTest, HelpExplainsEachFlag) {
  const ProgramResult result = RunLenslet("evaluate", {"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* text :
       {"evaluate CHECKPOINT [", "--data TEXT", "--data_dir",
        "--split TEXT [test]", "--top_k INT [5]", "--mistakes", "--backend",
        "--threads", "--block", "--json[=FILE]"}) {
    EXPECT_THAT(result.out, HasSubstr(text));
  }
}

TEST_F(EvaluateTest, AWrongFlagIsOneLineAndExitCode2) {
  ExpectOneLine(RunLenslet("evaluate", {}), kUsage,
                "expected a checkpoint, as in: lenslet evaluate RUN");
  ExpectOneLine(Evaluate({"other.ckpt"}), kUsage,
                "expected one checkpoint, got 2");
  ExpectOneLine(Evaluate({"--split=val"}), kUsage,
                "--split is \"val\"; expected test, validation or train");
  ExpectOneLine(Evaluate({"--top_k=0"}), kUsage,
                "--top_k is 0; expected a number of at least 1");
  ExpectOneLine(Evaluate({"--backend=cuda"}), kUsage,
                "--backend: unknown backend \"cuda\"");
  ExpectOneLine(Evaluate({"--topk=3"}), kUsage, "did you mean \"--top_k\"?");
}

TEST_F(EvaluateTest, AWrongCheckpointIsOneLineAndExitCode1) {
  ExpectOneLine(RunLenslet("evaluate", {Path("none.ckpt")}), kFailure,
                Path("none.ckpt") + ": No such file");
  LENSLET_ASSERT_OK_AND_ASSIGN(std::string bytes, ReadFile(Path("model.ckpt")));
  bytes.back() ^= 1;
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("model.ckpt"), bytes));
  ExpectOneLine(Evaluate({}), kFailure, Path("model.ckpt"));
  // A model that has diverged.
  Save({"class 0", "class 1", "class 2"}, std::nanf(""));
  ExpectOneLine(
      Evaluate({}), kFailure,
      "parameter \"linear.weight\": value 0 is nan; expected a finite number");
}

// Its recipe makes 400 training examples, 27 of each of three classes to
// validate with, and 200 test examples.
class EvaluateRunTest : public EvaluateTest {
 protected:
  static void SetUpTestSuite() {
    const std::string folder = EmptyTempFolder("evaluate_run_test");
    run_ = folder + "/run";
    const ProgramResult result =
        Train(WriteSmallRecipe(folder), run_,
              {"--epochs=1", "--set=loss={ cross_entropy {} }"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  ProgramResult EvaluateRun(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), run_);
    return RunLenslet("evaluate", arguments);
  }

  static inline std::string run_;
};

TEST_F(EvaluateRunTest, UsesTheDataOfTheRecipe) {
  const auto expect = [&](const std::vector<std::string>& arguments,
                          const std::string& data) {
    const ProgramResult result = EvaluateRun(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out,
                StartsWith(run_ + " on " + data +
                           " images of synthetic examples of 3 classes, "));
  };
  expect({}, "200 test");
  expect({"--split=validation"}, "81 validation");
  expect({"--split=train"}, "319 train");
}

// The same examples were set apart: the loss is the one that the run logged.
TEST_F(EvaluateRunTest, ValidatesAsTheRunDid) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string metrics,
                               ReadFile(run_ + "/metrics.jsonl"));
  double expected = -1;
  for (const absl::string_view line :
       absl::StrSplit(metrics, '\n', absl::SkipEmpty())) {
    const auto record = nlohmann::json::parse(line);
    if (record.contains("validation_loss"))
      expected = record["validation_loss"];
  }
  ASSERT_GT(expected, 0) << metrics;
  ASSERT_EQ(
      EvaluateRun({"--split=validation", "--json=" + Path("a.json")}).exit_code,
      0);
  const auto json = nlohmann::json::parse(*ReadFile(Path("a.json")));
  // Both add up some floats.
  EXPECT_NEAR(json["cross_entropy"].get<double>(), expected, 1e-5);
  EXPECT_EQ(json["data"],
            "validation images of synthetic examples of 3 classes");
}

TEST_F(EvaluateRunTest, TheSameForTheFolderAndItsLatestCheckpoint) {
  const ProgramResult file = RunLenslet("evaluate", {run_ + "/latest.ckpt"});
  EXPECT_EQ(file.exit_code, 0) << file.err;
  EXPECT_EQ(file.out.substr(file.out.find(" on ")),
            EvaluateRun({}).out.substr(run_.size()));
}

TEST_F(EvaluateRunTest, FlagsNameOtherData) {
  LENSLET_ASSERT_OK(
      WriteSmallMnist(data_, {.height = 8, .width = 8, .classes = 3}));
  EXPECT_THAT(EvaluateRun({"--data_dir=" + data_}).out,
              StartsWith(run_ + " on 100 test images from " + data_));
  EXPECT_THAT(
      EvaluateRun({"--data=idx { directory: '" + data_ +
                       "' } max_train_examples: 30 validation_fraction: "
                       "0.5",
                   "--split=validation"})
          .out,
      StartsWith(run_ + " on 15 validation images of IDX files in " + data_));
  std::string row = "1";
  for (int i = 0; i < 64; ++i) row += ",7";
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("a.csv"), row + "\n2" + row.substr(1) + "\n0" + row.substr(1)));
  const std::string csv =
      "--data=csv { train_file: '" + Path("a.csv") + "' shape: [8, 8, 1] }";
  EXPECT_THAT(
      EvaluateRun({csv, "--split=train"}).out,
      StartsWith(run_ + " on 3 train images of CSV file " + Path("a.csv")));
  ExpectOneLine(EvaluateRun({csv}), kFailure,
                "the data has no test images: CSV file " + Path("a.csv") +
                    " (--split=train: 3)");
  // Test images are not those of the training file.
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("b.csv"), row + "\n"));
  EXPECT_THAT(
      EvaluateRun({"--data=csv { train_file: '" + Path("a.csv") +
                   "' test_file: '" + Path("b.csv") + "' shape: [8, 8, 1] }"})
          .out,
      StartsWith(run_ + " on 1 test images of CSV file " + Path("b.csv")));
}

// Fitted as in training: between bars of black. Other data says otherwise.
TEST_F(EvaluateTest, OtherNumbersAreOtherClasses) {
  LENSLET_ASSERT_OK(
      WriteFileAtomically(Path("a.csv"), "-1,7,7,7\n0,7,7,7\n1,7,7,7\n"));
  const auto evaluate = [&](const std::vector<std::string>& class_names) {
    Save(class_names);
    return RunLenslet("evaluate", {Path("model.ckpt"), "--split=train",
                                   "--data=csv { train_file: '" +
                                       Path("a.csv") + "' shape: [1, 3, 1] }"});
  };
  ExpectOneLine(evaluate({"0", "1", "2"}), kFailure,
                "class 0 is \"0\" in the model but \"-1\" in the data set");
  EXPECT_EQ(evaluate({"-1", "0", "1"}).exit_code, 0);
}

TEST_F(EvaluateTest, DataMayLackClassesOfTheModel) {
  Save({"class 2", "class 0", "class 1"});
  EXPECT_EQ(Evaluate({}).exit_code, 0);
  // Numbers are names, too.
  Save({"-1", "0", "1"});
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a.csv"), "0,7,7,7\n1,7,7,7\n"));
  const auto evaluate = [&] {
    return RunLenslet("evaluate", {Path("model.ckpt"), "--split=train",
                                   "--data=csv { train_file: '" +
                                       Path("a.csv") + "' shape: [1, 3, 1] }"});
  };
  EXPECT_EQ(evaluate().exit_code, 0);
  // predict finds them, too.
  const auto predict = [&] {
    return RunLenslet(
        "predict", {Path("model.ckpt"), "--split=train", "--count=2", "--json",
                    "--data=csv { train_file: '" + Path("a.csv") +
                        "' shape: [1, 3, 1] }"});
  };
  EXPECT_THAT(predict().out, AllOf(ContainsRegex("\"true_class\": ?\"0\""),
                                   ContainsRegex("\"true_class_index\": ?1"),
                                   ContainsRegex("\"true_class\": ?\"1\"")));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a.csv"), "1,7,7,7\n2,7,7,7\n"));
  ExpectOneLine(evaluate(), kFailure, "class 0 is \"-1\" in the model but ");
  ExpectOneLine(predict(), kFailure, "class 0 is \"-1\" in the model but ",
                "predict");
}

TEST_F(EvaluateTest, FitsImagesAsTheModelDid) {
  for (const std::string name : {"a", "b"}) {
    std::filesystem::create_directories(Path("train/" + name));
    Tensor image({4, 16, 1}, ElementType::kUint8);
    for (int64_t i = 0; i < image.shape().elements(); ++i) {
      image.data<uint8_t>()[i] =
          static_cast<uint8_t>(name == "a" ? 128 + i : 255 - 2 * i);
    }
    LENSLET_ASSERT_OK(WritePngFile(Path("train/" + name + "/1.png"), image));
  }
  const std::string folders = "image_folders { train_directory: '" +
                              Path("train") + "' shape: [8, 8, 1] ";
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("model.textproto"),
      "input { name: 'image' shape: [8, 8, 1] }\n"
      "layer { name: 'flatten' flatten {} }\n"
      "layer { name: 'linear' linear { output_features: 2 } }\n"));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("recipe.textproto"),
      "model: 'model.textproto'\n"
      "data { " +
          folders +
          "fit: LETTERBOX background: [0, 0, 0] crop_margin: 1 } }\n"
          "epochs: 1 learning_rate: 0.1\n"));
  const std::string run = Path("run");
  const ProgramResult trained = Train(Path("recipe.textproto"), run, {});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto loss = [&](const std::string& data, const std::string& network) {
    std::vector<std::string> arguments = {network, "--split=train",
                                          "--json=" + Path("a.json")};
    if (!data.empty()) arguments.push_back("--data=" + data);
    const ProgramResult result = RunLenslet("evaluate", arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const auto json = nlohmann::json::parse(*ReadFile(Path("a.json")));
    return json["cross_entropy"].get<double>();
  };
  const double expected = loss("", run);
  EXPECT_EQ(loss(folders + "}", run), expected);
  EXPECT_NE(loss(folders + "fit: STRETCH }", run), expected);
  EXPECT_NE(loss(folders + "background: [255, 255, 255] }", run), expected);
  // An ONNX model has no recipe.
  const std::string network = Path("net.onnx");
  const std::string image = Path("train/a/1.png");
  const ProgramResult answer = RunLenslet("predict", {run, image, "--json"});
  EXPECT_EQ(answer.exit_code, 0) << answer.err;
  for (const char* from : {"run", "net.onnx"}) {
    const ProgramResult exported =
        RunLenslet("export", {Path(from), "--onnx=" + Path("next.onnx")});
    ASSERT_EQ(exported.exit_code, 0) << exported.err;
    std::filesystem::rename(Path("next.onnx"), network);
    EXPECT_EQ(loss(folders + "}", network), expected);
    EXPECT_NE(loss(folders + "fit: STRETCH }", network), expected);
    EXPECT_EQ(RunLenslet("predict", {network, image, "--json"}).out,
              answer.out);
  }
}

TEST_F(EvaluateRunTest, WrongDataAreOneLine) {
  ExpectOneLine(EvaluateRun({"--data=cvs {}"}), kUsage, "--data:1:1: ");
  ExpectOneLine(EvaluateRun({"--data=csv {}"}), kUsage,
                "--data: data.csv.train_file is required");
  ExpectOneLine(EvaluateRun({"--data="}), kUsage,
                "--data has no value; expected --data=VALUE");
  ExpectOneLine(EvaluateRun({"--data=csv {}", "--data_dir=a"}), kUsage,
                "--data and --data_dir cannot be combined");
  ExpectOneLine(EvaluateRun({"--data_dir=" + data_, "--split=validation"}),
                kFailure, "the data has no validation images from " + data_);
  ExpectOneLine(RunLenslet("evaluate", {folder_}), kFailure,
                folder_ + " is a folder without latest.ckpt");
}

// As a C++ program saves it.
TEST_F(EvaluateRunTest, WithoutARecipeTheErrorSaysWhyTheDataIsWhatItIs) {
  CheckpointProto checkpoint = *LoadCheckpoint(run_);
  checkpoint.clear_recipe();
  LENSLET_ASSERT_OK(SaveCheckpoint(Path("plain.ckpt"), checkpoint));
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"evaluate"}, {"predict"}, {"visualize", "--output=" + Path("a")}}) {
    std::vector<std::string> words = arguments;
    words[0] = Path("plain.ckpt");
    const ProgramResult result = RunLenslet(arguments[0], words);
    EXPECT_EQ(result.exit_code, kFailure);
    EXPECT_EQ(result.err,
              "lenslet " + arguments[0] +
                  ": the test images of Fashion-MNIST have shape [28, 28, 1]; "
                  "expected [8, 8, 1], that of the model's input; the model "
                  "has no recipe, so the data is Fashion-MNIST; --data selects "
                  "other data\n");
    EXPECT_EQ(result.out, "");
  }
}

// What was learned from is gone.
TEST_F(EvaluateTest, MissingDataOfTheRecipeAreNamed) {
  CheckpointProto checkpoint = *LoadCheckpoint(Path("model.ckpt"));
  LENSLET_ASSERT_OK_AND_ASSIGN(RecipeProto recipe,
                               RecipeFromBytes(checkpoint.recipe()));
  recipe.mutable_data()->mutable_idx()->set_directory("/none");
  checkpoint.set_recipe(recipe.SerializeAsString());
  LENSLET_ASSERT_OK(SaveCheckpoint(Path("model.ckpt"), checkpoint));
  const ProgramResult result = RunLenslet("evaluate", {Path("model.ckpt")});
  ExpectOneLine(result, kFailure, "/none");
  EXPECT_THAT(result.err, HasSubstr("; the model was trained on this data; "
                                    "--data selects other data\n"));
}

TEST_F(EvaluateTest, DataThatDoNotFitAreOneLineAndExitCode1) {
  Save({"class 0", "class 1", "dog", "cat"});
  ExpectOneLine(
      Evaluate({}), kFailure,
      "the model has 4 classes, but the data set has 3; class \"class "
      "2\" of the data set is none of the model's: \"class 0\", "
      "\"class 1\", \"dog\", \"cat\"");
  Save({"class 0", "dog", "class 2"});
  ExpectOneLine(
      Evaluate({}), kFailure,
      "class 1 is \"dog\" in the model but \"class 1\" in the data set");
  Save({"class 0", "class 1", "class 2"});
  LENSLET_ASSERT_OK(
      WriteSmallMnist(data_, {.height = 2, .width = 3, .classes = 3}));
  ExpectOneLine(Evaluate({}), kFailure,
                "have shape [2, 3, 1]; expected [1, 3, 1], that of the model's "
                "input");
  ExpectOneLine(
      RunLenslet("evaluate", {Path("model.ckpt"), "--data_dir=/none"}),
      kFailure, "/none");
}

// Before the work, not after it.
TEST_F(EvaluateTest, AFileThatCannotBeWrittenIsReportedAtOnce) {
  ExpectOneLine(Evaluate({"--json=" + Path("none/a.json")}), kFailure,
                Path("none/a.json"));
}

}  // namespace
}  // namespace lenslet
