#include "lenslet/tools/words.h"

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/predict/checkpoint.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

namespace fs = std::filesystem;

constexpr char kDrawCommand[] = "lenslet draw";
constexpr char kTrainCommand[] = "lenslet train";

// A folder with a word of each kind.
class WordsTest : public ::testing::Test {
 protected:
  WordsTest() {
    Write("model", "input { name: 'x' shape: 8 }\nlayer { name: 'a' relu {} }");
    Write("recipe", "model: 'mlp'\nepochs: 2\nlearning_rate: 0.1");
    Write("image", "P5 1 1 255\nx");
    Write("text", "Dear reader,\nthis is a letter.\n");
    Write("run/metrics.jsonl", "");
    Write("run/recipe.textproto", "model: 'mlp'");
    Write("sweep/sweep.json", "{}");
    Write("photos/cat/a.ppm", "P6 1 1 255\nxxx");
    Write("folder/notes", "x");
    Write("with_recipe/recipe.textproto", "model: 'mlp'");
    EXPECT_THAT(SaveCheckpoint(Path("checkpoint"), {}), IsOk());
    Write("onnx", "\x08\x08\x12");
    Write("text.onnx", "Dear reader,\nthis is a letter.\n");
    std::filesystem::create_directory(Path("finished"));
    EXPECT_THAT(SaveCheckpoint(Path("finished/latest.ckpt"), {}), IsOk());
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(
        std::filesystem::path(Path(name)).parent_path());
    EXPECT_THAT(WriteFileAtomically(Path(name), text), IsOk());
  }

  // The error has these words, of which WORD is the path.
  void ExpectRefusal(WordFor expected, const std::string& command,
                     const std::string& name, const std::string& message,
                     const std::string& hint) {
    EXPECT_THAT(CheckWord(expected, command, Path(name)),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(Path(name) + " is " + message),
                               EndsWith(hint))));
  }

  static std::string Message(WordFor expected, const std::string& command,
                             const std::string& word) {
    return std::string(CheckWord(expected, command, word).message());
  }

  const std::string folder_ = EmptyTempFolder("words_test");
};

TEST_F(WordsTest, AreNamesOrFiles) {
  EXPECT_EQ(ClassifyWord("lenet"), WordKind::kModelName);
  EXPECT_EQ(ClassifyWord("book"), WordKind::kRecipeName);
  EXPECT_EQ(ClassifyWord("modern"), WordKind::kModelAndRecipeName);
  EXPECT_EQ(ClassifyPath("lenet"), WordKind::kNothing);
  EXPECT_EQ(ClassifyWord("lenett"), WordKind::kNothing);
  EXPECT_EQ(ClassifyWord(""), WordKind::kNothing);
  EXPECT_EQ(ClassifyWord(Path("none")), WordKind::kNothing);
}

TEST_F(WordsTest, FilesAreWhatTheyContain) {
  EXPECT_EQ(ClassifyWord(Path("model")), WordKind::kModelFile);
  EXPECT_EQ(ClassifyWord(Path("recipe")), WordKind::kRecipeFile);
  EXPECT_EQ(ClassifyWord(Path("checkpoint")), WordKind::kCheckpoint);
  EXPECT_EQ(ClassifyWord(Path("onnx")), WordKind::kOnnx);
  EXPECT_EQ(ClassifyWord(Path("text.onnx")), WordKind::kOnnx);
  EXPECT_EQ(ClassifyWord(Path("image")), WordKind::kImage);
  EXPECT_EQ(ClassifyWord(Path("text")), WordKind::kFile);
  Write("empty", "");
  EXPECT_EQ(ClassifyWord(Path("empty")), WordKind::kFile);
  // No reader of this waits for a writer.
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(ClassifyWord(Path("pipe")), WordKind::kFile);
}

TEST_F(WordsTest, FoldersAreWhatIsInThem) {
  EXPECT_EQ(ClassifyWord(Path("run")), WordKind::kRun);
  EXPECT_EQ(ClassifyWord(Path("finished")), WordKind::kRun);
  EXPECT_EQ(ClassifyWord(Path("sweep")), WordKind::kSweep);
  EXPECT_EQ(ClassifyWord(Path("photos")), WordKind::kImageFolder);
  EXPECT_EQ(ClassifyWord(Path("photos/cat")), WordKind::kImageFolder);
  EXPECT_EQ(ClassifyWord(Path("folder")), WordKind::kFolder);
  EXPECT_EQ(ClassifyWord(Path("with_recipe")), WordKind::kFolder);
}

TEST_F(WordsTest, TextsWithMistakesAreWhatTheyResemble) {
  EXPECT_EQ(ClassifyText("input { name: 'x' shap: 8 } layer { relu {} }"),
            WordKind::kModelFile);
  EXPECT_EQ(ClassifyText("model: 'lenet' epoch: 1"), WordKind::kRecipeFile);
  EXPECT_EQ(ClassifyText("P5 1 1"), WordKind::kFile);
  // Cut anywhere.
  std::string long_model = "input { name: 'x' shape: 8 }\n";
  for (int i = 0; i < 10000; ++i) {
    absl::StrAppend(&long_model, "layer { name: 'a", i, "' relu {} }\n");
  }
  EXPECT_EQ(ClassifyText(long_model), WordKind::kModelFile);
}

TEST_F(WordsTest, OneKnownWordMakesNoModel) {
  EXPECT_EQ(ClassifyText("root:x:0:0:root:/root:/bin/bash\n"
                         "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"),
            WordKind::kFile);
  EXPECT_EQ(ClassifyText("<html><style>body { margin: 0 } layer { a: 1 }"),
            WordKind::kFile);
  EXPECT_EQ(ClassifyText("name: x\nversion: 1\nauthor: me\n"), WordKind::kFile);
  EXPECT_EQ(ClassifyText("\xef\xbb\xbfmodel: 'lenet'"), WordKind::kRecipeFile);
  Write("mixed/a.ppm", "P6 1 1 255\nxxx");
  Write("mixed/b.txt", "x");
  Write("mixed/c.txt", "x");
  EXPECT_EQ(ClassifyPath(Path("mixed")), WordKind::kFolder);
}

TEST_F(WordsTest, APathWinsWhereNoNameIsExpected) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  fs::copy(Path("finished"), Path("book"));
  fs::copy(Path("finished"), Path("lenet"));
  LENSLET_EXPECT_OK(CheckWord(WordFor::kTrained, "lenslet predict", "book"));
  LENSLET_EXPECT_OK(CheckWord(WordFor::kTrained, "lenslet predict", "lenet"));
  LENSLET_EXPECT_OK(CheckWord(WordFor::kRun, "lenslet compare", "book"));
  LENSLET_EXPECT_OK(CheckWord(WordFor::kNetwork, kDrawCommand, "book"));
  LENSLET_EXPECT_OK(CheckWord(WordFor::kRecipe, kTrainCommand, "book"));
  CaptureStderr();
  EXPECT_EQ(CheckWords(WordFor::kNetwork, kDrawCommand, {"lenet"}),
            std::nullopt);
  EXPECT_EQ(GetCapturedStderr(),
            "warning: lenet is a model of the library; ./lenet is a run's "
            "folder\n");
  CaptureStderr();
  EXPECT_EQ(CheckWords(WordFor::kNetwork, kDrawCommand, {"book"}),
            std::nullopt);
  EXPECT_EQ(CheckWords(WordFor::kRecipe, kTrainCommand, {"book"}),
            std::nullopt);
  EXPECT_EQ(GetCapturedStderr(), "");
  fs::current_path(before);
}

TEST_F(WordsTest, AFlagWithoutHyphensIsNamed) {
  const auto message = [](const std::string& word) {
    CaptureStderr();
    EXPECT_EQ(
        CheckOneWord(WordFor::kRecipe, kTrainCommand, "recipe", {"book", word}),
        2);
    return GetCapturedStderr();
  };
  EXPECT_EQ(message("epochs=2"),
            "lenslet train: unexpected word epochs=2; did you mean --epochs=2? "
            "(--help lists the flags)\n");
  EXPECT_THAT(message("optimizer.kind=ADAM"),
              HasSubstr("; did you mean --set=optimizer.kind=ADAM? "));
  EXPECT_THAT(message("modern"), HasSubstr("expected one recipe, got 2"));
}

TEST_F(WordsTest, AnEmptyWordIsNamed) {
  EXPECT_EQ(
      Message(WordFor::kTrained, "lenslet predict", ""),
      "the word is empty; expected a checkpoint, an ONNX model or a run's "
      "folder");
}

TEST_F(WordsTest, WhatFitsPasses) {
  const struct {
    WordFor expected;
    std::string word;
  } kCases[] = {
      {WordFor::kRecipe, "book"},
      {WordFor::kRecipe, "modern"},
      {WordFor::kRecipe, Path("recipe")},
      {WordFor::kModel, "modern"},
      {WordFor::kModel, Path("model")},
      {WordFor::kNetwork, "lenet"},
      {WordFor::kNetwork, Path("checkpoint")},
      {WordFor::kNetwork, Path("run")},
      {WordFor::kTrained, Path("checkpoint")},
      {WordFor::kTrained, Path("onnx")},
      {WordFor::kTrained, Path("text.onnx")},
      {WordFor::kNetwork, Path("onnx")},
      {WordFor::kModelFiles, Path("onnx")},
      {WordFor::kTrained, Path("run")},
      {WordFor::kRun, Path("run")},
      {WordFor::kReport, Path("checkpoint")},
      {WordFor::kModelFiles, Path("model")},
      {WordFor::kModelFiles, Path("recipe")},
      {WordFor::kImage, Path("image")},
      // Its loader says what is wrong.
      {WordFor::kRecipe, Path("text")},
      {WordFor::kNetwork, Path("none.textproto")},
      {WordFor::kTrained, Path("none")},
      {WordFor::kImage, "none"},
  };
  for (const auto& [expected, word] : kCases) {
    LENSLET_EXPECT_OK(CheckWord(expected, kTrainCommand, word)) << word;
  }
}

TEST_F(WordsTest, WhereARecipeIsExpected) {
  const auto expect = [&](const std::string& name, const std::string& message,
                          const std::string& hint) {
    ExpectRefusal(WordFor::kRecipe, kTrainCommand, name, message, hint);
  };
  EXPECT_EQ(Message(WordFor::kRecipe, kTrainCommand, "lenet"),
            "lenet is a model; expected a recipe; to train it: lenslet train "
            "book --model=lenet");
  expect("model", "a model; expected a recipe",
         "to train it: lenslet train book --model=" + Path("model"));
  expect("checkpoint", "a checkpoint; expected a recipe",
         "to start from it: lenslet train RECIPE --set=start_from=" +
             Path("checkpoint"));
  expect("onnx", "an ONNX model; expected a recipe",
         "to start from it: lenslet train RECIPE --set=start_from=" +
             Path("onnx"));
  expect("run", "a run's folder; expected a recipe",
         "to resume it: lenslet train --run_dir=" + Path("run"));
  expect("with_recipe", "a folder; expected a recipe",
         "its recipe: lenslet train " + Path("with_recipe/recipe.textproto"));
  expect("image", "an image; expected a recipe",
         "to classify it: lenslet predict CHECKPOINT " + Path("image"));
  expect("photos", "a folder of images; expected a recipe",
         "for a recipe that fits it: lenslet init " + Path("photos"));
  Write("some.csv", "label,a\n1,2\n");
  expect("some.csv", "a CSV file; expected a recipe",
         "for a recipe that fits it: lenslet init " + Path("some.csv"));
  expect("sweep", "a sweep's folder; expected a recipe",
         "its runs are the folders in it");
  expect("folder", "a folder; expected a recipe", "expected a recipe");
  ExpectRefusal(WordFor::kRecipe, "lenslet sweep", "run", "a run's folder",
                "its recipe: lenslet sweep " + Path("run/recipe.textproto"));
  ExpectRefusal(WordFor::kRecipe, "lenslet sweep", "model", "a model",
                "lenslet sweep book --model=" + Path("model"));
}

TEST_F(WordsTest, WhereAModelIsExpected) {
  ExpectRefusal(WordFor::kModel, kTrainCommand, "checkpoint",
                "a checkpoint; expected a model",
                "to start from it: --set=start_from=" + Path("checkpoint"));
  ExpectRefusal(WordFor::kModel, kTrainCommand, "onnx",
                "an ONNX model; expected a model",
                "for its model: lenslet import " + Path("onnx") +
                    " --output=net.ckpt --model=net.textproto");
  ExpectRefusal(WordFor::kModel, kTrainCommand, "recipe",
                "a recipe; expected a model",
                "lenslet train " + Path("recipe") + " --run_dir=DIR");
}

TEST_F(WordsTest, WhereANetworkIsExpected) {
  EXPECT_EQ(
      Message(WordFor::kNetwork, kDrawCommand, "book"),
      "book is a recipe; expected a model, an ONNX model, a checkpoint or "
      "a run's folder; its model: lenslet draw lenet");
  ExpectRefusal(WordFor::kNetwork, kDrawCommand, "recipe", "a recipe; expected",
                "its model: lenslet draw mlp");
  ExpectRefusal(WordFor::kNetwork, kDrawCommand, "image", "an image; expected",
                "lenslet predict CHECKPOINT " + Path("image"));
}

TEST_F(WordsTest, WhereATrainedModelIsExpected) {
  const auto expect = [&](const std::string& name, const std::string& message,
                          const std::string& hint) {
    ExpectRefusal(WordFor::kTrained, "lenslet predict", name,
                  message +
                      "; expected a checkpoint, an ONNX model or a run's "
                      "folder; ",
                  hint);
  };
  expect("image", "an image",
         "to classify it: lenslet predict CHECKPOINT " + Path("image"));
  expect("photos", "a folder of images",
         "find " + Path("photos") + " -type f | lenslet predict CHECKPOINT");
  expect("model", "a model", "lenslet train book --model=" + Path("model"));
  expect("recipe", "a recipe",
         "lenslet train " + Path("recipe") + " --run_dir=DIR");
  EXPECT_THAT(
      CheckWord(WordFor::kTrained, "lenslet predict", Path("folder")),
      StatusIs(absl::StatusCode::kNotFound,
               Path("folder") + " is a folder without latest.ckpt; expected a "
                                "checkpoint, an ONNX model or a run's folder"));
  EXPECT_THAT(Message(WordFor::kTrained, "lenslet predict", "modern"),
              AllOf(HasSubstr("modern is a model and a recipe"),
                    EndsWith("lenslet train modern --run_dir=DIR")));
}

TEST_F(WordsTest, WhereOtherThingsAreExpected) {
  ExpectRefusal(WordFor::kRun, "lenslet compare", "checkpoint",
                "a checkpoint; expected a run's folder",
                "lenslet evaluate " + Path("checkpoint"));
  ExpectRefusal(WordFor::kReport, "lenslet report", "onnx",
                "an ONNX model; expected a run's folder or a checkpoint in one",
                "lenslet evaluate " + Path("onnx"));
  ExpectRefusal(WordFor::kModelFiles, "lenslet lint", "checkpoint",
                "a checkpoint; expected the file of a model, of an ONNX model "
                "or of a recipe",
                "lenslet evaluate " + Path("checkpoint"));
  Write("some.csv", "label,a\n1,2\n");
  ExpectRefusal(WordFor::kModelFiles, "lenslet lint", "some.csv",
                "a CSV file; expected the file of a model, of an ONNX model or "
                "of a recipe",
                "for a recipe that fits it: lenslet init " + Path("some.csv"));
  ExpectRefusal(WordFor::kModelFiles, "lenslet lint", "run",
                "a run's folder; expected",
                "lenslet lint " + Path("run/recipe.textproto"));
  ExpectRefusal(WordFor::kImage, "lenslet predict run", "photos",
                "a folder of images; expected an image",
                "find " + Path("photos") + " -type f | lenslet predict run");
  ExpectRefusal(WordFor::kTrained, "lenslet evaluate", "photos",
                "a folder of images; expected a checkpoint",
                "to measure a model on it: lenslet evaluate CHECKPOINT "
                "--data='image_folders { train_directory: \"" +
                    Path("photos") +
                    "\" shape: [HEIGHT, WIDTH, CHANNELS] }' --split=train");
  ExpectRefusal(WordFor::kRun, "lenslet compare", "photos",
                "a folder of images; expected a run's folder",
                "to train on it: lenslet init " + Path("photos"));
  ExpectRefusal(WordFor::kNetwork, kDrawCommand, "photos",
                "a folder of images; expected",
                "to train on it: lenslet init " + Path("photos"));
  EXPECT_EQ(Message(WordFor::kModelFiles, "lenslet lint", "lenet"),
            "lenet is a model; expected the file of a model, of an ONNX model "
            "or of a recipe; "
            "models and recipes of the library need no lint");
  // Names do not matter where only files are expected.
  LENSLET_EXPECT_OK(CheckWord(WordFor::kImage, "lenslet predict", "lenet"));
}

TEST_F(WordsTest, MistypedNames) {
  EXPECT_THAT(CheckWord(WordFor::kRecipe, kTrainCommand, "modrn"),
              StatusIs(absl::StatusCode::kNotFound,
                       "\"modrn\" is neither the name of a recipe nor a file; "
                       "expected a recipe; did you mean \"modern\"?"));
  EXPECT_THAT(CheckWord(WordFor::kNetwork, kDrawCommand, "lenett"),
              StatusIs(absl::StatusCode::kNotFound,
                       "\"lenett\" is neither a model of the zoo nor a file; "
                       "expected a model, an ONNX model, a checkpoint or a "
                       "run's folder; did "
                       "you mean \"lenet\"?"));
  EXPECT_THAT(CheckWord(WordFor::kNetwork, kDrawCommand, "xyzzy"),
              StatusIs(absl::StatusCode::kNotFound,
                       EndsWith("; lenslet draw --help lists the names")));
}

TEST_F(WordsTest, ACommandLineCanBeCopied) {
  Write("my photos/it's.pgm", "P5 1 1 255\nx");
  EXPECT_THAT(
      Message(WordFor::kTrained, "lenslet predict", Path("my photos/it's.pgm")),
      EndsWith("lenslet predict CHECKPOINT '" + folder_ +
               "/my photos/it'\\''s.pgm'"));
}

}  // namespace
}  // namespace lenslet
