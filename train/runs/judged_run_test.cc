// Runs whose epochs a metric judges: best.ckpt and early stopping.

#include <cmath>
#include <cstdint>
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
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class EpochRecorder : public RunObserver {
 public:
  void OnStep(const RunProgress&) override { ++steps; }
  void OnEpoch(const RunProgress&, const MetricsRecord& record) override {
    records.push_back(record);
  }
  bool StopRequested() override { return steps == stop_after; }

  std::vector<MetricsRecord> records;
  int64_t steps = 0;
  int64_t stop_after = -1;
};

class JudgedRunTest : public ::testing::Test {
 protected:
  JudgedRunTest() : folder_(EmptyTempFolder("judged_run_test")) {
    EXPECT_THAT(WriteFileAtomically(Path("model.textproto"), R"(
      input { name: "image" shape: [4, 4, 1] }
      layer { name: "flatten" flatten {} }
      layer { name: "classes" linear { output_features: 2 } })"),
                IsOk());
  }

  std::string Path(const std::string& name) const {
    return folder_ + "/" + name;
  }

  // 100 examples, of which `data` may set some aside, in batches of 32.
  absl::StatusOr<std::unique_ptr<TrainingRun>> Make(
      absl::string_view more, const std::string& run_dir = "",
      absl::string_view data = "") const {
    LENSLET_ASSIGN_OR_RETURN(
        const RecipeText text,
        ParseRecipe(
            absl::StrCat("model: \"", Path("model.textproto"), "\" ",
                         R"(data { synthetic {
                          shape: [4, 4, 1] classes: 2 train_examples: 100
                          test_examples: 20 } )",
                         data, "} batch_size: 32 learning_rate: 0.5 ", more),
            "recipe"));
    return TrainingRun::Create(
        text.recipe, {.data_sources = AllDataSources(), .run_dir = run_dir});
  }

  // Trains until `stop_after` steps are done in this session.
  EpochRecorder Train(absl::string_view more, const std::string& run_dir,
                      int64_t stop_after = -1) const {
    EpochRecorder recorder;
    recorder.stop_after = stop_after;
    absl::StatusOr<std::unique_ptr<TrainingRun>> run = Make(more, run_dir);
    LENSLET_EXPECT_OK(run.status());
    if (run.ok()) {
      LENSLET_EXPECT_OK((*run)->Run(recorder).status());
    }
    return recorder;
  }

  std::string Bytes(const std::string& run_dir, const std::string& name) const {
    absl::StatusOr<CheckpointProto> checkpoint =
        LoadCheckpoint(run_dir + "/" + name);
    LENSLET_EXPECT_OK(checkpoint.status());
    checkpoint->clear_recipe();
    return checkpoint->SerializeAsString();
  }

  const std::string folder_;
};

TEST_F(JudgedRunTest, TheBestCheckpointIsThatOfTheChosenMetric) {
  for (const char* name : {"loss", "train_accuracy", "test_loss"}) {
    const std::string run_dir = Path(name);
    const std::string recipe =
        absl::StrCat("epochs: 6 save { best_by: '", name, "' }");
    std::vector<MetricsRecord> records;
    // In several sessions: each knows the best of those before.
    for (int session = 0; session < 6; ++session) {
      for (const MetricsRecord& record :
           Train(recipe, run_dir, /*stop_after=*/4).records) {
        records.push_back(record);
      }
    }
    ASSERT_THAT(records, SizeIs(6));
    LENSLET_ASSERT_OK_AND_ASSIGN(const auto run, Make(recipe, run_dir));
    const Metric& metric = run->best_metric();
    const MetricsRecord* best = &records[0];
    for (const MetricsRecord& record : records) {
      if (IsBetter(metric, *(record.*metric.value), *(best->*metric.value))) {
        best = &record;
      }
    }
    LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto checkpoint,
                                 LoadCheckpoint(run_dir + "/best.ckpt"));
    EXPECT_EQ(checkpoint.state().step(), best->step) << name;
    EXPECT_EQ(checkpoint.state().best().metric(), metric.name());
    EXPECT_EQ(checkpoint.state().best().value(), *(best->*metric.value));
  }
}

TEST_F(JudgedRunTest, MetricsAreThoseOfTheValidationExamplesWhereThereAreSome) {
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto run, Make("epochs: 1 save { best_by: 'accuracy' }", "",
                           "validation_fraction: 0.2"));
  EXPECT_EQ(run->best_metric().name(), "validation_accuracy");
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto without,
                               Make("epochs: 1 save { best_by: 'accuracy' }"));
  EXPECT_EQ(without->best_metric().name(), "train_accuracy");
}

TEST_F(JudgedRunTest, ErrorsNameTheFieldAndWhatThereIs) {
  const auto refused = [](auto message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, message);
  };
  EXPECT_THAT(Make("epochs: 1 save { best_by: 'acuracy' }").status(),
              refused(AllOf(HasSubstr("save.best_by is \"acuracy\""),
                            HasSubstr("did you mean \"accuracy\"?"))));
  EXPECT_THAT(Make("epochs: 1 save { best_by: 'f1' }").status(),
              refused(HasSubstr("save.best_by is \"f1\", which targets of kind "
                                "\"classes\" do not have; expected loss or "
                                "accuracy")));
  EXPECT_THAT(Make("epochs: 1 save { best_by: 'top_5_accuracy' }").status(),
              refused(HasSubstr("save.best_by is \"top_5_accuracy\", which 2 "
                                "classes do not have; expected loss or "
                                "accuracy")));
  EXPECT_THAT(
      Make("epochs: 1 early_stopping { metric: 'validation_loss' }").status(),
      refused(HasSubstr("early_stopping.metric is \"validation_loss\", but "
                        "there are no validation examples; expected a "
                        "data.validation_fraction")));
  EXPECT_THAT(Make("epochs: 1 early_stopping { patience: -1 }").status(),
              refused(HasSubstr("early_stopping.patience is -1")));
}

// No loss is lower by 100 than another: the first epoch is the best.
constexpr absl::string_view kStopping =
    "epochs: 9 early_stopping { patience: 2 min_change: 100 }";

TEST_F(JudgedRunTest, EndsEarlyAndSaysWhy) {
  const std::string run_dir = Path("run");
  const EpochRecorder recorder = Train(kStopping, run_dir);
  ASSERT_THAT(recorder.records, SizeIs(3));
  EXPECT_FALSE(recorder.records[1].stopped_early);
  EXPECT_TRUE(recorder.records[2].stopped_early);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const std::vector<MetricsRecord> history,
      ReadHistory(run_dir + "/" + std::string(kMetricsJsonName)));
  EXPECT_TRUE(history.back().stopped_early);
  EXPECT_EQ(history.back().step, 12);

  // Again: it has nothing to do, and says so.
  const std::string before = Bytes(run_dir, "latest.ckpt");
  LENSLET_ASSERT_OK_AND_ASSIGN(auto run, Make(kStopping, run_dir));
  EXPECT_TRUE(run->stopped_early());
  EXPECT_THAT(run->StoppedText(),
              AllOf(HasSubstr("stopped early after epoch 3: train_loss has not "
                              "improved by more than 100 for 2 epochs since "),
                    HasSubstr(" after epoch 1")));
  EpochRecorder nothing;
  LENSLET_ASSERT_OK_AND_ASSIGN(const bool finished, run->Run(nothing));
  EXPECT_TRUE(finished);
  EXPECT_EQ(nothing.steps, 0);
  run.reset();
  EXPECT_TRUE(before == Bytes(run_dir, "latest.ckpt"));
  // More epochs do not revive it. More patience does.
  EXPECT_EQ(Train("epochs: 12 early_stopping { patience: 2 min_change: 100 }",
                  run_dir)
                .steps,
            0);
  EXPECT_EQ(Train("epochs: 12 early_stopping { patience: 4 min_change: 100 }",
                  run_dir)
                .steps,
            8);
  // So does doing without.
  EXPECT_EQ(Train("epochs: 6", run_dir).steps, 4);
}

TEST_F(JudgedRunTest, AnInterruptedRunStopsAtTheSameEpochWithTheSameBits) {
  const std::string whole = Path("whole");
  Train(kStopping, whole);
  // Within epochs and between them.
  for (const int64_t steps : {1, 3, 4, 5}) {
    const std::string parts = absl::StrCat(Path("parts"), steps);
    int64_t done = 0;
    for (int session = 0; session < 20; ++session) {
      done += Train(kStopping, parts, steps).steps;
    }
    EXPECT_EQ(done, 12);
    for (const char* name : {"latest.ckpt", "best.ckpt"}) {
      EXPECT_TRUE(Bytes(whole, name) == Bytes(parts, name))
          << name << ", " << steps << " steps a session";
    }
  }
}

TEST_F(JudgedRunTest, TheGradientNormIsRecordedOnRequest) {
  const std::string recipe = "epochs: 2 record_gradient_norm: true";
  const std::string whole = Path("whole"), parts = Path("parts");
  Train(recipe, whole);
  for (int session = 0; session < 3; ++session) Train(recipe, parts, 3);
  const auto history = [](const std::string& run_dir) {
    return *ReadHistory(run_dir + "/" + kMetricsJsonName);
  };
  const std::vector<MetricsRecord> records = history(whole);
  ASSERT_THAT(history(parts), SizeIs(records.size()));
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_GT(records[i].gradient_norm.value_or(0), 0);
    EXPECT_EQ(history(parts)[i].gradient_norm, records[i].gradient_norm);
  }
  EXPECT_THAT(*ReadFile(whole + "/" + kMetricsCsvName),
              HasSubstr(",gradient_norm,seconds,"));
  // It changes nothing else, and is absent without.
  const std::string without = Path("without");
  Train("epochs: 2", without);
  EXPECT_TRUE(Bytes(without, "latest.ckpt") == Bytes(whole, "latest.ckpt"));
  EXPECT_THAT(*ReadFile(without + "/" + kMetricsCsvName),
              Not(HasSubstr("gradient_norm")));
  EXPECT_THAT(*ReadFile(without + "/" + kMetricsJsonName),
              Not(HasSubstr("gradient_norm")));
}

TEST_F(JudgedRunTest, TheMomentumOfOneCycleIsAFunctionOfTheStep) {
  for (const char* kind : {"MOMENTUM", "ADAM"}) {
    const auto recipe = [&](const char* more) {
      return absl::StrCat("epochs: 3 optimizer { kind: ", kind,
                          " } schedule { one_cycle { ", more, " } }");
    };
    const std::string whole = Path(absl::StrCat("whole", kind));
    const std::string parts = Path(absl::StrCat("parts", kind));
    const std::string constant = Path(absl::StrCat("constant", kind));
    Train(recipe("low_momentum: 0.5"), whole);
    for (int session = 0; session < 3; ++session) {
      Train(recipe("low_momentum: 0.5"), parts, 5);
    }
    Train(recipe(""), constant);
    EXPECT_TRUE(Bytes(whole, "latest.ckpt") == Bytes(parts, "latest.ckpt"));
    EXPECT_FALSE(Bytes(whole, "latest.ckpt") == Bytes(constant, "latest.ckpt"));
  }
  EXPECT_THAT(
      Make("epochs: 1 schedule { one_cycle { low_momentum: 0.5 } }").status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("schedule.one_cycle.low_momentum is given, but the "
                         "optimizer has no momentum; expected MOMENTUM")));
  EXPECT_THAT(Make("epochs: 1 optimizer { kind: ADAM beta1: 0.5 } "
                   "schedule { one_cycle { low_momentum: 0.75 } }")
                  .status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("low_momentum is 0.75; expected at most that "
                                 "of the optimizer, 0.5")));
}

TEST_F(JudgedRunTest, SamplingDependsOnlyOnSeedAndEpoch) {
  const char* recipe = "epochs: 3 sampling { class_weight: [1, 3] }";
  Train(recipe, Path("whole"));
  for (int session = 0; session < 3; ++session) Train(recipe, Path("parts"), 5);
  Train("epochs: 3", Path("all"));
  const std::string whole = Bytes(Path("whole"), "latest.ckpt");
  EXPECT_TRUE(whole == Bytes(Path("parts"), "latest.ckpt"));
  EXPECT_FALSE(whole == Bytes(Path("all"), "latest.ckpt"));
  const auto refused = [](const char* message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message));
  };
  EXPECT_THAT(Make("epochs: 1 sampling { class_weight: 1 }").status(),
              refused("sampling: the number of weights is 1; expected 2"));
  EXPECT_THAT(
      Make("epochs: 1 sampling { balanced: true class_weight: [1, 1] }")
          .status(),
      refused("sampling.balanced is true and sampling.class_weight is given"));
}

TEST_F(JudgedRunTest, AnotherMetricStartsAfresh) {
  const std::string run_dir = Path("run");
  Train(kStopping, run_dir);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto run,
      Make("epochs: 9 early_stopping { patience: 2 metric: 'accuracy' } "
           "save { best_by: 'accuracy' }",
           run_dir));
  EXPECT_FALSE(run->stopped_early());
  EXPECT_THAT(run->StoppedText(), Not(HasSubstr("stopped")));
  EXPECT_FALSE(run->MakeCheckpoint().state().has_best());
}

TEST_F(JudgedRunTest, NumbersOfACheckpointHaveRanges) {
  const std::string run_dir = Path("run");
  Train(kStopping, run_dir);
  LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto good,
                               LoadCheckpoint(run_dir));
  const auto resume = [&](auto change) {
    CheckpointProto checkpoint = good;
    change(*checkpoint.mutable_state()->mutable_early_stopping());
    LENSLET_EXPECT_OK(
        SaveCheckpoint(run_dir + "/step-000000013.ckpt", checkpoint));
    return Make(kStopping, run_dir).status();
  };
  const auto refused = [](const char* message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message));
  };
  EXPECT_THAT(resume([](auto& s) { s.set_epochs_without_improvement(-1); }),
              refused("state.early_stopping.epochs_without_improvement is -1"));
  EXPECT_THAT(resume([](auto& s) { s.set_best_step(99); }),
              refused("state.early_stopping.best_step is 99"));
  EXPECT_THAT(resume([](auto& s) { s.set_best(NAN); }),
              refused("best is nan; expected a number"));
}

// One label applies to all rows, and the other to none.
TEST_F(JudgedRunTest, AMetricThatIsNeverDefinedSaysWhy) {
  ASSERT_THAT(WriteFileAtomically(Path("table.textproto"), R"(
      input { name: "row" shape: 2 }
      layer { name: "labels" linear { output_features: 2 } })"),
              IsOk());
  ASSERT_THAT(WriteFileAtomically(Path("table.csv"),
                                  "a,b,t\n1,2,p\n2,3,p\n3,5,p\n4,1,p\n5,2,p\n"
                                  "6,2,p\n7,0,p\n8,3,p\n9,4,p\n0,1,p\n"),
              IsOk());
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RecipeText text,
      ParseRecipe(
          absl::StrCat("model: \"", Path("table.textproto"),
                       "\" data { csv { train_file: \"", Path("table.csv"),
                       R"(" has_header: true numbers: FLOAT }
                       target { classes { column: 't' names: ['p', 'q'] } }
                       validation_fraction: 0.3 }
                       epochs: 5 batch_size: 4 learning_rate: 0.01
                       save { best_by: 'auc' } early_stopping { patience: 2 })"),
          "recipe"));
  const std::string run_dir = Path("undefined");
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto run,
      TrainingRun::Create(
          text.recipe, {.data_sources = AllDataSources(), .run_dir = run_dir}));
  class WarningRecorder : public EpochRecorder {
   public:
    void OnWarning(const std::string& warning) override {
      warnings.push_back(absl::StrCat(records.size(), " ", warning));
    }
    std::vector<std::string> warnings;
  } recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());
  const std::string why =
      "each label applies to all or to none of the 3 validation examples; more "
      "or other validation examples, or another metric, such as "
      "validation_loss, help";
  EXPECT_THAT(
      recorder.warnings,
      ElementsAre(
          absl::StrCat("0 save.best_by is validation_auc, which is undefined "
                       "after epoch 1: ",
                       why,
                       "; until it is defined, best.ckpt is the newest "
                       "checkpoint"),
          absl::StrCat("0 early_stopping.metric is validation_auc, which is "
                       "undefined after epoch 1: ",
                       why,
                       "; an epoch without it counts as one without "
                       "improvement"),
          absl::StrCat("1 save.best_by is validation_auc, which was undefined "
                       "after every epoch, so best.ckpt has the last "
                       "parameters: ",
                       why)));
  EXPECT_EQ(run->StoppedText(),
            absl::StrCat("stopped early after epoch 2: validation_auc was "
                         "undefined for 2 epochs: ",
                         why));
  LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto best,
                               LoadCheckpoint(run_dir + "/best.ckpt"));
  EXPECT_EQ(best.state().step(), run->step());
}

}  // namespace
}  // namespace lenslet
