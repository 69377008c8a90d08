// lenslet lint, as a user runs it.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/image_file.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class LintTest : public ::testing::Test {
 protected:
  // Returns the file's path.
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(folder_, "/", name);
    LENSLET_EXPECT_OK(WriteFileAtomically(path, text));
    return path;
  }

  const std::string folder_ = EmptyTempFolder("lint_test");
};

TEST_F(LintTest, ShowsAllProblemsOfModelsAndRecipes) {
  const std::string model =
      Write("model", R"(input { name: "x" shape: [8, 8, 1] }
layer { name: "conv" conv2d { output_channels: 4 kernel: 3 biass: false } }
layer { name: "norm" input: "cnov" batch_norm {} }
layer { name: "flat" flaten {} }
layer { name: "out" linear { output_features: ten } }
)");
  const std::string recipe =
      Write("recipe", "model: \"lenet\"\nepochs: 0\nlearning_rte: 0.1\n");
  const ProgramResult result = RunLenslet("lint", {model, recipe});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "lenslet lint: found 6 errors\n");
  EXPECT_EQ(
      result.out,
      absl::StrCat(
          model,
          ":2:60: conv2d has no field \"biass\"; did you mean "
          "\"bias\"?\n",
          model,
          ":3:22: layer \"norm\": there is no layer or input \"cnov\"; did "
          "you mean \"conv\"?\n",
          model,
          ":4:22: layer has no field or kind \"flaten\"; "
          "did you mean \"flatten\"?\n",
          model, ":5:47: output_features is ten; expected a whole number\n",
          recipe, ":2:1: epochs is 0; expected a number in [1, 1000000000]\n",
          recipe,
          ":3:1: recipes have no field \"learning_rte\"; did you "
          "mean \"learning_rate\"?\n"));
}

TEST_F(LintTest, WarningsAreNoProblems) {
  const std::string model =
      Write("model",
            "input { name: 'x' shape: 8 } layer { name: 'a' relu {} }\n"
            "layer { name: 'b' relu {} }");
  const ProgramResult result = RunLenslet("lint", {model});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out,
            model +
                ":2:1: warning: layer \"b\": it does nothing: no number is "
                "below 0 after \"a\"\n");
}

TEST_F(LintTest, KindIsAsAsked) {
  const std::string recipe =
      Write("recipe", "model: \"lenet\" epochs: 1 learning_rate: 0.1");
  EXPECT_EQ(RunLenslet("lint", {recipe}).exit_code, 0);
  const ProgramResult result = RunLenslet("lint", {recipe, "--kind=model"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr(":1:1: models have no field \"model\""));
}

TEST_F(LintTest, SaysWhatIsWrongWithFlags) {
  EXPECT_EQ(RunLenslet("lint", {}).exit_code, 2);
  EXPECT_EQ(RunLenslet("lint", {"x", "--kind=data"}).err,
            "lenslet lint: --kind is \"data\"; expected model or recipe "
            "(--help lists the "
            "flags)\n");
  const ProgramResult result = RunLenslet("lint", {"/none"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "lenslet lint: found 1 error\n");
  EXPECT_EQ(result.out, "/none: No such file or directory\n");
}

// The lines of what a program says, which it breaks.
std::string Unwrapped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\n  ", " "}});
}

// A recipe of a table of 4 numbers and a class.
class LintDataTest : public LintTest {
 protected:
  LintDataTest() {
    Write("model.textproto",
          "input { name: 'row' shape: 4 } "
          "layer { name: 'out' linear { output_features: 2 } }");
    recipe_ = Write(
        "recipe.textproto",
        "model: 'model.textproto' batch_size: 1 epochs: 1 learning_rate: 0.1\n"
        "data { csv { train_file: 'train.csv' test_file: 'test.csv' "
        "has_header: true numbers: FLOAT } target { label { column: 'y' } } "
        "normalization {} validation_fraction: 0.5 }\n");
    Write("train.csv",
          "a,b,c,d,y\n1,2,3,4,left\n2,2,3,4,right\n3,2,3,4,left\n");
    Write("test.csv", "a,b,c,d,y\n5,2,3,4,left\n6,2,3,4,right\n");
  }

  // The problems, without the recipe's name.
  std::string Problems(const std::vector<std::string>& flags = {}) {
    std::vector<std::string> arguments = {recipe_};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    result_ = RunLenslet("lint", arguments);
    return absl::StrReplaceAll(result_.out, {{recipe_, "R"}});
  }

  std::string recipe_;
  ProgramResult result_;
};

TEST_F(LintDataTest, NamesAllClassesWithoutExamples) {
  Write("train.csv", "a,b,c,d,y\n1,2,3,4,3\n2,2,3,4,7\n3,2,3,4,3\n");
  Write("test.csv", "a,b,c,d,y\n5,2,3,4,3\n6,2,3,4,7\n");
  EXPECT_THAT(Problems(),
              AllOf(HasSubstr("has shape [2]; expected [8], a score for each "
                              "class; only 2 of these 8 classes have examples: "
                              "number the labels from 0 without gaps\n"),
                    HasSubstr("warning: 6 of 8 classes have no training "
                              "examples: \"0\", \"1\", \"2\", \"4\", \"5\" "
                              "and 1 other\n")));
}

TEST_F(LintDataTest, NamesClassesThatAreNotTested) {
  Write("test.csv", "a,b,c,d,y\n5,2,3,4,left\n6,2,3,4,left\n");
  EXPECT_THAT(Problems(),
              HasSubstr("R:2:1: note: class \"right\" has no test examples\n"));
}

TEST_F(LintDataTest, GoodDataHasNoProblems) {
  EXPECT_EQ(Problems(),
            "R:2:1: warning: the validation examples have none of class "
            "\"right\"; a larger data.validation_fraction sets some aside\n");
  EXPECT_EQ(result_.exit_code, 0);
  EXPECT_EQ(Problems({"--data=false"}), "");
}

// Of the examples that are left to train with, as train counts them.
TEST_F(LintDataTest, CountsTheExamplesThatTrain) {
  Write("train.csv",
        "a,b,c,d,y\n1,2,3,4,left\n2,2,3,4,right\n3,2,3,4,left\n"
        "4,2,3,4,left\n5,2,3,4,left\n6,2,3,4,left\n");
  const std::string warning =
      "warning: class \"left\" has 2 training examples, but \"right\" only 1; "
      "loss { balanced: true } gives all classes the same influence, with "
      "class_weight: [0.75, 1.5]\n";
  EXPECT_THAT(Problems(), HasSubstr(warning));
  const ProgramResult trained = RunLenslet("train", {recipe_});
  EXPECT_THAT(trained.err, AllOf(HasSubstr("class \"left\" has 2 training"),
                                 HasSubstr("have none of class \"right\"")));
}

TEST_F(LintDataTest, FilesMustBeThereAndReadable) {
  std::filesystem::remove(folder_ + "/test.csv");
  EXPECT_THAT(Problems(),
              AllOf(StartsWith("R:2:1: /"),
                    EndsWith("/test.csv: No such file or directory\n")));
  EXPECT_EQ(result_.exit_code, 1);
  EXPECT_EQ(result_.err, "lenslet lint: found 1 error\n");
  EXPECT_EQ(Problems({"--data=false"}), "");
  EXPECT_EQ(result_.exit_code, 0);
  Write("test.csv", "a,b,c,d,y\n5,2,x,4,left\n");
  EXPECT_THAT(Problems(), HasSubstr("test.csv:2: column 3 (\"c\") is \"x\""));
}

TEST_F(LintDataTest, TheModelMustFitTheData) {
  Write("train.csv", "a,b,c,d,y\n1,2,3,4,left\n2,2,3,4,right\n3,2,3,4,up\n");
  EXPECT_THAT(Problems(),
              AllOf(HasSubstr("R:1:1: "), HasSubstr("[2]"),
                    HasSubstr("expected [3], a score for each class")));
  EXPECT_EQ(result_.exit_code, 1);
}

TEST_F(LintDataTest, DataOfOneClassHasNothingToLearn) {
  Write("model.textproto",
        "input { name: 'row' shape: 4 } "
        "layer { name: 'out' linear { output_features: 1 } }");
  Write("train.csv", "a,b,c,d,y\n1,2,3,4,left\n2,2,3,4,left\n");
  Write("test.csv", "a,b,c,d,y\n5,2,3,4,left\n");
  EXPECT_THAT(Problems(),
              HasSubstr("R:2:1: warning: the training examples are all of one "
                        "class, \"left\": there is nothing to tell apart"));
  EXPECT_EQ(result_.exit_code, 0);
}

TEST_F(LintDataTest, TestExamplesShouldBeNew) {
  Write("test.csv", "a,b,c,d,y\n5,2,3,4,left\n2,2,3,4,right\n");
  EXPECT_THAT(Problems(),
              HasSubstr("R:2:1: warning: 1 of 2 test examples is among the "
                        "training examples, too, as test example 1 is training "
                        "example 1; "));
  EXPECT_EQ(result_.exit_code, 0);
  // So does train, before it begins.
  const ProgramResult trained = RunLenslet("train", {recipe_});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(trained.err,
              HasSubstr("warning: 1 of 2 test examples is among the training "
                        "examples"));
}

TEST_F(LintDataTest, ImagesThatCannotBeReadAndImagesOfOneValue) {
  for (const char* name : {"cat", "dog"}) {
    for (int i = 0; i < 20; ++i) {
      Tensor image({8, 8, 1}, ElementType::kUint8);
      for (int64_t p = 0; p < 64; ++p) {
        image.data<uint8_t>()[p] = name[0] == 'd'
                                       ? static_cast<uint8_t>(i)
                                       : static_cast<uint8_t>(p * (i + 1));
      }
      const std::string folder = absl::StrCat(folder_, "/photos/", name);
      std::filesystem::create_directories(folder);
      LENSLET_EXPECT_OK(
          WritePngFile(absl::StrCat(folder, "/", i, ".png"), image));
    }
  }
  Write("photos/cat/3.png", "\x89PNG\r\n\x1a\nbroken");
  Write("photos/dog/7.png", "");
  Write("model.textproto",
        "input { name: 'image' shape: [8, 8, 1] } "
        "layer { name: 'flatten' flatten {} } "
        "layer { name: 'out' linear { output_features: 2 } }");
  Write("recipe.textproto",
        "model: 'model.textproto' batch_size: 1 epochs: 1 learning_rate: 0.1\n"
        "data { image_folders { train_directory: 'photos' shape: [8, 8, 1] } "
        "}\n");
  EXPECT_THAT(
      Problems(),
      AllOf(HasSubstr("R:2:1: 2 of 40 training examples cannot be read; "
                      "expected whole files, or on_unreadable: SKIP\n"),
            HasSubstr("/photos/cat/3.png: truncated PNG file"),
            HasSubstr("/photos/dog/7.png: is empty"),
            Not(HasSubstr("warning: 2 of 40")),
            HasSubstr("warning: 19 of 40 training examples have one value "
                      "everywhere, the first at index 1, among them all of "
                      "class \"dog\"; only that value can be learned from "
                      "them; if they "
                      "are drawn on a transparent ground, set background")));
  EXPECT_EQ(result_.exit_code, 1);
  // In the same words, train ends at the broken ones; without them, it warns.
  const ProgramResult refused = RunLenslet("train", {recipe_});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("2 of 40 images cannot be read; "),
                                 HasSubstr("/photos/cat/3.png: truncated PNG"),
                                 HasSubstr("/photos/dog/7.png: is empty")));
  const std::string skip = "--set=data.image_folders.on_unreadable=SKIP";
  // Those that are read ahead are found in a sample, before the first step.
  const ProgramResult ahead =
      RunLenslet("train", {recipe_, "--set=data.image_folders.read_ahead={}"});
  EXPECT_EQ(ahead.exit_code, 1);
  EXPECT_THAT(ahead.err, HasSubstr("/photos/cat/3.png: truncated PNG"));
  EXPECT_THAT(ahead.out, Not(HasSubstr("epoch 1")));
  for (const std::string& more :
       {skip, std::string("--set=data.image_folders.read_ahead={}")}) {
    std::filesystem::remove_all(folder_ + "/run");
    const ProgramResult trained = RunLenslet(
        "train", {recipe_, skip, more, "--run_dir=" + folder_ + "/run"});
    EXPECT_EQ(trained.exit_code, 0) << trained.err;
    // The run keeps what it said of the data.
    const std::string notes = ReadFile(folder_ + "/run/notes.jsonl").value();
    EXPECT_THAT(notes, AllOf(HasSubstr("2 images of 40"),
                             HasSubstr("19 of 38 training examples have one "
                                       "value everywhere")));
    EXPECT_THAT(
        Unwrapped(trained.err),
        HasSubstr("warning: 19 of 38 training examples have one value "
                  "everywhere, the first at index 1, among them all of "
                  "class \"dog\"; only that value can be learned from them"));
  }
}

// More images than are checked.
TEST_F(LintDataTest, SaysOfHowManyExamplesItCheckedASample) {
  for (const char* name : {"cat", "dog"}) {
    const std::string folder = absl::StrCat(folder_, "/photos/", name);
    std::filesystem::create_directories(folder);
    for (int i = 0; i < 2100; ++i) {
      // Thousands of files need not be synced.
      std::ofstream(absl::StrCat(folder, "/", i, ".pgm"))
          << "P5 2 1 255\n"
          << static_cast<char>(i) << static_cast<char>(i / 256 + 100);
    }
  }
  Write("model.textproto",
        "input { name: 'image' shape: [1, 2, 1] } "
        "layer { name: 'flatten' flatten {} } "
        "layer { name: 'out' linear { output_features: 2 } }");
  Write("recipe.textproto",
        "model: 'model.textproto' batch_size: 100 steps: 1 learning_rate: 0.1\n"
        "data { image_folders { train_directory: 'photos' shape: [1, 2, 1] "
        "read_ahead {} } }\n");
  const std::string rest =
      " of 4,200 training examples, spread evenly, for unreadable files, "
      "constant inputs and duplicates\n";
  EXPECT_THAT(Problems(), HasSubstr("R:2:1: note: checked 4,096" + rest));
  EXPECT_EQ(result_.exit_code, 0);
  const ProgramResult trained = RunLenslet("train", {recipe_});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(Unwrapped(trained.out), HasSubstr("note: checked 512" + rest));
}

TEST_F(LintDataTest, ABatchLargerThanTheData) {
  Write("train.csv",
        "a,b,c,d,y\n1,2,3,4,left\n2,2,3,4,right\n3,2,3,4,left\n"
        "4,2,3,4,right\n");
  Write("recipe.textproto",
        absl::StrReplaceAll(ReadFile(recipe_).value(),
                            {{"batch_size: 1 ", "batch_size: 3 "}}));
  const std::string note =
      "note: batch_size is 3, and the training examples are 2: an epoch is a "
      "single step; a smaller batch_size makes more steps\n";
  EXPECT_EQ(Problems(), "R:1:26: " + note);
  EXPECT_EQ(result_.exit_code, 0);
  EXPECT_THAT(Unwrapped(RunLenslet("train", {recipe_}).out), HasSubstr(note));
}

TEST_F(LintDataTest, AnIndexAmongTheInputs) {
  Write("train.csv",
        ",b,c,d,y\n0,2,3,4,left\n1,2,3,5,right\n2,2,3,6,left\n"
        "3,2,3,7,right\n");
  Write("test.csv", ",b,c,d,y\n0,2,3,8,left\n");
  const std::string warning =
      "/train.csv: column 1 (\"\") numbers the rows, as an index that pandas "
      "writes, and is an input; to leave it out, ignore: \"0\"\n";
  EXPECT_THAT(Problems(), HasSubstr(warning));
  EXPECT_EQ(result_.exit_code, 0);
  EXPECT_THAT(Unwrapped(RunLenslet("train", {recipe_}).err),
              HasSubstr(warning));
  Write("model.textproto",
        "input { name: 'row' shape: 3 } "
        "layer { name: 'out' linear { output_features: 2 } }");
  EXPECT_THAT(Problems(),
              HasSubstr("the data set's examples have shape [4]; if the first "
                        "column, which has no name, is an index, "
                        "data.csv.ignore leaves it out"));
}

TEST_F(LintDataTest, WhatDependsOnTheNumberOfExamples) {
  Write("recipe.textproto",
        absl::StrCat("schedule { in_steps { warmup_steps: 5 } }\n",
                     absl::StrReplaceAll(ReadFile(recipe_).value(),
                                         {{"validation_fraction: 0.5",
                                           "validation_fraction: 0.1"}})));
  EXPECT_THAT(
      Problems(),
      AllOf(
          HasSubstr("R:1:1: warning: the warm-up has 5 steps, and the run 3: "),
          HasSubstr("R:3:1: warning: data.validation_fraction is 0.1, which "
                    "sets no example aside")));
  EXPECT_EQ(result_.exit_code, 0);
}

TEST_F(LintDataTest, ACheckpointOfWhichLittleIsTaken) {
  const std::string start = folder_ + "/start.ckpt";
  EXPECT_EQ(RunLenslet("train", {recipe_, "--output=" + start}).exit_code, 0);
  Write("model.textproto",
        "input { name: 'row' shape: 4 } "
        "layer { name: 'wide' linear { output_features: 9 } } "
        "layer { name: 'more' linear { output_features: 2 } } "
        "layer { name: 'out' input: 'row' linear { output_features: 2 } } "
        "layer { name: 'sum' input: ['out', 'more'] add {} }");
  Write("recipe.textproto",
        absl::StrCat("start_from: '", start, "'\n", ReadFile(recipe_).value()));
  const std::string warning = absl::StrCat(
      "the run starts with less than half of its parameters from ", start,
      ": took 1 of 3 layers (out), 10 of 75 numbers; left wide: there is no "
      "such layer there; left more: there is no such layer there; only layers "
      "of the same name and shape are taken; lenslet summarize shows those of "
      "that model\n");
  EXPECT_THAT(Problems(), HasSubstr("R:1:1: warning: " + warning));
  EXPECT_EQ(result_.exit_code, 0);
  const ProgramResult trained = RunLenslet("train", {recipe_});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(Unwrapped(trained.err), HasSubstr(warning));
  EXPECT_THAT(Unwrapped(trained.out),
              HasSubstr("took 1 of 3 layers (out), 10 of 75 numbers; left "
                        "wide: there is no such layer there; left more: there "
                        "is no such layer there"));
  // The parameters were trained with a normalization.
  Write("recipe.textproto", absl::StrReplaceAll(ReadFile(recipe_).value(),
                                                {{"normalization {}", ""}}));
  EXPECT_THAT(Problems(),
              HasSubstr("its parameters were trained with a normalization; "
                        "expected data { normalization {} }, which takes it"));
  EXPECT_EQ(result_.exit_code, 1);
}

TEST_F(LintDataTest, ACheckpointOfOtherClasses) {
  const std::string start = folder_ + "/start.ckpt";
  EXPECT_EQ(RunLenslet("train", {recipe_, "--output=" + start}).exit_code, 0);
  for (const char* file : {"train.csv", "test.csv"}) {
    Write(file, absl::StrReplaceAll(ReadFile(folder_ + "/" + file).value(),
                                    {{"left", "up"}}));
  }
  Write("recipe.textproto",
        absl::StrCat("start_from: '", start, "'\n", ReadFile(recipe_).value()));
  const std::string warning =
      absl::StrCat("the last layer is taken from ", start,
                   ", which was trained for other classes: class ");
  EXPECT_THAT(Problems(), HasSubstr("R:1:1: warning: " + warning));
  EXPECT_EQ(result_.exit_code, 0);
  const ProgramResult trained = RunLenslet("train", {recipe_});
  EXPECT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(Unwrapped(trained.err), HasSubstr(warning));
}

}  // namespace
}  // namespace lenslet
