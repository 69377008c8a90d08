// lenslet pack, as a user runs it: on images, then training by what it wrote.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/packed_file.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kModel[] = R"(
input { name: "image" shape: [9, 9, 3] }
layer { name: "conv" conv2d { kernel: 3 output_channels: 4 } }
layer { name: "relu" relu {} }
layer { name: "flatten" flatten {} }
layer { name: "classes" linear { output_features: 3 } }
)";

class PackTest : public ::testing::Test {
 protected:
  PackTest() {
    WritePhotos("photos/train", 30);
    WritePhotos("photos/test", 8);
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  void Write(const std::string& name, const std::string& bytes) {
    LENSLET_EXPECT_OK(WriteFileAtomically(Path(name), bytes));
  }

  // Photos whose class is the brightest channel.
  void WritePhotos(const std::string& name, int per_class) {
    Random random(per_class);
    for (int label = 0; label < 3; ++label) {
      const std::string folder = Path(
          absl::StrCat(name, "/", std::vector{"red", "green", "blue"}[label]));
      std::filesystem::create_directories(folder);
      for (int i = 0; i < per_class; ++i) {
        Tensor image({9, 9, 3}, ElementType::kUint8);
        int64_t j = 0;
        for (uint8_t& x : image.span<uint8_t>()) {
          x = static_cast<uint8_t>((j++ % 3 == label ? 128 : 0) +
                                   random.Below(128));
        }
        LENSLET_EXPECT_OK(
            WritePngFile(absl::StrCat(folder, "/", i, ".png"), image));
      }
    }
  }

  ProgramResult Run(const std::string& command,
                    const std::vector<std::string>& arguments) {
    return RunLenslet(
        command, arguments,
        absl::StrCat("export BUILD_WORKING_DIRECTORY='", folder_, "';"));
  }

  // Expects one line with the error, and no file but those that were there.
  void ExpectError(const std::vector<std::string>& arguments, int exit_code,
                   const std::string& error) {
    const std::vector<std::string> before = Files();
    const ProgramResult result = Run("pack", arguments);
    EXPECT_EQ(result.exit_code, exit_code) << error;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err,
                AllOf(StartsWith("lenslet pack: "), HasSubstr(error)));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
    EXPECT_THAT(Files(), ElementsAreArray(before));
  }

  std::vector<std::string> Files() {
    std::vector<std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_)) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  void Pack() {
    const ProgramResult result = Run(
        "pack", {"photos", "--output=train.pack", "--test_output=test.pack"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out,
              "wrote train.pack: 90 training examples of shape [9, 9, 3]\n"
              "wrote test.pack: 24 test examples of shape [9, 9, 3]\n");
  }

  // Trains on `source`, and returns the lines of its metrics.
  std::vector<std::string> TrainOn(const std::string& name,
                                   const std::string& source) {
    Write("model.textproto", kModel);
    Write(name + ".textproto",
          absl::StrCat("model: \"model.textproto\" data {", source,
                       R"(
      validation_fraction: 0.2 normalization {} }
      augmentation { shift: 1 flip: true }
      batch_size: 8 epochs: 3 seed: 3 learning_rate: 0.05
      optimizer { kind: SGD } )"));
    const ProgramResult result = Run(
        "train", {name + ".textproto", "--run_dir=" + name, "--report=false"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return TimelessMetrics(Path(name));
  }

  const std::string folder_ =
      std::filesystem::path(EmptyTempFolder("pack_test")).lexically_normal();
};

TEST_F(PackTest, WritesTheExamplesOfTheFolder) {
  Pack();
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               OpenPackedFile(Path("test.pack")));
  EXPECT_THAT(dataset.target_names, ElementsAre("blue", "green", "red"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Tensor example, dataset.Example(1));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const FittedImage fitted,
      ReadFittedImage(Path("photos/test/green/0.png"), {9, 9, 3}));
  EXPECT_THAT(example.span<uint8_t>(),
              ElementsAreArray(fitted.image.span<uint8_t>()));
}

TEST_F(PackTest, ConvertsToTheShape) {
  const ProgramResult result =
      Run("pack", {"photos/test", "--output=gray.pack", "--shape=4,5,1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out,
            "wrote gray.pack: 24 training examples of shape [4, 5, 1]\n");
}

TEST_F(PackTest, LeavesOutWhatCannotBeReadIfAsked) {
  Write("photos/train/red/3.png", "broken");
  Write("photos/train/blue/7.png", "");
  const std::vector<std::string> arguments = {
      Path("photos"), "--output=" + Path("train.pack"),
      "--test_output=" + Path("test.pack")};
  const ProgramResult refused = RunLenslet("pack", arguments);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("2 of 90 images cannot be read; expected whole "
                              "files, or --skip_unreadable: "),
                    HasSubstr("red/3.png"), HasSubstr("blue/7.png")));
  std::vector<std::string> skipping = arguments;
  skipping.push_back("--skip_unreadable");
  const ProgramResult result = RunLenslet("pack", skipping);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("2 images of 90 cannot be read and are left out"),
                    HasSubstr("red/3.png"), HasSubstr("blue/7.png")));
  EXPECT_THAT(result.out, HasSubstr("88 training examples"));
}

TEST_F(PackTest, NamesAllThatItLeavesOut) {
  for (int i = 0; i < 12; ++i) {
    Write(absl::StrCat("photos/train/red/broken", i, ".png"), "broken");
  }
  const ProgramResult result = RunLenslet(
      "pack", {Path("photos"), "--output=" + Path("train.pack"),
               "--test_output=" + Path("test.pack"), "--skip_unreadable"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("12 images of 102 cannot be read"));
  for (int i = 0; i < 12; ++i) {
    EXPECT_THAT(result.err,
                HasSubstr(absl::StrCat("red/broken", i,
                                       ".png: is not a PNG, "
                                       "JPEG, BMP, GIF, TIFF, WebP, PGM or PPM "
                                       "file; it is left out\n")));
  }
}

// Batches, augmentation and parameters: each number of the metrics is the same.
TEST_F(PackTest, TrainsAsInMemory) {
  Pack();
  const std::string folders =
      "train_directory: \"photos/train\" test_directory: \"photos/test\" "
      "shape: [9, 9, 3] ";
  const std::string files =
      "train_file: \"train.pack\" test_file: \"test.pack\" ";
  const std::vector<std::string> metrics =
      TrainOn("memory", absl::StrCat("image_folders { ", folders, "}"));
  ASSERT_GT(metrics.size(), 20);
  EXPECT_THAT(TrainOn("packed", absl::StrCat("packed { ", files, "}")),
              ElementsAreArray(metrics));
  for (const int threads : {1, 3}) {
    const std::string read_ahead =
        absl::StrCat("read_ahead { mebibytes: 1 threads: ", threads, " } }");
    EXPECT_THAT(TrainOn(absl::StrCat("packed", threads),
                        absl::StrCat("packed { ", files, read_ahead)),
                ElementsAreArray(metrics));
    EXPECT_THAT(TrainOn(absl::StrCat("files", threads),
                        absl::StrCat("image_folders { ", folders, read_ahead)),
                ElementsAreArray(metrics));
  }
}

TEST_F(PackTest, CommandsReadTheRun) {
  Pack();
  const std::string files =
      "packed { train_file: \"train.pack\" test_file: \"test.pack\" }";
  EXPECT_THAT(TrainOn("run", files), testing::Not(IsEmpty()));
  ProgramResult result = Run("evaluate", {"run"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(" of 24\n"));
  result = Run("evaluate", {"run", "--split=validation"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(" of 18\n"));
  result = Run("predict", {"run", "photos/test/green/1.png"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex(" %  green\n"));
  result = Run("report", {"run"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(FileExists(Path("run/report.html")));
  result = Run("sweep", {"run.textproto", "--run_dir=sweep", "--seeds=2"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  result = Run("lint", {"run.textproto"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
}

TEST_F(PackTest, ReplacesAFileOnlyByACompleteOne) {
  const std::vector<std::string> arguments = {"photos/train",
                                              "--output=train.pack"};
  ASSERT_EQ(Run("pack", arguments).exit_code, 0);
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string bytes,
                               ReadFile(Path("train.pack")));
  std::ofstream(Path("photos/train/red/broken.png")) << "text";
  ExpectError(arguments, 1, "red/broken.png: is not a PNG");
  EXPECT_EQ(ReadFile(Path("train.pack")).value_or(""), bytes);
  ExpectError({"photos/train", "--output=new.pack"}, 1, "is not a PNG");
  std::filesystem::remove(Path("photos/train/red/broken.png"));
  std::filesystem::remove(Path("photos/train/red/29.png"));
  const ProgramResult result = Run("pack", arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(": 89 training examples"));
}

TEST_F(PackTest, SaysWhatItExpects) {
  Write("notes.txt", "mine");
  ExpectError({"photos/test", "--output=notes.txt"}, 2,
              "notes.txt, which is no packed file; expected another file");
  ExpectError({}, 2, "expected one folder or CSV file, got 0");
  ExpectError({"photos", "b", "--output=x"}, 2, "got 2");
  ExpectError({"photos"}, 2, "--output is required");
  ExpectError({"", "--output=x"}, 2, "the word is empty");
  ExpectError({"none", "--output=x"}, 1, "none: No such file or directory");
  ExpectError({"photos", "--output=x"}, 1, "expected --test_output");
  ExpectError({"photos/test", "--output=x", "--test_output=y"}, 1,
              "the data has no test examples");
  ExpectError({"photos", "--output=x", "--test_output=x"}, 2,
              "are the same file");
  ExpectError({"photos", "--output=x", "--test_output=./photos/../x"}, 2,
              "are the same file");
  ExpectError({"photos/test", "--output=photos/test/red/x"}, 1,
              "photos/test, whose folders are classes; expected a folder ");
  ExpectError({"photos/test", "--output=x", "--shape=a"}, 2,
              "--shape is \"a\"; expected HEIGHT,WIDTH,CHANNELS");
  ExpectError({"photos/test", "--output=x", "--shape=9,9"}, 1,
              "shape has 2 numbers; expected 3");
  ExpectError({"photos/test", "--output=x", "--shape=9,9,2"}, 1,
              "with 1 channel (gray) or 3");
  ExpectError({"photos/test", "--output=none/x"}, 1, "none/x: No such file");
}

TEST_F(PackTest, HelpFitsATerminal) {
  const ProgramResult result = Run("pack", {"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("Usage: lenslet pack"), HasSubstr("--output"),
                    HasSubstr("--test_output"), HasSubstr("--shape")));
  for (const absl::string_view line : absl::StrSplit(result.out, '\n')) {
    EXPECT_LE(CountCharacters(line), 80) << line;
  }
}

}  // namespace
}  // namespace lenslet
