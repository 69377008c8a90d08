// Recipes for every kind of data and targets, as a user runs them: lint, train,
// a run that is killed and resumed, evaluate and report.

#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/scoped_timer.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/png.h"
#include "lenslet/data/testing/npy_bytes.h"
#include "lenslet/data/testing/png_bytes.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"
#include "zlib.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TargetKindsTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& contents) {
    std::ofstream(Path(name), std::ios::binary) << contents;
  }

  std::string Path(const std::string& name) const {
    return absl::StrCat(folder_, "/", name);
  }

  // Lints and trains by recipe.textproto, whose model is model.textproto. Then
  // trains again, killed five times and resumed; the bytes are the same.
  void Train() {
    ProgramResult result =
        RunLenslet("lint", {Path("recipe.textproto"), Path("model.textproto")});
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_EQ(result.out, "");
    const std::string recipe = Path("recipe.textproto");
    const std::vector<std::string> save = {"--set=save.every_steps=7"};
    const auto start = std::chrono::steady_clock::now();
    trained_ = lenslet::Train(recipe, Path("run"), save);
    const double seconds = SecondsSince(start);
    ASSERT_EQ(trained_.exit_code, 0) << trained_.err;
    int kills = 0;
    for (const double share : {0.15, 0.3, 0.45, 0.2, 0.35}) {
      if (!TrainAndKill(recipe, Path("killed"), share * seconds, save)) break;
      ++kills;
    }
    EXPECT_GT(kills, 0);
    result = lenslet::Train(recipe, Path("killed"), save);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(TimelessMetrics(Path("killed")), TimelessMetrics(Path("run")));
    EXPECT_TRUE(FinalBytes(Path("killed")) == FinalBytes(Path("run")));
  }

  // The run evaluates and predicts as it does after it was exported as an ONNX
  // model whose outputs are scores, or probabilities.
  void ExpectSameAsOnnx(const std::string& data) {
    for (const char* command : {"evaluate", "predict"}) {
      std::vector<std::string> outputs;
      for (const char* flag :
           {"", "--probabilities=false", "--probabilities"}) {
        std::string network = Path("run/latest.ckpt");
        if (*flag != '\0') {
          network = Path("net.onnx");
          const ProgramResult exported = RunLenslet(
              "export", {Path("run/latest.ckpt"), "--onnx=" + network, flag});
          ASSERT_EQ(exported.exit_code, 0) << exported.err;
        }
        const ProgramResult result =
            RunLenslet(command, {network, data, "--split=test", "--json"});
        EXPECT_EQ(result.exit_code, 0) << result.err;
        outputs.push_back(absl::StrReplaceAll(result.out, {{network, "NET"}}));
      }
      EXPECT_EQ(outputs[1], outputs[0]);
      EXPECT_EQ(outputs[2], outputs[0]);
    }
  }

  std::string Evaluate() {
    const ProgramResult result = RunLenslet("evaluate", {Path("run")});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }

  std::string Compare() {
    const ProgramResult result =
        RunLenslet("compare", {Path("run"), Path("killed")});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  }

  std::string Report() {
    const ProgramResult result = RunLenslet("report", {Path("run")});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return ReadFile(Path("run/report.html")).value_or("no report");
  }

  const std::string folder_ = EmptyTempFolder("target_kinds");
  ProgramResult trained_;
};

// The price of a house depends on its area and its rooms.
std::string Houses(int count, uint64_t seed) {
  Random random(seed);
  std::string csv = "id,area,rooms,price\n";
  for (int i = 0; i < count; ++i) {
    const double area = 40 + 160 * random.Uniform();
    const int rooms = 1 + static_cast<int>(random.Below(6));
    absl::StrAppend(&csv, i, ",", area, ",", rooms, ",",
                    0.02 * area + 0.3 * rooms + 0.1 * random.Uniform(), "\n");
  }
  return csv;
}

TEST_F(TargetKindsTest, HousePricesOfACsvFile) {
  Write("train.csv", Houses(800, 1));
  Write("test.csv", Houses(200, 2));
  Write("model.textproto", R"(
input { name: "house" shape: 2 }
layer { name: "hidden" linear { output_features: 16 } }
layer { name: "relu" relu {} }
layer { name: "price" linear { output_features: 1 } }
)");
  Write("recipe.textproto", R"(
model: "model.textproto"
data {
  csv {
    train_file: "train.csv" test_file: "test.csv"
    has_header: true numbers: FLOAT ignore: "id"
  }
  target { value { columns: "price" } }
  normalization {}
  validation_fraction: 0.2
}
batch_size: 20
epochs: 12
save { best_by: "r2" }
early_stopping { metric: "mean_squared_error" patience: 12 }
learning_rate: 0.01
optimizer { kind: ADAM }
)");
  Train();
  EXPECT_THAT(trained_.out,
              AllOf(HasSubstr("test MAE 0.0"), HasSubstr("train MAE")));
  EXPECT_THAT(Evaluate(), AllOf(HasSubstr("R2"), HasSubstr("price")));
  EXPECT_THAT(Report(), AllOf(HasSubstr("price"), HasSubstr("Validation R2"),
                              HasSubstr("Train mean squared error")));
  EXPECT_THAT(absl::StrJoin(TimelessMetrics(Path("run")), "\n"),
              AllOf(HasSubstr("\"validation_r2\":0.9"),
                    HasSubstr("\"train_mean_squared_error\":"),
                    HasSubstr("\"test_r2\":0.9"), Not(HasSubstr("train_r2"))));
  EXPECT_THAT(Compare(), AllOf(HasSubstr("best.ckpt: best validation R2"),
                               HasSubstr("test mean squared error")));
}

// Words about a picture: what is bright in it.
std::string Tagged(int count, uint64_t seed) {
  Random random(seed);
  std::string csv = "tags";
  for (int p = 0; p < 16; ++p) absl::StrAppend(&csv, ",p", p);
  csv += "\n";
  for (int i = 0; i < count; ++i) {
    std::vector<int> pixels(16);
    for (int& pixel : pixels) pixel = static_cast<int>(random.Below(90));
    std::vector<std::string> tags;
    for (int row = 0; row < 4; ++row) {
      if (random.Below(2) == 0) continue;
      tags.push_back(std::vector{"top", "upper", "lower", "bottom"}[row]);
      for (int k = 0; k < 4; ++k) pixels[4 * row + k] += 150;
    }
    absl::StrAppend(&csv, absl::StrJoin(tags, ";"), ",",
                    absl::StrJoin(pixels, ","), "\n");
  }
  return csv;
}

TEST_F(TargetKindsTest, SeveralLabelsOfACsvFile) {
  Write("train.csv", Tagged(600, 1));
  Write("test.csv", Tagged(200, 2));
  Write("model.textproto", R"(
input { name: "image" shape: [4, 4, 1] }
layer { name: "flatten" flatten {} }
layer { name: "hidden" linear { output_features: 16 } }
layer { name: "relu" relu {} }
layer { name: "tags" linear { output_features: 4 } }
)");
  Write("recipe.textproto", R"(
model: "model.textproto"
data {
  csv {
    train_file: "train.csv" test_file: "test.csv"
    has_header: true shape: [4, 4, 1]
  }
  target { classes { column: "tags" separator: ";" } }
  validation_fraction: 0.2
}
batch_size: 20
epochs: 10
save { best_by: "auc" }
early_stopping { metric: "recall" patience: 10 }
learning_rate: 0.01
optimizer { kind: ADAM }
)");
  Train();
  EXPECT_THAT(trained_.out, HasSubstr("test F1 1.000"));
  EXPECT_THAT(Evaluate(), AllOf(HasSubstr("exact match"), HasSubstr("AUC"),
                                HasSubstr("bottom")));
  EXPECT_THAT(Report(), AllOf(HasSubstr("bottom"), HasSubstr("Validation AUC"),
                              HasSubstr("Train precision")));
  EXPECT_THAT(
      absl::StrJoin(TimelessMetrics(Path("run")), "\n"),
      AllOf(HasSubstr("\"validation_auc\":1.0"),
            HasSubstr("\"train_precision\":"), HasSubstr("\"test_recall\":"),
            Not(HasSubstr("train_auc"))));
  EXPECT_THAT(Compare(), AllOf(HasSubstr("best.ckpt: best validation AUC"),
                               HasSubstr("test precision")));
  ExpectSameAsOnnx(absl::StrCat("--data=csv { train_file: '", Path("train.csv"),
                                "' test_file: '", Path("test.csv"),
                                "' has_header: true shape: [4, 4, 1] } "
                                "target { classes { column: 'tags' "
                                "separator: ';' } }"));
}

TEST_F(TargetKindsTest, ADenoisingAutoencoderOnFashionMnist) {
  Write("model.textproto", R"(
input { name: "image" shape: [28, 28, 1] }
layer { name: "conv1" conv2d { kernel: 3 padding: 1 output_channels: 8 } }
layer { name: "relu1" relu {} }
layer { name: "pool" max_pool2d { kernel: 2 } }
layer { name: "conv2" conv2d { kernel: 3 padding: 1 output_channels: 8 } }
layer { name: "relu2" relu {} }
layer { name: "up" conv_transpose2d { kernel: 2 stride: 2 output_channels: 1 } }
)");
  Write("recipe.textproto", R"(
model: "model.textproto"
data {
  fashion_mnist {}
  max_train_examples: 2000
  max_test_examples: 200
  target { input {} }
}
augmentation { flip: true cutout: 4 noise: 0.2 }
batch_size: 20
epochs: 3
learning_rate: 0.01
optimizer { kind: ADAM }
)");
  Train();
  EXPECT_THAT(trained_.out, HasSubstr("test MAE 0.0"));
  EXPECT_THAT(Evaluate(), HasSubstr("mean absolute error"));
  EXPECT_THAT(Report(), HasSubstr("image/png"));
}

// For files train_x.npy, train_y.npy, test_x.npy and test_y.npy.
std::string NpyRecipe(const std::string& class_names,
                      const std::string& more_data, int epochs) {
  return absl::StrCat(R"(
model: "model.textproto"
data {
  npy {
    train_inputs: "train_x.npy" train_targets: "train_y.npy"
    test_inputs: "test_x.npy" test_targets: "test_y.npy"
    class_names: [)",
                      class_names, "]\n  }\n  ", more_data,
                      "\n}\nbatch_size: 20\nepochs: ", epochs, R"(
learning_rate: 0.01
optimizer { kind: ADAM }
)");
}

// Two sensors, 32 readings each: at rest, a slow or a fast oscillation.
void WriteWindows(const std::string& path, int count, uint64_t seed) {
  Random random(seed);
  std::vector<float> inputs;
  std::vector<int64_t> targets;
  for (int i = 0; i < count; ++i) {
    const int64_t kind = random.Below(3);
    const double phase = 6.28 * random.Uniform();
    for (int t = 0; t < 32; ++t) {
      const double wave = kind == 0 ? 0 : std::sin(phase + t * 0.4 * kind);
      inputs.push_back(static_cast<float>(20 + wave + 0.3 * random.Normal()));
      inputs.push_back(static_cast<float>(-3 * wave + random.Normal()));
    }
    targets.push_back(kind);
  }
  std::ofstream(path + "_x.npy", std::ios::binary)
      << NpyBytes("<f4", {count, 32, 2}, inputs);
  std::ofstream(path + "_y.npy", std::ios::binary)
      << NpyBytes("<i8", {count}, targets);
}

TEST_F(TargetKindsTest, WindowsOfSensorsOfNumPyFiles) {
  WriteWindows(Path("train"), 600, 1);
  WriteWindows(Path("test"), 200, 2);
  Write("model.textproto", R"(
input { name: "window" shape: [32, 2] }
layer { name: "conv" conv1d { kernel: 5 output_channels: 12 } }
layer { name: "relu" relu {} }
layer { name: "pool" global_max_pool {} }
layer { name: "flatten" flatten {} }
layer { name: "kind" linear { output_features: 3 } }
)");
  Write("recipe.textproto",
        NpyRecipe("'rest', 'slow', 'fast'", "normalization {}", 12));
  Train();
  EXPECT_THAT(trained_.out, ::testing::ContainsRegex("test acc (1\\.0|0\\.9)"));
  EXPECT_THAT(Evaluate(), HasSubstr("slow"));
  const ProgramResult answers =
      RunLenslet("predict", {Path("run"), "--count=40"});
  EXPECT_EQ(answers.exit_code, 0) << answers.err;
  EXPECT_THAT(answers.out,
              ::testing::ContainsRegex("(3[5-9]|40) of 40 correct"));
  EXPECT_THAT(Report(), HasSubstr("slow"));
}

constexpr char kSegmentationModel[] = R"(
input { name: "drawing" shape: [12, 12, 1] }
layer { name: "conv1" conv2d { kernel: 3 padding: 1 output_channels: 8 } }
layer { name: "relu1" relu {} }
layer { name: "pool" max_pool2d { kernel: 2 } }
layer { name: "conv2" conv2d { kernel: 3 padding: 1 output_channels: 16 } }
layer { name: "relu2" relu {} }
layer { name: "up" conv_transpose2d { kernel: 2 stride: 2 output_channels: 8 } }
layer { name: "with_edges" input: ["up", "relu1"] concat {} }
layer { name: "classes" conv2d { kernel: 3 padding: 1 output_channels: 2 } }
)";

// Squares on a noisy ground, and a byte for the class of each pixel.
void WriteSquares(const std::string& path, int count, uint64_t seed) {
  Random random(seed);
  std::vector<uint8_t> inputs, targets;
  for (int i = 0; i < count; ++i) {
    const int64_t side = 3 + random.Below(5);
    const int64_t top = random.Below(12 - side), left = random.Below(12 - side);
    for (int64_t p = 0; p < 144; ++p) {
      const bool in = p / 12 >= top && p / 12 < top + side && p % 12 >= left &&
                      p % 12 < left + side;
      inputs.push_back(
          static_cast<uint8_t>(random.Below(128) + (in ? 127 : 0)));
      targets.push_back(in);
    }
  }
  std::ofstream(path + "_x.npy", std::ios::binary)
      << NpyBytes("|u1", {count, 12, 12, 1}, inputs);
  std::ofstream(path + "_y.npy", std::ios::binary)
      << NpyBytes("|u1", {count, 12, 12}, targets);
}

// The same in images and masks, of a palette's indices: 0 and 3, and 255 along
// the edges of the squares.
void WriteMaskedSquares(const std::string& folder, int count, uint64_t seed) {
  Random random(seed);
  std::filesystem::create_directories(folder + "/images");
  std::filesystem::create_directories(folder + "/masks");
  for (int i = 0; i < count; ++i) {
    Tensor image({12, 12, 1}, ElementType::kUint8);
    const int64_t side = 4 + random.Below(5);
    const int64_t top = random.Below(12 - side), left = random.Below(12 - side);
    std::string rows;
    for (int64_t p = 0; p < 144; ++p) {
      if (p % 12 == 0) rows += '\0';  // No filter.
      const int64_t y = p / 12 - top, x = p % 12 - left;
      const bool in = y >= 0 && y < side && x >= 0 && x < side;
      const bool edge =
          in && (y == 0 || x == 0 || y == side - 1 || x == side - 1);
      image.data<uint8_t>()[p] =
          static_cast<uint8_t>(random.Below(128) + (in && !edge ? 127 : 0));
      rows += edge ? '\xff' : in ? '\3' : '\0';
    }
    LENSLET_ASSERT_OK(
        WritePngFile(absl::StrCat(folder, "/images/", i, ".png"), image));
    std::string deflated(compressBound(rows.size()), '\0');
    uLongf size = deflated.size();
    compress(reinterpret_cast<Bytef*>(deflated.data()), &size,
             reinterpret_cast<const Bytef*>(rows.data()), rows.size());
    deflated.resize(size);
    std::ofstream(absl::StrCat(folder, "/masks/", i, ".png"), std::ios::binary)
        << kPngSignature
        << PngChunk("IHDR",
                    absl::string_view("\0\0\0\xc\0\0\0\xc\x8\3\0\0\0", 13))
        << PngChunk("PLTE", std::string(3 * 256, 'x'))
        << PngChunk("IDAT", deflated) << PngChunk("IEND", "");
  }
}

TEST_F(TargetKindsTest, SegmentationByMasks) {
  WriteMaskedSquares(Path("train"), 400, 1);
  WriteMaskedSquares(Path("test"), 100, 2);
  Write("model.textproto", kSegmentationModel);
  const std::string recipe = R"(
model: "model.textproto"
data {
  image_masks {
    train_images: "train/images" train_masks: "train/masks"
    test_images: "test/images" test_masks: "test/masks"
    shape: [12, 12, 1]
    class_names: ["ground", "square"] class_numbers: [0, 3] ignored: 255
    fit: LETTERBOX
    STREAM
  }
}
augmentation { rotation: 10 shift: 1 flip: true }
loss { balanced: true }
batch_size: 20
epochs: 8
learning_rate: 0.01
optimizer { kind: ADAM }
)";
  Write("recipe.textproto", absl::StrReplaceAll(recipe, {{"STREAM", ""}}));
  Train();
  EXPECT_THAT(trained_.out, ::testing::ContainsRegex("test acc (1\\.0|0\\.9)"));
  EXPECT_THAT(Evaluate(), AllOf(HasSubstr("IoU"), HasSubstr("square")));
  EXPECT_THAT(Report(), AllOf(HasSubstr("IoU"), HasSubstr("image/png")));
  const ProgramResult answers =
      RunLenslet("predict", {Path("run"), "--count=2"});
  EXPECT_EQ(answers.exit_code, 0) << answers.err;
  EXPECT_THAT(answers.out, HasSubstr("positions are right"));
  // Of a file, the bars of the box do not count: 6 of 12 columns are left.
  LENSLET_ASSERT_OK(
      WritePngFile(Path("tall.png"), Tensor({24, 12, 1}, ElementType::kUint8)));
  EXPECT_THAT(
      RunLenslet("predict", {Path("run"), Path("tall.png"), "--json"}).out,
      ::testing::ContainsRegex("\"positions\": ?72"));
  // Streams train as data in memory.
  Write("stream.textproto",
        absl::StrReplaceAll(
            recipe, {{"STREAM", "read_ahead { mebibytes: 1 threads: 3 }"}}));
  const ProgramResult streamed =
      lenslet::Train(Path("stream.textproto"), Path("stream"));
  ASSERT_EQ(streamed.exit_code, 0) << streamed.err;
  EXPECT_EQ(TimelessMetrics(Path("stream")), TimelessMetrics(Path("run")));
  // Another buffer is the same recipe.
  Write("stream.textproto",
        absl::StrReplaceAll(recipe, {{"STREAM", "read_ahead {}"}}));
  EXPECT_EQ(lenslet::Train(Path("stream.textproto"), Path("stream")).exit_code,
            0);
}

TEST_F(TargetKindsTest, LintOfMasks) {
  Write("model.textproto", kSegmentationModel);
  Write("recipe.textproto", R"(
model: "model.textproto"
data {
  image_masks {
    train_images: "images" train_masks: "masks"
    shape: [12, 12, 1] class_names: ["a", "b", "c"]
  }
}
)");
  const ProgramResult result =
      RunLenslet("lint", {Path("recipe.textproto"), Path("model.textproto")});
  EXPECT_THAT(result.out, HasSubstr("expected [12, 12, 3], a score for each "
                                    "class at each pixel"));
}

TEST_F(TargetKindsTest, SegmentationOfDrawnShapes) {
  WriteSquares(Path("train"), 500, 1);
  WriteSquares(Path("test"), 100, 2);
  Write("model.textproto", kSegmentationModel);
  Write("recipe.textproto", NpyRecipe("'ground', 'square'", "", 6));
  Train();
  EXPECT_THAT(trained_.out, ::testing::ContainsRegex("test acc (1\\.0|0\\.9)"));
  EXPECT_THAT(Evaluate(), AllOf(HasSubstr("IoU"), HasSubstr("square")));
  EXPECT_THAT(Report(), HasSubstr("IoU"));
}

}  // namespace
}  // namespace lenslet
