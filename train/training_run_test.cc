#include "train/training_run.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/file.h"
#include "base/status_matchers.h"
#include "base/temp_folder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "train/recipe.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// What a run tells.
class Recorder : public RunObserver {
 public:
  void OnStep(const RunProgress& progress) override {
    steps.push_back(progress);
  }
  void OnEpoch(const RunProgress& progress,
               const MetricsRecord& record) override {
    epochs.push_back(progress);
    records.push_back(record);
  }
  bool StopRequested() override {
    return static_cast<int64_t>(steps.size()) == stop_after;
  }

  std::vector<RunProgress> steps;
  std::vector<RunProgress> epochs;
  std::vector<MetricsRecord> records;
  int64_t stop_after = -1;
};

class TrainingRunTest : public ::testing::Test {
 protected:
  TrainingRunTest() : folder_(EmptyTempFolder("training_run_test")) {
    EXPECT_THAT(WriteFileAtomically(folder_ + "/model.textproto", R"(
      input { name: "image" shape: [4, 4, 1] }
      layer { name: "flatten" flatten {} }
      layer { name: "classes" linear { output_features: 2 } })"),
                IsOk());
  }

  // 100 examples in batches of 32: 4 steps an epoch.
  RecipeProto Recipe(absl::string_view more) const {
    absl::StatusOr<RecipeText> text = ParseRecipe(
        absl::StrCat("model: \"", folder_, "/model.textproto\" ", R"(
            data { synthetic {
              shape: [4, 4, 1] classes: 2 train_examples: 100 test_examples: 20
            } }
            batch_size: 32 learning_rate: 0.1 )",
                     more),
        "recipe");
    LENSLET_EXPECT_OK(text.status());
    return text->recipe;
  }

  std::unique_ptr<TrainingRun> Make(absl::string_view more,
                                    const std::string& run_dir = "") {
    absl::StatusOr<std::unique_ptr<TrainingRun>> run =
        TrainingRun::Create(Recipe(more), {.run_dir = run_dir});
    LENSLET_EXPECT_OK(run.status());
    return *std::move(run);
  }

  const std::string folder_;
};

TEST_F(TrainingRunTest, TellsOfEachStepAndEpoch) {
  const auto run = Make("epochs: 2");
  Recorder recorder;
  LENSLET_ASSERT_OK_AND_ASSIGN(const bool finished, run->Run(recorder));
  EXPECT_TRUE(finished);
  ASSERT_THAT(recorder.steps, SizeIs(8));
  EXPECT_EQ(recorder.steps[0].epoch, 0);
  EXPECT_EQ(recorder.steps[3].epoch, 0);
  EXPECT_EQ(recorder.steps[3].step_in_epoch, 4);
  EXPECT_EQ(recorder.steps[3].so_far.examples, 100);
  EXPECT_EQ(recorder.steps[4].epoch, 1);
  EXPECT_EQ(recorder.steps[4].step_in_epoch, 1);
  EXPECT_EQ(recorder.steps[4].so_far.examples, 32);
  EXPECT_EQ(recorder.steps[7].seconds_left, 0);
  ASSERT_THAT(recorder.records, SizeIs(2));
  EXPECT_TRUE(recorder.records[0].end_of_epoch);
  EXPECT_EQ(recorder.records[1].epoch, 2);
  EXPECT_EQ(recorder.records[1].step, 8);
  EXPECT_EQ(recorder.records[1].train_loss, recorder.epochs[1].so_far.loss());
  EXPECT_TRUE(recorder.records[1].test_accuracy.has_value());
  EXPECT_FALSE(recorder.records[1].validation_accuracy.has_value());
}

TEST_F(TrainingRunTest, StepsMayEndWithinAnEpoch) {
  const auto run = Make("steps: 6");
  Recorder recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());
  ASSERT_THAT(recorder.records, SizeIs(2));
  EXPECT_FALSE(recorder.records[1].end_of_epoch);
  EXPECT_EQ(recorder.records[1].epoch, 1.5);
  EXPECT_EQ(recorder.epochs[1].so_far.examples, 64);
}

TEST_F(TrainingRunTest, TheRateDropsWhereTheLossNoLongerFalls) {
  // No loss is lower by 100 than another.
  const auto run = Make(R"(epochs: 5
    reduce_on_plateau { gamma: 0.5 patience: 2 min_change: 100 })");
  Recorder recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());
  std::vector<double> rates;
  for (const MetricsRecord& record : recorder.records) {
    rates.push_back(record.learning_rate);
  }
  // The first epoch is better than infinity.
  EXPECT_THAT(rates, ElementsAre(0.1, 0.1, 0.1, 0.05, 0.05));
}

TEST_F(TrainingRunTest, AccumulatedBatchesAreOneLargeBatch) {
  const auto bytes = [](const TrainingRun& run) {
    CheckpointProto checkpoint = *run.MakeCheckpoint();
    checkpoint.clear_recipe();
    return checkpoint.SerializeAsString();
  };
  Recorder recorder;
  const auto large = Make("epochs: 2");
  LENSLET_ASSERT_OK(large->Run(recorder).status());
  const auto small = Make("epochs: 2 accumulate_batches: 4");
  RecipeProto recipe = small->recipe();
  recipe.set_batch_size(8);
  LENSLET_ASSERT_OK_AND_ASSIGN(const auto accumulated,
                               TrainingRun::Create(recipe, {}));
  LENSLET_ASSERT_OK(accumulated->Run(recorder).status());
  EXPECT_TRUE(bytes(*large) == bytes(*accumulated));
}

TEST_F(TrainingRunTest, StopsWhereTheObserverWantsAndGoesOn) {
  const std::string run_dir = folder_ + "/run";
  Recorder stopping;
  stopping.stop_after = 3;
  {
    const auto run = Make("epochs: 2", run_dir);
    LENSLET_ASSERT_OK_AND_ASSIGN(const bool finished, run->Run(stopping));
    EXPECT_FALSE(finished);
    EXPECT_EQ(run->step(), 3);
  }
  const auto run = Make("epochs: 2", run_dir);
  EXPECT_THAT(run->resumed_from(), HasSubstr("step-000000003.ckpt"));
  Recorder recorder;
  LENSLET_ASSERT_OK_AND_ASSIGN(const bool finished, run->Run(recorder));
  EXPECT_TRUE(finished);
  EXPECT_THAT(recorder.steps, SizeIs(5));
  // The first epoch's metrics are over all of it.
  EXPECT_EQ(recorder.epochs[0].so_far.examples, 100);
}

TEST_F(TrainingRunTest, AveragesAreWhatIsSavedAndMeasured) {
  const auto run = Make("epochs: 3 average_decay: 0.99");
  Recorder recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());
  LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto checkpoint,
                               run->MakeCheckpoint());
  EXPECT_THAT(
      checkpoint.parameter(0).value(),
      testing::ElementsAreArray(run->trainer().averages().view(0).span()));
  LENSLET_ASSERT_OK_AND_ASSIGN(const Metrics measured,
                               run->evaluator().Evaluate(run->data().test));
  EXPECT_EQ(*run->last_record().test_loss, measured.loss());
  EXPECT_NE(checkpoint.parameter(0).value(0),
            checkpoint.state().last_parameters().value(0));
}

TEST_F(TrainingRunTest, NamesWhatDoesNotFit) {
  EXPECT_THAT(
      TrainingRun::Create(
          Recipe("epochs: 1 layer_rule { layer: 'conv' freeze: true }"), {})
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("the model has no layer \"conv\"")));
  EXPECT_THAT(
      TrainingRun::Create(
          Recipe("epochs: 1 layer_rule { layer: 'classes' freeze: true }"), {})
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("there is nothing to train")));
  EXPECT_THAT(TrainingRun::Create(
                  Recipe("epochs: 1 loss { class_weight: [1, 1, 1] }"), {})
                  .status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("class")));
}

}  // namespace
}  // namespace lenslet
