// lenslet init, as a user runs it: on images, then training by what it wrote.

#include <sys/stat.h>

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
#include "lenslet/base/printable.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/testing/format_bytes.h"
#include "lenslet/data/testing/npy_bytes.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class InitTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  void Write(const std::string& name, const std::string& bytes) {
    const std::string path = Path(name);
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }

  // Photos whose class is the brightest channel.
  void WritePhotos(const std::string& name, int per_class, int64_t height,
                   int64_t width) {
    Random random(1);
    for (int label = 0; label < 3; ++label) {
      const std::string folder = Path(absl::StrCat(
          name, "/", std::vector{"red", "green", "b'l\"ue"}[label]));
      std::filesystem::create_directories(folder);
      for (int i = 0; i < per_class; ++i) {
        Tensor image({height, width, 3}, ElementType::kUint8);
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

  // Runs the command in the test's folder, or in one in it.
  ProgramResult Run(const std::string& command,
                    const std::vector<std::string>& arguments,
                    const std::string& folder = "") {
    const ProgramResult result = RunLenslet(
        command, arguments,
        absl::StrCat("export BUILD_WORKING_DIRECTORY='", Path(folder), "';"));
    for (const std::string& text : {result.out, result.err}) {
      EXPECT_EQ(text, PrintableLines(text)) << command;
    }
    return result;
  }

  // Runs init and expects one line with the error.
  void ExpectError(const std::vector<std::string>& arguments,
                   const std::string& error) {
    const ProgramResult result = Run("init", arguments);
    EXPECT_EQ(result.exit_code, 1) << error;
    EXPECT_THAT(result.err,
                AllOf(StartsWith("lenslet init: "), HasSubstr(error)));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
    EXPECT_FALSE(FileExists(Path("recipe.textproto")));
    EXPECT_FALSE(FileExists(Path("model.textproto")));
  }

  // Lints, trains by the recipe and classifies the image.
  void TrainAndPredict(const std::string& folder, const std::string& image,
                       const std::string& epochs) {
    const std::string recipe = folder + "/recipe.textproto";
    ProgramResult result =
        Run("lint", {recipe, folder + "/model.textproto", "--data=false"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.out, "");
    result = Run("train", {recipe, "--run_dir=" + folder + "/run",
                           "--epochs=" + epochs, "--report=false"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, ContainsRegex("[0-9] validation"));
    EXPECT_THAT(result.out, ContainsRegex("acc [01]\\.[0-9]+ val [01]\\."));
    result = Run("predict", {folder + "/run", image});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    predicted_ = result.out;
  }

  const std::string folder_ =
      std::filesystem::path(EmptyTempFolder("init_test")).lexically_normal();
  std::string predicted_;
};

TEST_F(InitTest, WritesARecipeThatTrains) {
  WritePhotos("photos", 40, 20, 30);
  ProgramResult result = Run("init", {"photos"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(
      result.out,
      AllOf(StartsWith("photos: folder of images\n"),
            ContainsRegex("\nb'l\"ue +40\ngreen +40\nred +40\ntotal +120\n"),
            ContainsRegex("\nwidth +30\nheight +20\ncolor +yes\n"),
            HasSubstr("120 PNG"),
            HasSubstr("\nwrote a network for examples of shape [20, 30, 3] "),
            HasSubstr("\n  model.textproto\n  recipe.textproto\n"),
            HasSubstr("\n  lenslet lint recipe.textproto model.textproto\n"),
            HasSubstr("\n  lenslet train recipe.textproto --run_dir=run\n")));
  for (const absl::string_view line : absl::StrSplit(result.out, '\n')) {
    EXPECT_LE(CountCharacters(line), 80) << line;
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string recipe,
                               ReadFile(Path("recipe.textproto")));
  EXPECT_THAT(recipe, HasSubstr("train_directory: \"photos\"\n"));
  TrainAndPredict(folder_, Path("photos/green/1.png"), "10");
  // Which is easy to see.
  EXPECT_THAT(predicted_, ContainsRegex(" %  green\n"));
}

// One of 16 bits makes all of them floats.
TEST_F(InitTest, WritesARecipeForImagesOf16Bits) {
  WritePhotos("photos", 10, 16, 16);
  Write("photos/red/long.png",
        LongPngBytes(std::vector<uint16_t>(16 * 16, 700), {16, 16, 1}));
  const ProgramResult result = Run("init", {"photos"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("has 16 bits per sample"),
                                HasSubstr("  lenslet predict run IMAGE\n")));
  EXPECT_THAT(*ReadFile(Path("recipe.textproto")), HasSubstr("\n  shift: 1\n"));
  TrainAndPredict(folder_, Path("photos/red/long.png"), "1");
}

// From a table of people to a trained network and its answers.
TEST_F(InitTest, WritesARecipeForATable) {
  Random random(1);
  std::string text = "id;town;rooms;area;price\n";
  for (int i = 0; i < 200; ++i) {
    const int64_t rooms = 1 + random.Below(5), area = random.Below(100);
    absl::StrAppend(&text, i, ";Ulm;", rooms, ";", area, ",5;",
                    3 * rooms + area / 20, "\n");
  }
  Write("houses.csv", text);
  ProgramResult result = Run("init", {"houses.csv", "--output=new"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(StartsWith("houses.csv: CSV file of a table\n"),
                    ContainsRegex("\nexamples +200 to train\n"),
                    ContainsRegex("\ncolumns +the target is column 5 "
                                  "\\(\"price\"\\) of 5 columns"),
                    HasSubstr("--target=COLUMN"),
                    HasSubstr("\n  lenslet predict new/run "
                              "FILE.csv\n"),
                    HasSubstr("left out: id, town")));
  result = Run("lint", {"new/recipe.textproto", "new/model.textproto"});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  result = Run("train", {"new/recipe.textproto", "--run_dir=new/run",
                         "--epochs=5", "--report=false"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  Write("more.csv", "area;rooms\n10,5;2\n");
  result = Run("predict", {"new/run", "more.csv"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex("more.csv:2  price +-?[0-9]"));

  result = Run("init", {"houses.csv", "--output=rooms", "--target=rooms"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(*ReadFile(Path("rooms/recipe.textproto")),
              HasSubstr("value { columns: \"rooms\" }"));
}

TEST_F(InitTest, WritesARecipeForNumpysArrays) {
  Random random(1);
  std::vector<uint8_t> pixels, more;
  std::vector<int64_t> classes;
  for (int i = 0; i < 60; ++i) {
    classes.push_back(i % 2);
    for (int p = 0; p < 6 * 8; ++p) {
      pixels.push_back(
          static_cast<uint8_t>(random.Below(99) + (i % 2 == p % 2 ? 99 : 0)));
    }
  }
  more.assign(pixels.begin(), pixels.begin() + 48);
  Write("arrays/x_train.npy", NpyBytes("|u1", {60, 6, 8}, pixels));
  Write("arrays/y_train.npy", NpyBytes("<i8", {60}, classes));
  Write("more.npy", NpyBytes("|u1", {1, 6, 8}, more));
  ProgramResult result = Run("init", {"arrays", "--output=new"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("arrays: NumPy's arrays\n"),
                    HasSubstr("\n  lenslet predict new/run FILE.npy\n")));
  EXPECT_THAT(*ReadFile(Path("new/recipe.textproto")),
              HasSubstr("shape: [6, 8, 1]\n"));
  TrainAndPredict("new", Path("more.npy"), "3");
}

TEST_F(InitTest, TakesTheTargetThatIsNamedOrRefusesIt) {
  const std::vector<float> x = {1, 2, 3, 4, 5, 6};
  Write("arrays/x.npy", NpyBytes("<f4", {3, 2}, x));
  Write("arrays/y.npy", NpyBytes("<i8", {3}, std::vector<int64_t>{0, 1, 0}));
  Write("arrays/ages.npy", NpyBytes("<f4", {3}, std::vector<float>{1, 2, 3}));
  const ProgramResult result =
      Run("init", {"arrays", "--output=new", "--target=ages"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(*ReadFile(Path("new/recipe.textproto")),
              HasSubstr("arrays/ages.npy\"\n"));
  ExpectError({"arrays", "--target=age"},
              "has no array \"age\", the target; expected one of ages.npy, "
              "x.npy, y.npy");
  WritePhotos("photos", 2, 9, 9);
  ExpectError({"photos", "--target=age"},
              "--target is \"age\", but " + Path("photos") +
                  " has a folder of images for each class; expected no "
                  "--target");
  Write("photos/targets.csv", "file,age\nred/0.png,1\nred/1.png,2\n");
  ExpectError({"photos", "--target=age"},
              "name the file: " + Path("photos/targets.csv"));
}

// The run would be a class there.
TEST_F(InitTest, AdvisesARunOutsideOfTheClasses) {
  WritePhotos("ok", 20, 9, 9);
  ProgramResult result = Run("init", {"."}, "ok");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(
      result.out,
      AllOf(HasSubstr("\n  lenslet lint recipe.textproto model.textproto\n"),
            HasSubstr("\n  lenslet train recipe.textproto "
                      "--run_dir=../ok_run\n"),
            HasSubstr("\n  lenslet predict ../ok_run IMAGE\n")));
  result = Run("train",
               {"recipe.textproto", "--run_dir=../ok_run", "--epochs=1"}, "ok");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(FileExists(Path("ok_run/report.html")));
  result = Run("train",
               {"recipe.textproto", "--run_dir=../ok_run", "--epochs=2"}, "ok");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("resuming from "));
  for (const std::string command : {"train", "predict", "evaluate", "report"}) {
    std::vector<std::string> arguments = {"../ok_run"};
    if (command == "train") arguments = {"--run_dir=../ok_run"};
    if (command == "predict") arguments.push_back("red/1.png");
    if (command == "evaluate") arguments.push_back("--split=validation");
    result = Run(command, arguments, "ok");
    EXPECT_EQ(result.exit_code, 0) << command << ": " << result.err;
  }
}

TEST_F(InitTest, NothingIsWrittenAmongTheClasses) {
  WritePhotos("ok", 20, 9, 9);
  const std::string reason =
      Path("ok") + ", whose folders are classes; expected a folder outside";
  ExpectError({"ok", "--output=ok/new"}, reason);
  EXPECT_FALSE(FileExists(Path("ok/new")));
  ASSERT_EQ(Run("init", {"."}, "ok").exit_code, 0);
  const auto expect_refusal = [&](const std::string& command,
                                  const std::vector<std::string>& arguments) {
    const ProgramResult result = Run(command, arguments);
    EXPECT_EQ(result.exit_code, 2) << command;
    EXPECT_THAT(result.err, HasSubstr(reason));
    EXPECT_FALSE(FileExists(Path("ok/new")));
  };
  const std::string recipe = "ok/recipe.textproto";
  expect_refusal("train", {recipe, "--run_dir=ok/new"});
  expect_refusal("sweep", {recipe, "--run_dir=ok/new", "--seeds=2"});
  ASSERT_EQ(Run("train", {recipe, "--run_dir=run", "--epochs=1"}).exit_code, 0);
  expect_refusal("visualize",
                 {"run", "--output=ok/new", "--image=ok/red/1.png"});
  // A run from elsewhere.
  std::filesystem::rename(Path("run"), Path("ok/old"));
  const ProgramResult result = Run("train", {recipe, "--run_dir=run"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err,
              HasSubstr(Path("ok/old") + ": is the folder of a run; expected "
                                         "images of a class; move it out of "));
}

TEST_F(InitTest, WritesIntoAnotherFolder) {
  WritePhotos("my photos/train", 8, 9, 9);
  WritePhotos("my photos/test", 4, 9, 9);
  const ProgramResult result =
      Run("init", {"my photos", "--output=a/it's new", "--name=na\"me"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(ContainsRegex("\nred +8 +4\n"),
                    HasSubstr("\n  lenslet train 'a/it'\\''s new/"
                              "recipe.textproto' --run_dir='a/it'\\''s "
                              "new/run'\n")));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string recipe,
                               ReadFile(Path("a/it's new/recipe.textproto")));
  EXPECT_THAT(recipe,
              AllOf(HasSubstr(absl::StrCat("train_directory: \"",
                                           Path("my photos/train"), "\"\n")),
                    HasSubstr("name: \"na\\\"me\"\n")));
  TrainAndPredict(Path("a/it's new"), Path("my photos/test/red/1.png"), "1");
}

TEST_F(InitTest, TrainsOnACsvFile) {
  Random random(1);
  std::string rows = "label";
  for (int i = 0; i < 64; ++i) absl::StrAppend(&rows, ",pixel", i);
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&rows, "\n", i % 2 == 0 ? "bright" : "dark");
    for (int j = 0; j < 64; ++j) {
      absl::StrAppend(&rows, ",", random.Below(128) + (i % 2 == 0 ? 128 : 0));
    }
  }
  Write("pixels.csv", rows);
  const ProgramResult result = Run("init", {"pixels.csv", "--output=new"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(
      result.out,
      AllOf(ContainsRegex("\nbright +50\ndark +50\n"),
            ContainsRegex("\ncolumns +labels in column 1 of 65, after a "
                          "header; pixels from 0 to 255;"),
            HasSubstr("--target=COLUMN")));
  WritePhotos("photos", 1, 8, 8);
  TrainAndPredict(Path("new"), Path("photos/red/0.png"), "2");
}

TEST_F(InitTest, AdvisesFilesThatFit) {
  std::string rows;
  for (int i = 0; i < 100; ++i) {
    const bool is_bright = i % 2 == 0;
    absl::StrAppend(&rows, is_bright ? "bright" : "dark");
    for (int j = 0; j < 7; ++j) {
      absl::StrAppend(&rows, ",", (31 * i + 7 * j) % 100 + 150 * is_bright);
    }
    absl::StrAppend(&rows, "\n");
  }
  Write("values.csv", rows);
  ProgramResult result = Run("init", {"values.csv"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("\n  lenslet evaluate run --split=validation\n"
                        "  lenslet predict run FILE.csv\n"));
  result = Run("train", {"recipe.textproto", "--run_dir=run", "--epochs=1",
                         "--report=false"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  result = Run("evaluate", {"run", "--split=validation"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

// Its weight is 1500 times that of others.
TEST_F(InitTest, TrainsOnOneExampleOfAClass) {
  Random random(1);
  std::string rows;
  for (int i = 0; i < 1500; ++i) {
    absl::StrAppend(&rows, i == 700 ? "dark" : "bright");
    for (int j = 0; j < 64; ++j) {
      absl::StrAppend(&rows, ",", random.Below(156) + (i == 700 ? 0 : 100));
    }
    absl::StrAppend(&rows, "\n");
  }
  Write("pixels.csv", rows);
  ProgramResult result = Run("init", {"pixels.csv"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  result = Run("train", {"recipe.textproto"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              ContainsRegex("\nloss .*, train acc (1\\.000|0\\.99)"));
}

TEST_F(InitTest, TrainsOnTwoImages) {
  Write("two/a/1.pgm", "P5 3 2 255\nabcdef");
  Write("two/b/1.pgm", "P5 3 2 255\nuvwxyz");
  ProgramResult result = Run("init", {"two"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  result = Run("train", {"recipe.textproto"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex("\nloss .*, train acc 1\\.000"));
}

TEST_F(InitTest, SaysWhatIsNoData) {
  Write("run/latest.ckpt", "x");
  Write("run/metrics.csv", "x");
  const auto error = [&](const std::string& word) {
    const ProgramResult result = Run("init", {word});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    return result.err;
  };
  EXPECT_EQ(error("run"),
            "lenslet init: run is a run's folder; expected a folder of images "
            "or a CSV file; to resume it: lenslet train --run_dir=run\n");
  EXPECT_EQ(error(""),
            "lenslet init: the word is empty; expected a folder of images or "
            "a CSV file\n");
}

TEST_F(InitTest, ReplacesNothing) {
  WritePhotos("photos", 2, 9, 9);
  for (const std::string name : {"recipe.textproto", "model.textproto"}) {
    for (const bool is_link : {false, true}) {
      if (is_link) {
        std::filesystem::create_symlink("nowhere", Path(name));
      } else {
        Write(name, "mine");
      }
      const ProgramResult result = Run("init", {"photos"});
      EXPECT_EQ(result.exit_code, 1);
      EXPECT_EQ(result.out, "");
      EXPECT_THAT(result.err, HasSubstr(Path(name) + ": already exists; "));
      EXPECT_EQ(ReadFile(Path(name)).value_or("mine"), "mine");
      std::filesystem::remove(Path(name));
    }
    EXPECT_FALSE(FileExists(Path("recipe.textproto")));
    EXPECT_FALSE(FileExists(Path("model.textproto")));
  }
}

TEST_F(InitTest, WarnsOfFilesThatCannotBeRead) {
  WritePhotos("photos", 30, 9, 9);
  Write("photos/red/broken\n\x1b[31m.png", "text");
  const ProgramResult result = Run("init", {"photos"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(
      result.out,
      AllOf(HasSubstr("\nwarning: 1 of the 91 files that were looked "
                      "at cannot be read; the recipe has\n"),
            HasSubstr("broken\\n\\x1b[31m.png:"), HasSubstr(" is not a PNG")));
}

TEST_F(InitTest, CountsTheFilesThatItDoesNotName) {
  WritePhotos("photos", 30, 9, 9);
  for (int i = 0; i < 7; ++i) {
    Write(absl::StrCat("photos/red/broken", i, ".png"), "text");
  }
  const ProgramResult result = Run("init", {"photos"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\n  and 2 others\n"));
}

TEST_F(InitTest, ShowsSomeOfManyClasses) {
  for (int i = 100; i < 300; ++i) {
    Write(absl::StrCat("many/", i, std::string(200, 'x'), "/1.pgm"),
          "P5 1 1 255\nx");
  }
  const ProgramResult result = Run("init", {"many"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("\n119xx"), HasSubstr("\n(180 other classes)")));
  EXPECT_THAT(result.out, testing::Not(HasSubstr("\n120xx")));
  for (const absl::string_view line : absl::StrSplit(result.out, '\n')) {
    EXPECT_LE(CountCharacters(line), 80) << line;
  }
}

TEST_F(InitTest, NamesMayControlNoTerminal) {
  const std::string name = "data\n\"\x1b[31m\u202e";
  Write(name + "/a\n\x1b[2J/1.pgm", "P5 1 1 255\nx");
  Write(name + "/b\"/1.pgm", "P5 1 1 255\ny");
  ProgramResult result = Run("init", {name});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("a\\n\\x1b[2J"));
  result = Run("lint", {Path("recipe.textproto"), Path("model.textproto")});
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out,
              HasSubstr(": note: batch_size is 16, and the training examples "
                        "are 2: an epoch is a single step; "));
  EXPECT_THAT(result.out, HasSubstr("which sets no example aside; "));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 2);
}

TEST_F(InitTest, SaysWhatItExpects) {
  std::filesystem::create_directories(Path("empty"));
  ExpectError({"empty"}, "empty: is empty; expected one folder of images per");
  ExpectError({"none"}, "none: No such file or directory");
  Write("flat/1.pgm", "P5 1 1 255\nx");
  ExpectError({"flat"}, "flat: has 1 image, but no folders; expected one ");
  Write("one/a/1.pgm", "P5 1 1 255\nx");
  ExpectError({"one"}, "one: has examples of 1 class, a; expected at least");
  Write("ragged.csv", "1,2,3\n0,2\n");
  ExpectError({"ragged.csv"}, "ragged.csv:2: has 2 columns, too few; ");
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  ExpectError({"pipe"}, "pipe: is not a regular file");
  std::filesystem::create_symlink("loop", Path("loop"));
  ExpectError({"loop"}, "loop: Too many levels of symbolic links");
  Write("bytes/a\xff/1.pgm", "P5 1 1 255\nx");
  ExpectError({"bytes"}, "a\\xff: the class's name is not UTF-8");
  Write("\xff/a/1.pgm", "P5 1 1 255\nx");
  ExpectError({"\xff"}, "\\xff: the path is not UTF-8");
  WritePhotos("photos", 2, 9, 9);
  Write("file", "text");
  ExpectError({"photos", "--output=file"}, "file");
}

TEST_F(InitTest, RefusesWrongArguments) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {}, {"a", "b"}, {"--nam=x", "a"}, {"a", "--name=\xff"}}) {
    const ProgramResult result = Run("init", arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("lenslet init: "));
  }
}

TEST_F(InitTest, HelpFitsATerminal) {
  const ProgramResult result = Run("init", {"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, AllOf(HasSubstr("Usage: lenslet init"),
                                HasSubstr("--output"), HasSubstr("--name")));
  for (const absl::string_view line : absl::StrSplit(result.out, '\n')) {
    EXPECT_LE(CountCharacters(line), 80) << line;
  }
}

}  // namespace
}  // namespace lenslet
