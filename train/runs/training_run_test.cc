#include "lenslet/train/runs/training_run.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <regex>
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
#include "lenslet/train/initializer.h"
#include "lenslet/train/recipe/make_recipe.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/recipe/recipe_model.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

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
    absl::StatusOr<std::unique_ptr<TrainingRun>> run = TrainingRun::Create(
        Recipe(more), {.data_sources = AllDataSources(), .run_dir = run_dir});
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
    CheckpointProto checkpoint = run.MakeCheckpoint();
    checkpoint.clear_recipe();
    return checkpoint.SerializeAsString();
  };
  Recorder recorder;
  const auto large = Make("epochs: 2");
  LENSLET_ASSERT_OK(large->Run(recorder).status());
  const auto small = Make("epochs: 2 accumulate_batches: 4");
  RecipeProto recipe = small->recipe();
  recipe.set_batch_size(8);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto accumulated,
      TrainingRun::Create(recipe, {.data_sources = AllDataSources()}));
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

// Of 60 examples of 4 x 4 pixels in a CSV file, of which `different` has one
// pixel changed.
class ChangedDataTest : public TrainingRunTest {
 protected:
  void WriteData(const char* name, int different = -1) {
    std::string rows;
    for (int i = 0; i < 60; ++i) {
      absl::StrAppend(&rows, i % 2);
      for (int j = 0; j < 16; ++j) {
        const int change = i == different && j == 7 ? 1 : 0;
        absl::StrAppend(&rows, ",", (i * 7 + j * 3) % 200 + change);
      }
      rows.push_back('\n');
    }
    LENSLET_ASSERT_OK(WriteFileAtomically(Path(name), rows));
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  absl::Status Train(int64_t epochs, bool allow_changed_data = false) {
    RecipeProto recipe = Recipe(absl::StrCat("epochs: ", epochs));
    CsvProto& csv = *recipe.mutable_data()->mutable_csv();
    csv.set_train_file(Path("train.csv"));
    csv.set_test_file(Path("test.csv"));
    for (const int64_t size : {4, 4, 1}) csv.add_shape(size);
    recipe.mutable_data()->set_validation_fraction(0.2);
    recipe.mutable_data()->mutable_normalization();
    recipe.set_allow_changed_data(allow_changed_data);
    LENSLET_ASSIGN_OR_RETURN(
        const std::unique_ptr<TrainingRun> run,
        TrainingRun::Create(recipe, {.data_sources = AllDataSources(),
                                     .run_dir = Path("run")}));
    Recorder recorder;
    return run->Run(recorder).status();
  }
};

TEST_F(ChangedDataTest, IsRefusedUnlessItIsAllowed) {
  WriteData("train.csv");
  WriteData("test.csv");
  LENSLET_ASSERT_OK(Train(1));
  // The same contents in other files are the same data.
  WriteData("train.csv");
  LENSLET_ASSERT_OK(Train(2));

  WriteData("test.csv", 3);
  EXPECT_THAT(
      Train(3),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr(absl::StrCat("the test examples of CSV file ",
                                      Path("test.csv"), " have changed"))));
  WriteData("train.csv", 5);
  // The normalization that would come of it is another one, too.
  EXPECT_THAT(Train(3), StatusIs(absl::StatusCode::kFailedPrecondition,
                                 HasSubstr("normalization")));
  LENSLET_EXPECT_OK(Train(3, /*allow_changed_data=*/true));
  // What was allowed once is what the run has from then on.
  LENSLET_EXPECT_OK(Train(4, /*allow_changed_data=*/true));
}

TEST_F(ChangedDataTest, NamesWhatHasChanged) {
  WriteData("train.csv");
  WriteData("test.csv");
  LENSLET_ASSERT_OK(Train(1));
  LENSLET_ASSERT_OK_AND_ASSIGN(CheckpointProto checkpoint,
                               LoadCheckpoint(Path("run")));
  DataDigestProto& digest = *checkpoint.mutable_state()->mutable_data_digest();
  digest.set_train("another");
  digest.set_validation("another");
  LENSLET_ASSERT_OK(
      SaveCheckpoint(Path("run/step-000000002.ckpt"), checkpoint));
  EXPECT_THAT(
      Train(2),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr("the training and validation examples of CSV"),
                     HasSubstr("have changed since this checkpoint; expected "
                               "the same contents, or allow_changed_data: "
                               "true in the recipe"))));
  // Checkpoints of earlier versions have none.
  checkpoint.mutable_state()->clear_data_digest();
  LENSLET_ASSERT_OK(
      SaveCheckpoint(Path("run/step-000000002.ckpt"), checkpoint));
  LENSLET_EXPECT_OK(Train(2));
}

TEST_F(ChangedDataTest, MayBeInAnotherPlace) {
  WriteData("train.csv");
  WriteData("test.csv");
  const auto train = [&](int64_t epochs, const std::string& train_file) {
    RecipeProto recipe = Recipe(absl::StrCat("epochs: ", epochs));
    CsvProto& csv = *recipe.mutable_data()->mutable_csv();
    csv.set_train_file(Path(train_file));
    csv.set_test_file(Path("test.csv"));
    for (const int64_t size : {4, 4, 1}) csv.add_shape(size);
    recipe.mutable_data()->mutable_normalization();
    LENSLET_ASSIGN_OR_RETURN(
        const std::unique_ptr<TrainingRun> run,
        TrainingRun::Create(recipe, {.data_sources = AllDataSources(),
                                     .run_dir = Path("moved")}));
    Recorder recorder;
    return run->Run(recorder).status();
  };
  LENSLET_ASSERT_OK(train(1, "train.csv"));
  ASSERT_EQ(std::rename(Path("train.csv").c_str(), Path("new.csv").c_str()), 0);
  EXPECT_THAT(train(2, "train.csv"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("if the data has moved, give its new place")));
  LENSLET_EXPECT_OK(train(2, "new.csv"));
  // From then on it is there.
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RecipeText recipe,
      LoadRecipe(Path("moved/" + std::string(kRecipeName))));
  EXPECT_EQ(recipe.recipe.data().csv().train_file(), Path("new.csv"));

  WriteData("other.csv", 5);
  EXPECT_THAT(train(3, "other.csv"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("normalization")));
  // Without a digest there is nothing to compare.
  LENSLET_ASSERT_OK_AND_ASSIGN(CheckpointProto checkpoint,
                               LoadCheckpoint(Path("moved")));
  checkpoint.mutable_state()->clear_data_digest();
  LENSLET_ASSERT_OK(
      SaveCheckpoint(Path("moved/step-000000004.ckpt"), checkpoint));
  WriteData("train.csv");
  EXPECT_THAT(train(3, "train.csv"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("has no digest to compare")));
}

// Of eight classes, runs measure the top-5 accuracy as well. Those that were
// begun before they did have none in their files, and lack it for the epoch
// that they resume in.
TEST_F(TrainingRunTest, ARunWithoutNewerQuantitiesResumes) {
  LENSLET_ASSERT_OK(WriteFileAtomically(folder_ + "/model.textproto", R"(
      input { name: "image" shape: [4, 4, 1] }
      layer { name: "flatten" flatten {} }
      layer { name: "classes" linear { output_features: 8 } })"));
  RecipeProto recipe = Recipe("epochs: 3");
  recipe.mutable_data()->mutable_synthetic()->set_classes(8);
  const auto train = [&](const std::string& run_dir, int64_t stop_after) {
    absl::StatusOr<std::unique_ptr<TrainingRun>> run = TrainingRun::Create(
        recipe, {.data_sources = AllDataSources(), .run_dir = run_dir});
    LENSLET_ASSERT_OK(run.status());
    Recorder recorder;
    recorder.stop_after = stop_after;
    LENSLET_EXPECT_OK((*run)->Run(recorder).status());
  };
  const std::string whole = folder_ + "/whole", run_dir = folder_ + "/run";
  train(whole, -1);
  train(run_dir, 6);

  const std::string json = run_dir + "/" + kMetricsJsonName;
  const std::string csv = run_dir + "/" + kMetricsCsvName;
  LENSLET_ASSERT_OK(WriteFileAtomically(
      json, std::regex_replace(
                *ReadFile(json),
                std::regex("\"[a-z]*_top_5_accuracy\":[0-9.e-]*,"), "")));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      csv, "step,epoch,learning_rate,train_loss,train_accuracy,seconds\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(CheckpointProto old, LoadCheckpoint(run_dir));
  EXPECT_TRUE(old.state().epoch_so_far().has_in_top_5());
  old.mutable_state()->mutable_epoch_so_far()->clear_in_top_5();
  old.mutable_state()->mutable_since_record()->clear_in_top_5();
  LENSLET_ASSERT_OK(SaveCheckpoint(run_dir + "/step-000000006.ckpt", old));
  train(run_dir, -1);

  const auto ends = [](const std::string& path) {
    std::vector<MetricsRecord> records = *ReadHistory(path);
    records.erase(
        std::remove_if(records.begin(), records.end(),
                       [](const MetricsRecord& r) { return !r.end_of_epoch; }),
        records.end());
    return records;
  };
  const std::vector<MetricsRecord> records = ends(json);
  const std::vector<MetricsRecord> all = ends(whole + "/" + kMetricsJsonName);
  ASSERT_THAT(records, SizeIs(3));
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(records[0].train_top_5_accuracy, std::nullopt);
  EXPECT_EQ(records[0].test_top_5_accuracy, std::nullopt);
  EXPECT_EQ(records[1].train_top_5_accuracy, std::nullopt);
  EXPECT_EQ(records[1].test_top_5_accuracy, all[1].test_top_5_accuracy);
  EXPECT_EQ(records[2].train_top_5_accuracy, all[2].train_top_5_accuracy);
  for (int epoch = 0; epoch < 3; ++epoch) {
    EXPECT_EQ(records[epoch].train_accuracy, all[epoch].train_accuracy);
    EXPECT_EQ(records[epoch].test_loss, all[epoch].test_loss);
    EXPECT_GE(all[epoch].test_top_5_accuracy, all[epoch].test_accuracy);
  }
  EXPECT_THAT(*ReadFile(csv),
              StartsWith("step,epoch,learning_rate,train_loss,train_accuracy,"
                         "train_top_5_accuracy,validation_loss,"));
}

TEST_F(TrainingRunTest, EveryNumberOfACheckpointHasARange) {
  const std::string run_dir = folder_ + "/run";
  {
    const auto run = Make("epochs: 2 optimizer { kind: ADAM }", run_dir);
    Recorder recorder;
    LENSLET_ASSERT_OK(run->Run(recorder).status());
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const CheckpointProto good,
                               LoadCheckpoint(run_dir));
  const auto resume = [&](auto change) {
    CheckpointProto checkpoint = good;
    change(checkpoint, *checkpoint.mutable_state());
    LENSLET_EXPECT_OK(
        SaveCheckpoint(run_dir + "/step-000000009.ckpt", checkpoint));
    return TrainingRun::Create(
               Recipe("epochs: 3 optimizer { kind: ADAM }"),
               {.data_sources = AllDataSources(), .run_dir = run_dir})
        .status();
  };
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const auto refused = [](const char* message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message));
  };
  EXPECT_THAT(resume([](auto&, auto& s) { s.set_step(kMost); }),
              refused("state.step is 9223372036854775807; expected a number "
                      "in [0, 281474976710656]"));
  EXPECT_THAT(resume([](auto&, auto& s) { s.set_step(-1); }),
              refused("state.step is -1; expected"));
  EXPECT_THAT(resume([](auto&, auto& s) { s.set_updates_done(kMost); }),
              refused("state.updates_done is 9223372036854775807; expected a "
                      "number in [0, 8]"));
  EXPECT_THAT(
      resume([](auto&, auto& s) {
        s.mutable_epoch_so_far()->set_examples(kMost);
      }),
      refused("state.epoch_so_far.examples is 9223372036854775807; expected"));
  EXPECT_THAT(
      resume([](auto&, auto& s) { s.mutable_epoch_so_far()->set_correct(1); }),
      refused("state.epoch_so_far.correct is 1; expected a number in [0, 0]"));
  EXPECT_THAT(
      resume([](auto&, auto& s) { s.mutable_epoch_so_far()->set_in_top_5(1); }),
      refused("state.epoch_so_far.in_top_5 is 1; expected a number in [0, 0]"));
  EXPECT_THAT(resume([](auto&, auto& s) {
                s.mutable_since_record()->set_loss_sum(kNan);
              }),
              refused("state.since_record.loss_sum is nan; expected a number "
                      "that is finite"));
  EXPECT_THAT(resume([](auto&, auto& s) { s.mutable_best()->set_step(kMost); }),
              refused("state.best.step is"));
  EXPECT_THAT(resume([](auto&, auto& s) {
                s.mutable_optimizer_state(1)->set_value(3, kNan);
              }),
              refused("optimizer_state is nan; expected"));
  EXPECT_THAT(resume([](auto& c, auto&) {
                c.mutable_parameter(0)->set_value(3, kNan);
              }),
              refused("parameter \"classes.weight\": value 3 is nan; expected "
                      "a finite number"));
}

TEST_F(TrainingRunTest, JudgesTheMemoryThatAllOfItNeeds) {
  RecipeProto recipe = Recipe("epochs: 1");
  recipe.set_block(1000000);
  EXPECT_THAT(
      TrainingRun::Create(recipe,
                          {.data_sources = AllDataSources(), .threads = 1000})
          .status(),
      StatusIs(absl::StatusCode::kResourceExhausted,
               AllOf(HasSubstr("not enough memory for the run: "),
                     HasSubstr("; the largest parts: activations in training, "
                               "blocks of 1000000 on 1000 threads "))));
}

TEST_F(TrainingRunTest, AveragesAreWhatIsSavedAndMeasured) {
  const auto run = Make("epochs: 3 average_decay: 0.99");
  Recorder recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());
  const CheckpointProto checkpoint = run->MakeCheckpoint();
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
  EXPECT_THAT(TrainingRun::Create(
                  Recipe("epochs: 1 layer_rule { layer: 'conv' freeze: true }"),
                  {.data_sources = AllDataSources()})
                  .status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the model has no layer \"conv\"")));
  EXPECT_THAT(
      TrainingRun::Create(
          Recipe("epochs: 1 layer_rule { layer: 'classes' freeze: true }"),
          {.data_sources = AllDataSources()})
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("there is nothing to train")));
  EXPECT_THAT(
      TrainingRun::Create(Recipe("epochs: 1 loss { class_weight: [1, 1, 1] }"),
                          {.data_sources = AllDataSources()})
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("class")));
}

// The recipe that it leaves tells all but the data.
TEST_F(TrainingRunTest, ARunInMemoryIsARunOfItsRecipe) {
  const RecipeProto recipe = Recipe("epochs: 2 initializer { kind: NORMAL }");
  LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeModel model,
                               LoadRecipeModel(recipe));
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData data,
                               LoadData(recipe.data(), AllDataSources(), {}));
  LENSLET_ASSERT_OK_AND_ASSIGN(Parameters parameters,
                               Parameters::Create(model.graph));
  InitializeParameters({}, /*seed=*/7, parameters);
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RecipeProto made,
      MakeRecipe(
          {.epochs = 2,
           .batch_size = 32,
           .learning_rate = 0.1,
           .schedule_in_steps = {.kind = ScheduleKind::kCosine, .length = 8},
           .optimizer = {.kind = OptimizerKind::kMomentum}}));
  const std::string run_dir = folder_ + "/in_memory";
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto run, TrainingRun::CreateInMemory(made,
                                                  {.graph = model.graph,
                                                   .model = model.model,
                                                   .parameters = parameters,
                                                   .data = data},
                                                  {.run_dir = run_dir}));
  Recorder recorder;
  LENSLET_ASSERT_OK(run->Run(recorder).status());

  LENSLET_ASSERT_OK_AND_ASSIGN(
      RecipeText text, LoadRecipe(run_dir + "/" + std::string(kRecipeName)));
  *text.recipe.mutable_data() = recipe.data();
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const auto again,
      TrainingRun::Create(text.recipe, {.data_sources = AllDataSources()}));
  LENSLET_ASSERT_OK(again->Run(recorder).status());
  const absl::Span<const float> trained = again->trainer().averages().array();
  EXPECT_THAT(std::vector<float>(trained.begin(), trained.end()),
              testing::ElementsAreArray(parameters.array()));
  EXPECT_EQ(recorder.records[1].test_loss, recorder.records[3].test_loss);
}

}  // namespace
}  // namespace lenslet
