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

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// What a run warns of, and after how many epochs.
class WarningRecorder : public RunObserver {
 public:
  void OnStep(const RunProgress&) override { ++steps; }
  void OnWarning(const std::string& text) override { warnings.push_back(text); }
  void OnNote(const std::string& text) override { notes.push_back(text); }
  bool StopRequested() override { return steps == stop_after; }

  std::vector<std::string> warnings;
  std::vector<std::string> notes;
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
                          )",
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
      const auto run,
      Make(kClasses, "epochs: 3 learning_rate: 0.1 batch_size: 4", run_dir));
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
      "epochs: 5 learning_rate: 0.1 batch_size: 4 "
      "initializer { kind: CONSTANT scale: -1 }";
  std::vector<std::string> warnings, said;
  for (int session = 0; session < 5; ++session) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const auto run, Make(layers, recipe, run_dir));
    EXPECT_THAT(run->warnings(), IsEmpty());
    WarningRecorder recorder;
    recorder.stop_after = 24;
    LENSLET_ASSERT_OK(run->Run(recorder).status());
    warnings.insert(warnings.end(), recorder.warnings.begin(),
                    recorder.warnings.end());
    said.insert(said.end(), recorder.notes.begin(), recorder.notes.end());
  }
  // Without active units, all examples have the same scores.
  EXPECT_THAT(warnings,
              ElementsAre(HasSubstr("after epoch 3, all units of layer "
                                    "\"relu\" are 0"),
                          HasSubstr("after epochs 3 and 4, the answer to each "
                                    "of 64 ")));
  EXPECT_THAT(said, ElementsAre(AllOf(HasSubstr("after epoch 3, the answer to "
                                                "each of 64 "),
                                      HasSubstr("does not tell classes apart "
                                                "yet"))));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::vector<RunNote> notes,
                               ReadNotes(run_dir + "/" + kNotesName));
  const auto note = [](int64_t step, const char* id, bool warning) {
    return AllOf(Field(&RunNote::step, step), Field(&RunNote::id, id),
                 Field(&RunNote::warning, warning));
  };
  EXPECT_THAT(notes, UnorderedElementsAre(note(72, "dead_units", true),
                                          note(72, "one_answer_yet", false),
                                          note(96, "one_answer", true)));
}

// A rate of nothing: after one epoch of 60 steps, the network answers as it
// began.
constexpr char kOneAnswer[] =
    "learning_rate: 1e-9 initializer { kind: CONSTANT scale: 1 } ";

TEST_F(RunWarningsTest, OneAnswerIsSaidAfterOneEpoch) {
  const auto run = [&](const std::string& more) {
    WarningRecorder recorder;
    const auto made = Make(kClasses, absl::StrCat(kOneAnswer, more));
    LENSLET_EXPECT_OK(made.status());
    if (made.ok()) {
      LENSLET_EXPECT_OK((*made)->Run(recorder).status());
    }
    return recorder;
  };
  // 96 steps each.
  const WarningRecorder two = run("epochs: 2 batch_size: 1");
  EXPECT_THAT(two.notes,
              ElementsAre(HasSubstr("after epoch 1, the answer to ")));
  EXPECT_THAT(two.warnings,
              ElementsAre(HasSubstr("after epochs 1 and 2, the answer to ")));
  const WarningRecorder one = run("epochs: 1 batch_size: 1");
  EXPECT_THAT(one.notes, IsEmpty());
  EXPECT_THAT(
      one.warnings,
      ElementsAre(HasSubstr("after epoch 1, the last one, the answer")));
  // Below 50 steps, a run has only begun.
  const WarningRecorder few = run("epochs: 4 batch_size: 8");
  EXPECT_THAT(few.notes, IsEmpty());
  EXPECT_THAT(few.warnings, IsEmpty());
}

TEST_F(RunWarningsTest, ABatchThatIsLargerThanTheDataIsNoted) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto run,
      Make(kClasses, "epochs: 1 learning_rate: 0.1 batch_size: 97"));
  EXPECT_THAT(run->warnings(), IsEmpty());
  ASSERT_THAT(run->notes(), SizeIs(1));
  EXPECT_EQ(run->notes()[0].id, "large_batch");
  EXPECT_THAT(run->notes()[0].text,
              HasSubstr("batch_size is 97, and the training examples are 96"));
}

TEST_F(RunWarningsTest, ALossAboveThatOfGuessing) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto run,
      Make(kClasses, "epochs: 3 learning_rate: 1000 batch_size: 4"));
  WarningRecorder recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());
  EXPECT_THAT(
      recorder.warnings,
      testing::Contains(AllOf(HasSubstr("above 0.693, that of guessing: it has "
                                        "risen since "),
                              HasSubstr("steps are too large"))));
}

// The other way round, a smaller rate would be no help.
TEST_F(RunWarningsTest, ALossThatHardlyFallsWantsLargerSteps) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto run, Make(kClasses,
                           "epochs: 3 learning_rate: 1e-9 batch_size: 4 "
                           "initializer { kind: NORMAL scale: 3 }"));
  WarningRecorder recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());
  EXPECT_THAT(recorder.warnings,
              testing::Contains(AllOf(
                  HasSubstr("above 0.693, that of guessing: it has hardly "
                            "changed since "),
                  HasSubstr("steps are too small; a learning_rate above 1e-09"),
                  Not(HasSubstr("too large")))));
}

// Each class is rare or frequent once only.
TEST_F(RunWarningsTest, ClassesThatAreBalancedTwiceOrLeftOut) {
  const auto made = [&](const char* more) {
    return Make(kClasses, absl::StrCat("epochs: 1 learning_rate: 0.1 "
                                       "batch_size: 32 ",
                                       more));
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto twice,
      made("loss { balanced: true } sampling { balanced: true }"));
  EXPECT_THAT(twice->warnings(),
              ElementsAre(HasSubstr("make up for rare classes twice")));
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto out,
                               made("sampling { class_weight: [0, 1] }"));
  EXPECT_THAT(out->warnings(), IsEmpty());
  ASSERT_THAT(out->notes(), SizeIs(1));
  EXPECT_THAT(out->notes()[0].text,
              HasSubstr("sampling.class_weight is 0 for class \""));
}

TEST_F(RunWarningsTest, AChoiceByTestExamples) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto run, Make(kClasses,
                           "epochs: 2 learning_rate: 0.1 batch_size: 32 "
                           "save { best_by: 'test_accuracy' }"));
  EXPECT_THAT(run->warnings(),
              ElementsAre(HasSubstr("save.best_by is test_accuracy: the test "
                                    "examples take part in the choice")));
}

// 3 steps an epoch, from 0.1 to 0 in a straight line.
TEST_F(RunWarningsTest, AFinishedRunThatIsMadeLongerMayHoldItsLastRate) {
  const auto rates = [&](const std::string& run_dir, int epochs,
                         const std::string& more,
                         std::vector<std::string>* warnings,
                         int64_t stop_after = -1) {
    class Rates : public WarningRecorder {
     public:
      void OnEpoch(const RunProgress&, const MetricsRecord& record) override {
        last = record.learning_rate;
      }
      double last = -1;
    } recorder;
    recorder.stop_after = stop_after;
    absl::StatusOr<std::unique_ptr<TrainingRun>> run = Make(
        kClasses,
        absl::StrCat("batch_size: 32 learning_rate: 0.125 epochs: ", epochs,
                     " schedule { polynomial {} ", more, "}"),
        folder_ + "/" + run_dir);
    LENSLET_EXPECT_OK(run.status());
    if (!run.ok()) return -1.0;
    if (warnings != nullptr) *warnings = (*run)->warnings();
    LENSLET_EXPECT_OK((*run)->Run(recorder).status());
    return recorder.last;
  };
  std::vector<std::string> warnings;
  EXPECT_DOUBLE_EQ(rates("run", 4, "", &warnings), 0.125 / 12);
  EXPECT_THAT(warnings, IsEmpty());
  // Stopped after a step, to take what the warning says.
  rates("run", 8, "", &warnings, /*stop_after=*/1);
  EXPECT_THAT(warnings,
              ElementsAre(HasSubstr("is 0.0625 again, after 0.0104167; "
                                    "schedule { extend: HOLD_LAST_RATE }")));
  EXPECT_DOUBLE_EQ(rates("run", 8, "extend: HOLD_LAST_RATE", &warnings, 2),
                   0.125 / 12);
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_DOUBLE_EQ(rates("run", 8, "extend: HOLD_LAST_RATE", nullptr),
                   0.125 / 12);
  // One that is not finished is stretched.
  rates("other", 4, "extend: HOLD_LAST_RATE", nullptr, /*stop_after=*/6);
  EXPECT_NEAR(rates("other", 8, "extend: HOLD_LAST_RATE", &warnings),
              0.125 / 24, 1e-15);
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(RunWarningsTest, WhatIsKnownBeforeTheFirstStep) {
  const std::string layers =
      absl::StrCat(R"(layer { name: "norm" batch_norm {} } )", kClasses,
                   R"( layer { name: "last" relu {} })");
  const char* recipe =
      "epochs: 2 learning_rate: 0.1 batch_size: 32 block: 1 "
      "schedule { warmup_epochs: 2 }";
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
