// lenslet visualize, as a user runs it.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

constexpr int kFailure = 1;
constexpr int kUsage = 2;

class VisualizeTest : public ::testing::Test {
 protected:
  // Saves a checkpoint with these parameters, and zeros after them.
  void SaveModel(const std::string& text,
                 const std::vector<float>& values = {}) {
    CheckpointProto checkpoint;
    *checkpoint.mutable_model() = ParseModelText(text, "test.textproto")->model;
    const Graph graph = *BuildGraph(checkpoint.model());
    Parameters parameters = *Parameters::Create(graph);
    std::copy(values.begin(), values.end(), parameters.array().begin());
    CopyParameters(parameters, checkpoint);
    LENSLET_ASSERT_OK(SaveCheckpoint(Path("model.ckpt"), checkpoint));
  }

  // A filter of 1 x 2 numbers, -1 and 1, slides over 2 x 3 pixels.
  void SaveEdges() {
    SaveModel(
        "input { name: 'image' shape: [2, 3, 1] }\n"
        "layer { name: 'edges' conv2d { kernel: [1, 2] output_channels: 1 } "
        "}\n",
        {-1, 1});
  }

  ProgramResult Visualize(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), Path("model.ckpt"));
    arguments.push_back("--output=" + Path("pictures"));
    return RunLenslet("visualize", arguments);
  }

  // One line to stderr.
  static void ExpectOneLine(const ProgramResult& result, int exit_code,
                            const std::string& message) {
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_THAT(result.err,
                AllOf(StartsWith("lenslet visualize: "), HasSubstr(message)));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  // The color in the middle of the part of a picture that is in row `y` of
  // `rows` and column `x` of `columns`.
  static std::vector<int> ColorAt(const Tensor& image, int y, int rows, int x,
                                  int columns) {
    const Shape& shape = image.shape();
    const uint8_t* pixel =
        image.data<uint8_t>() +
        ((2 * y + 1) * shape.dim(0) / (2 * rows) * shape.dim(1) +
         (2 * x + 1) * shape.dim(1) / (2 * columns)) *
            3;
    return {pixel[0], pixel[1], pixel[2]};
  }

  const std::string folder_ = EmptyTempFolder("visualize_test");
};

// Two rows of an image, and what becomes of them:
//
//     0 255 255        1  0
//     0   0 255        0  1
TEST_F(VisualizeTest, WritesAFileForEachLayer) {
  SaveEdges();
  LENSLET_ASSERT_OK(WritePngFile(
      Path("a.png"), Tensor::Of<uint8_t>({2, 3, 1}, {0, 255, 255, 0, 0, 255})));
  const ProgramResult result = Visualize({"--image=" + Path("a.png")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out,
            Path("a.png") +
                "\n\n"
                "file                      shows                  min  max\n"
                "00_image.png              1 image of 2 x 3 x 1     0    1\n"
                "01_edges_filters.png      1 filter of 1 x 2 x 1   -1    1\n"
                "01_edges_activations.png  1 channel of 2 x 2       0    1\n"
                "\n"
                "wrote 3 files to " +
                Path("pictures") + "\n");

  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image,
                               ReadImageFile(Path("pictures/00_image.png")));
  // The largest enlargement, and gaps.
  EXPECT_EQ(image.shape(), Shape({2 * 64 + 6, 3 * 64 + 6, 3}));
  const std::vector<int> black = {0, 0, 0};
  const std::vector<int> white = {255, 255, 255};
  EXPECT_EQ(ColorAt(image, 0, 2, 0, 3), black);
  EXPECT_EQ(ColorAt(image, 0, 2, 1, 3), white);
  EXPECT_EQ(ColorAt(image, 1, 2, 1, 3), black);

  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor filter,
      ReadImageFile(Path("pictures/01_edges_filters.png")));
  EXPECT_EQ(filter.shape(), Shape({64 + 6, 2 * 64 + 6, 3}));
  EXPECT_EQ(ColorAt(filter, 0, 1, 0, 2), std::vector<int>({0x21, 0x66, 0xac}));
  EXPECT_EQ(ColorAt(filter, 0, 1, 1, 2), std::vector<int>({0xb2, 0x18, 0x2b}));

  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor edges,
      ReadImageFile(Path("pictures/01_edges_activations.png")));
  EXPECT_EQ(edges.shape(), Shape({2 * 64 + 6, 2 * 64 + 6, 3}));
  EXPECT_EQ(ColorAt(edges, 0, 2, 0, 2), white);
  EXPECT_EQ(ColorAt(edges, 0, 2, 1, 2), black);
  EXPECT_EQ(ColorAt(edges, 1, 2, 0, 2), black);
  EXPECT_EQ(ColorAt(edges, 1, 2, 1, 2), white);
}

TEST_F(VisualizeTest, ShowsPicturesInTheTerminal) {
  SaveEdges();
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("large.ppm"), "P6 6 4 255\n" + std::string(6 * 4 * 3, '\x10')));
  const ProgramResult result =
      Visualize({"--image=" + Path("large.ppm"), "--show=true"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith(Path("large.ppm") +
                                     ", made gray, resized from 6 x 4\n"));
  // A filter of one row and two columns, from dark to bright.
  EXPECT_THAT(result.out, HasSubstr("\n01_edges_filters, the first:\n @\n"));
}

TEST_F(VisualizeTest, OverwritesFilesAndLeavesOthers) {
  SaveEdges();
  std::filesystem::create_directory(Path("pictures"));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("pictures/00_image.png"), "old"));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("pictures/other.txt"), "mine"));
  LENSLET_ASSERT_OK(
      WritePngFile(Path("a.png"), Tensor({2, 3, 1}, ElementType::kUint8)));
  ASSERT_EQ(Visualize({"--image=" + Path("a.png")}).exit_code, 0);
  EXPECT_THAT(ReadImageFile(Path("pictures/00_image.png")), IsOk());
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(Path("pictures"))) {
    files.push_back(entry.path().filename());
  }
  EXPECT_THAT(files,
              UnorderedElementsAre("00_image.png", "01_edges_filters.png",
                                   "01_edges_activations.png", "other.txt"));
}

TEST_F(VisualizeTest, TakesATestImageIfThereIsNoFile) {
  const std::string data = EmptyTempFolder("visualize_test_data");
  LENSLET_ASSERT_OK(WriteSmallMnist(data, {.height = 8, .width = 8}));
  SaveModel(
      "input { name: 'image' shape: [8, 8, 1] }\n"
      "layer { name: 'conv' conv2d { kernel: 3 output_channels: 2 } }\n"
      "layer { name: 'flatten' flatten {} }\n"
      "layer { name: 'linear' linear { output_features: 10 } }\n");
  const ProgramResult result = Visualize({"--data_dir=" + data, "--index=13"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("test image 13: class 3\n"));
  EXPECT_THAT(result.out,
              ContainsRegex("\n02_flatten_activations.png +72 numbers "));
  EXPECT_THAT(result.out,
              ContainsRegex("\n03_linear_activations.png +10 numbers "));
  // With zeros as parameters, all ten classes are equally likely.
  EXPECT_THAT(result.out,
              HasSubstr("\nexplains class 0, with a probability of 10.0%\n"));
  EXPECT_THAT(result.out,
              ContainsRegex("\ngrad_cam.png +Grad-CAM of layer conv "));
  EXPECT_THAT(result.out,
              ContainsRegex("\nocclusion.png +loss of probability under "
                            "squares of 2 x 2 "));
  EXPECT_THAT(result.out, HasSubstr("wrote 7 files to "));
  ExpectOneLine(Visualize({"--data_dir=" + data, "--index=100"}), kFailure,
                "--index is 100; expected a number below 100, the number of "
                "test images");
}

TEST_F(VisualizeTest, TakesAnImageOfTheRunsOwnData) {
  const std::string run = folder_ + "/run";
  const ProgramResult trained =
      Train(WriteSmallRecipe(folder_), run, {"--epochs=1"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto visualize = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), run);
    arguments.push_back("--output=" + Path("pictures"));
    return RunLenslet("visualize", arguments);
  };
  ProgramResult result = visualize({});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("test image 0: class "));
  result = visualize({"--split=train", "--index=318"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("train image 318: class "));
  // The recipe has augmentation, of training images.
  result = visualize({"--augmented", "--split=test", "--index=7"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("test image 7: class "));
  result = visualize({"--augmented", "--index=7"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("train image 7: class "));
  EXPECT_THAT(result.out,
              ContainsRegex("\naugmented.png +16 images after augmentation "));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor augmented,
                               ReadImageFile(Path("pictures/augmented.png")));
  EXPECT_EQ(augmented.shape().dim(2), 3);
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("one.pgm"), "P5 2 2 255\n" + std::string(4, '\x10')));
  result = visualize({"--augmented", "--image=" + Path("one.pgm")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("augmented.png"));
  ExpectOneLine(visualize({"--split=train", "--index=319"}), kFailure,
                "--index is 319; expected a number below 319, the number of "
                "train images");
}

// The first class has the score of the brightest pixel's place; Grad-CAM and
// occlusion find it.
TEST_F(VisualizeTest, ExplainsAClass) {
  CheckpointProto checkpoint;
  *checkpoint.mutable_model() =
      ParseModelText(
          "input { name: 'image' shape: [4, 4, 1] }\n"
          "layer { name: 'conv' conv2d { kernel: 1 output_channels: 1 } }\n"
          "layer { name: 'relu' relu {} }\n"
          "layer { name: 'pool' global_avg_pool {} }\n"
          "layer { name: 'flatten' flatten {} }\n"
          "layer { name: 'scores' linear { output_features: 2 } }\n",
          "test.textproto")
          ->model;
  const Graph graph = *BuildGraph(checkpoint.model());
  Parameters parameters = *Parameters::Create(graph);
  parameters.view(0)[0] = 1;
  parameters.view(2)[0] = 16;
  CopyParameters(parameters, checkpoint);
  for (const char* name : {"bright", "dark"}) checkpoint.add_class_name(name);
  LENSLET_ASSERT_OK(SaveCheckpoint(Path("model.ckpt"), checkpoint));
  Tensor image({4, 4, 1}, ElementType::kUint8);
  image.data<uint8_t>()[4 * 1 + 2] = 255;
  LENSLET_ASSERT_OK(WritePngFile(Path("a.png"), image));
  ProgramResult result = Visualize({"--image=" + Path("a.png")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("explains bright, with a probability"));
  EXPECT_THAT(result.out, HasSubstr("Grad-CAM of layer relu"));
  const std::vector<int> black = {0, 0, 0};
  for (const char* name : {"grad_cam.png", "occlusion.png"}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Tensor picture,
        ReadImageFile(Path(std::string("pictures/") + name)));
    EXPECT_EQ(picture.shape(), Shape({4 * 64, 4 * 64, 3}));
    const std::vector<int> pixel = ColorAt(picture, 1, 4, 2, 4);
    EXPECT_GT(pixel[0], pixel[2] + 50) << name;
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor cam,
                               ReadImageFile(Path("pictures/grad_cam.png")));
  EXPECT_EQ(ColorAt(cam, 0, 4, 0, 4), black);
  // What speaks for the one class speaks against the other.
  result =
      Visualize({"--image=" + Path("a.png"), "--class=dark", "--layer=conv"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("explains dark, with a probability"));
  EXPECT_THAT(result.out, HasSubstr("Grad-CAM of layer conv"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor against,
                               ReadImageFile(Path("pictures/occlusion.png")));
  const std::vector<int> pixel = ColorAt(against, 1, 4, 2, 4);
  EXPECT_GT(pixel[2], pixel[0] + 50);
  ExpectOneLine(Visualize({"--image=" + Path("a.png"), "--class=drak"}),
                kFailure, "--class is \"drak\"; expected one of \"dark\", ");
  ExpectOneLine(Visualize({"--image=" + Path("a.png"), "--layer=none"}),
                kFailure,
                "there is no layer \"none\"; expected one of \"conv\"");
  ExpectOneLine(Visualize({"--image=" + Path("a.png"), "--augmented"}),
                kFailure, "--augmented needs a model that was trained with");
  ExpectOneLine(Visualize({"--image=" + Path("a.png"), "--layer=flatten"}),
                kFailure, "layer \"flatten\" has an output of shape [1]");
}

// Writing the first picture would replace the image that it shows.
TEST_F(VisualizeTest, DoesNotReplaceTheImage) {
  SaveEdges();
  std::filesystem::create_directory(Path("pictures"));
  LENSLET_ASSERT_OK(WritePngFile(Path("pictures/00_image.png"),
                                 Tensor({2, 3, 1}, ElementType::kUint8)));
  const std::string before = *ReadFile(Path("pictures/00_image.png"));
  ExpectOneLine(Visualize({"--image=" + Path("pictures/00_image.png")}), kUsage,
                "00_image.png, which the command reads; expected another file");
  EXPECT_EQ(*ReadFile(Path("pictures/00_image.png")), before);
  EXPECT_FALSE(std::filesystem::exists(Path("pictures/01_edges_filters.png")));
}

TEST_F(VisualizeTest, HelpExplainsEachFlag) {
  const ProgramResult result = RunLenslet("visualize", {"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* text :
       {"visualize CHECKPOINT [", "--output", "--image", "--data TEXT",
        "--data_dir", "--split", "--index", "--scale_each", "--show", "--class",
        "--layer", "--augmented", "grad_cam.png", "overwritten"}) {
    EXPECT_THAT(result.out, HasSubstr(text));
  }
}

TEST_F(VisualizeTest, AWrongFlagIsOneLineAndExitCode2) {
  ExpectOneLine(
      RunLenslet("visualize", {}), kUsage,
      "expected a checkpoint, as in: lenslet visualize RUN (--help lists "
      "the flags)");
  ExpectOneLine(RunLenslet("visualize", {"a"}), kUsage,
                "--output is required (--help lists the flags)");
  ExpectOneLine(Visualize({"--imag=a.png"}), kUsage,
                "unknown flag --imag; did you mean \"--image\"?");
  ExpectOneLine(Visualize({"--index=-1"}), kUsage,
                "--index is -1; expected a number of at least 0");
  ExpectOneLine(Visualize({"--split=val"}), kUsage, "--split is \"val\"");
  ExpectOneLine(Visualize({"--image=a.png", "--index=3"}), kUsage,
                "--image and --index cannot be combined");
  ExpectOneLine(Visualize({"--image=a.png", "--split=train"}), kUsage,
                "--image and --split cannot be combined");
  ExpectOneLine(Visualize({"--show=yes"}), kUsage, "--show is \"yes\"");
  ExpectOneLine(Visualize({"a.png"}), kUsage, "expected one checkpoint, got 2");
}

TEST_F(VisualizeTest, SaysWhatIsWrong) {
  const std::string image = "--image=" + Path("a.png");
  ExpectOneLine(Visualize({image}), kFailure,
                Path("model.ckpt") + ": No such file");
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("model.ckpt"), "no checkpoint"));
  ExpectOneLine(Visualize({image}), kFailure, "is not a checkpoint");
  SaveEdges();
  ExpectOneLine(Visualize({image}), kFailure, Path("a.png") + ": No such file");
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("a.png"), "no image"));
  ExpectOneLine(
      Visualize({image}), kFailure,
      Path("a.png") +
          ": is not a PNG, JPEG, BMP, GIF, TIFF, WebP, PGM or PPM file");
  EXPECT_FALSE(std::filesystem::exists(Path("pictures")));

  LENSLET_ASSERT_OK(
      WritePngFile(Path("a.png"), Tensor({2, 3, 1}, ElementType::kUint8)));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("pictures"), "a file"));
  ExpectOneLine(Visualize({image}), kFailure,
                Path("pictures") + ": Not a directory");
  std::filesystem::remove(Path("pictures"));
  std::filesystem::create_directories(Path("pictures/00_image.png"));
  ExpectOneLine(Visualize({image}), kFailure,
                Path("pictures/00_image.png") +
                    ": already exists and is not a regular file");
}

TEST_F(VisualizeTest, RefusesModelsThatTakeNoImage) {
  const std::string image = "--image=" + Path("a.png");
  LENSLET_ASSERT_OK(
      WritePngFile(Path("a.png"), Tensor({2, 3, 1}, ElementType::kUint8)));
  SaveModel(
      "input { name: 'sound' shape: [100, 1] }\n"
      "layer { name: 'conv' conv1d { kernel: 3 output_channels: 2 } }\n");
  ExpectOneLine(
      Visualize({image}), kFailure,
      Path("a.png") + ": the model takes [100, 1], which is not an image");
  SaveModel(
      "input { name: 'image' shape: [2, 3, 2] }\n"
      "layer { name: 'conv' conv2d { kernel: 1 output_channels: 2 } }\n");
  ExpectOneLine(
      Visualize({image}), kFailure,
      Path("a.png") +
          ": the image has 1 channel; expected an image of shape [2, 3, 2]");
}

// Two images of 16 bits per sample that are dark: 4 of 65535.
TEST_F(VisualizeTest, DrawsImagesOf16Bits) {
  for (const char* name : {"a", "b"}) {
    const std::string folder = Path(std::string("photos/") + name);
    std::filesystem::create_directories(folder);
    std::string image = "P5 2 2 65535\n";
    for (int i = 0; i < 4; ++i) {
      image += '\0';
      image += static_cast<char>(name[0] == 'a' ? i : 4 - i);
    }
    LENSLET_ASSERT_OK(WriteFileAtomically(folder + "/1.pgm", image));
  }
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("model.textproto"),
      "input { name: 'image' shape: [2, 2, 1] } "
      "layer { name: 'conv' conv2d { output_channels: 1 kernel: 1 } } "
      "layer { name: 'flatten' flatten {} } "
      "layer { name: 'scores' linear { output_features: 2 } }"));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("recipe.textproto"),
      "model: 'model.textproto' data { image_folders { train_directory: "
      "'photos' shape: [2, 2, 1] } normalization {} } batch_size: 2 "
      "epochs: 1 learning_rate: 0.1"));
  const ProgramResult trained = RunLenslet(
      "train", {Path("recipe.textproto"), "--output=" + Path("model.ckpt")});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const ProgramResult result = Visualize({"--split=train"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(StartsWith("train image 0: a\n"), HasSubstr("00_image.png"),
                    HasSubstr("grad_cam.png"), HasSubstr("occlusion.png")));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor image,
                               ReadImageFile(Path("pictures/00_image.png")));
  EXPECT_EQ(*std::max_element(image.span<uint8_t>().begin(),
                              image.span<uint8_t>().end()),
            255);
}

}  // namespace
}  // namespace lenslet
