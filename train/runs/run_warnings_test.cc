// The warnings of a training run: each once, in its notes and to its observer.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/run_notes.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What a run warns of, and after how many epochs.
class WarningRecorder : public RunObserver {
 public:
  void OnStep(const RunProgress&) override { ++steps; }
  void OnWarning(const std::string& text) override { warnings.push_back(text); }
  bool StopRequested() override { return steps == stop_after; }

  std::vector<std::string> warnings;
  int64_t steps = 0;
  int64_t stop_after = -1;
};

class RunWarningsTest : public ::testing::Test {
 protected:
  RunWarningsTest() : folder_(EmptyTempFolder("run_warnings_test")) {}

  // A model of these layers between an input of 4 x 4 and the classes.
  absl::StatusOr<std::unique_ptr<TrainingRun>> Make(
      absl::string_view layers, absl::string_view more,
      const std::string& run_dir = "") const {
    const std::string model = folder_ + "/model.textproto";
    LENSLET_RETURN_IF_ERROR(WriteFileAtomically(
        model, absl::StrCat(R"(input { name: "image" shape: [4, 4, 1] }
                               layer { name: "flatten" flatten {} } )",
                            layers)));
    LENSLET_ASSIGN_OR_RETURN(
        const RecipeText text,
        ParseRecipe(absl::StrCat("model: \"", model, "\" ",
                                 R"(data { synthetic { shape: [4, 4, 1]
                          classes: 2 train_examples: 96 test_examples: 20 } }
                          batch_size: 32 )",
                                 more),
                    "recipe"));
    return TrainingRun::Create(
        text.recipe, {.data_sources = AllDataSources(), .run_dir = run_dir});
  }

  const std::string folder_;
};

constexpr char kClasses[] =
    R"(layer { name: "classes" linear { output_features: 2 } })";

TEST_F(RunWarningsTest, AHealthyRunHasNone) {
  const std::string run_dir = folder_ + "/run";
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto run, Make(kClasses, "epochs: 3 learning_rate: 0.1", run_dir));
  EXPECT_THAT(run->warnings(), IsEmpty());
  WarningRecorder recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());
  EXPECT_THAT(recorder.warnings, IsEmpty());
  EXPECT_THAT(run->notes(), IsEmpty());
  EXPECT_FALSE(FileExists(run_dir + "/" + kNotesName));
}

// A rectifier whose input has a large negative bias, from a first step that is
// far too large.
TEST_F(RunWarningsTest, DeadUnitsAreNamedOnceInAllSessions) {
  const std::string run_dir = folder_ + "/run";
  const std::string layers = absl::StrCat(
      R"(layer { name: "fc" linear { output_features: 8 } }
         layer { name: "relu" relu {} } )",
      kClasses);
  const char* recipe =
      "epochs: 3 learning_rate: 0.1 initializer { kind: CONSTANT scale: -1 }";
  std::vector<std::string> warnings;
  for (int session = 0; session < 3; ++session) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const auto run, Make(layers, recipe, run_dir));
    EXPECT_THAT(run->warnings(), IsEmpty());
    WarningRecorder recorder;
    recorder.stop_after = 3;
    LENSLET_ASSERT_OK(run->Run(recorder).status());
    warnings.insert(warnings.end(), recorder.warnings.begin(),
                    recorder.warnings.end());
  }
  // Without active units, all examples have the same scores.
  EXPECT_THAT(warnings,
              ElementsAre(HasSubstr("after epoch 1, the answer to each of 64"),
                          HasSubstr("all units of layer \"relu\" are 0")));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<RunNote> notes,
                               ReadNotes(run_dir + "/" + kNotesName));
  ASSERT_THAT(notes, SizeIs(2));
  EXPECT_EQ(notes[1].id, "dead_units");
  EXPECT_EQ(notes[1].step, 3);
  EXPECT_TRUE(notes[1].warning);
}

TEST_F(RunWarningsTest, ALossAboveThatOfGuessing) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto run,
                               Make(kClasses, "epochs: 2 learning_rate: 1000"));
  WarningRecorder recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());
  EXPECT_THAT(recorder.warnings,
              testing::Contains(HasSubstr("above 0.693, that of guessing")));
}

TEST_F(RunWarningsTest, WhatIsKnownBeforeTheFirstStep) {
  const std::string layers =
      absl::StrCat(R"(layer { name: "norm" batch_norm {} } )", kClasses,
                   R"( layer { name: "last" relu {} })");
  const char* recipe =
      "epochs: 2 learning_rate: 0.1 block: 1 schedule { warmup_epochs: 2 }";
  const std::string run_dir = folder_ + "/run";
  {
    LENSLET_ASSERT_OK_AND_ASSIGN(const auto run, Make(layers, recipe, run_dir));
    EXPECT_THAT(run->warnings(),
                ElementsAre(HasSubstr("\"last\", which limits its scores"),
                            HasSubstr("the warm-up has 2.00 epochs"),
                            HasSubstr("layer \"norm\" normalizes")));
    WarningRecorder recorder;
    recorder.stop_after = 2;
    LENSLET_ASSERT_OK(run->Run(recorder).status());
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto run, Make(layers, recipe, run_dir));
  EXPECT_THAT(run->warnings(), IsEmpty());
  EXPECT_THAT(run->notes(), SizeIs(3));
}

}  // namespace
}  // namespace lenslet
