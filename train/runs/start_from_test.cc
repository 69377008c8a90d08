#include "lenslet/train/runs/start_from.h"

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
#include "lenslet/models/testing/graph_of.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/training_run.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A network for inputs of 3 numbers: 3 * 4 + 4 and 4 * `classes` + `classes`
// numbers.
Graph TwoLayers(const char* hidden, int classes) {
  return GraphOf(absl::StrCat(R"(input { name: "x" shape: [3] }
      layer { name: ")",
                              hidden, R"(" linear { output_features: 4 } }
      layer { name: "relu" relu {} }
      layer { name: "classes" linear { output_features: )",
                              classes, " } }"));
}

CheckpointProto CheckpointOf(const Graph& graph) {
  Parameters parameters = *Parameters::Create(graph);
  for (int p = 0; p < parameters.size(); ++p) {
    for (float& value : parameters.view(p).span()) value = 0.5f;
  }
  CheckpointProto checkpoint;
  CopyParameters(parameters, checkpoint);
  return checkpoint;
}

TEST(StartFromTest, TellsLayerByLayerWhatItTookAndLeft) {
  const Graph graph = TwoLayers("hidden", 10);
  Parameters parameters = *Parameters::Create(graph);
  const std::vector<StartedLayer> layers =
      StartFrom(CheckpointOf(TwoLayers("hidden", 5)), graph, parameters);
  ASSERT_THAT(layers, SizeIs(2));
  EXPECT_EQ(layers[0].taken, 16);
  EXPECT_EQ(layers[1].taken, 0);
  EXPECT_EQ(layers[1].numbers, 50);
  EXPECT_EQ(StartText(layers),
            "took 1 of 2 layers (hidden), 16 of 66 numbers; left classes: "
            "weight has shape [5, 4] there and [10, 4] here");
  EXPECT_EQ(parameters.view(0).data()[0], 0.5f);
  EXPECT_EQ(parameters.view(2).data()[0], 0.0f);
  ASSERT_TRUE(WarnOfLittleStart(layers, "a.ckpt").has_value());
  EXPECT_EQ(WarnOfLittleStart(layers, "a.ckpt")->text,
            "the run starts with less than half of its parameters from a.ckpt: "
            "took 1 of 2 layers (hidden), 16 of 66 numbers; left classes: "
            "weight has shape [5, 4] there and [10, 4] here; a new last layer, "
            "as for other classes, is no mistake");
}

TEST(StartFromTest, TellsOfLayersOfOtherNames) {
  const Graph graph = TwoLayers("hidden", 2);
  Parameters parameters = *Parameters::Create(graph);
  const std::vector<StartedLayer> layers =
      StartFrom(CheckpointOf(TwoLayers("fc", 2)), graph, parameters);
  EXPECT_EQ(StartText(layers),
            "took 1 of 2 layers (classes), 10 of 26 numbers; left hidden: "
            "there is no such layer there");
  EXPECT_THAT(WarnOfLittleStart(layers, "a.ckpt")->text,
              AllOf(HasSubstr("left hidden: there is no such layer there; only "
                              "layers of the same name and shape are taken"),
                    HasSubstr("lenslet summarize shows")));
  const std::vector<StartedLayer> all =
      StartFrom(CheckpointOf(graph), graph, parameters);
  EXPECT_EQ(StartText(all),
            "took 2 of 2 layers (hidden, classes), 26 of 26 numbers");
  EXPECT_FALSE(WarnOfLittleStart(all, "").has_value());
}

TEST(StartFromTest, WarnsOfOtherClassesIfTheLastLayerIsTaken) {
  const Graph graph = TwoLayers("hidden", 2);
  CheckpointProto start = CheckpointOf(TwoLayers("hidden", 2));
  for (const char* name : {"a", "b"}) start.add_class_name(name);
  Parameters parameters = *Parameters::Create(graph);
  const auto ids = [&](const std::vector<StartedLayer>& layers,
                       const std::vector<std::string>& class_names) {
    std::vector<std::string> result;
    for (const TrainingWarning& warning :
         StartWarnings(start, layers, "a.ckpt", class_names)) {
      result.push_back(warning.id);
    }
    return result;
  };
  std::vector<StartedLayer> layers = StartFrom(start, graph, parameters);
  EXPECT_THAT(ids(layers, {"a", "b"}), IsEmpty());
  EXPECT_THAT(ids(layers, {"x", "y"}), ElementsAre("other_classes"));
  layers.back().taken = 0;
  layers.back().reason = "there is no such layer there";
  EXPECT_THAT(ids(layers, {"x", "y"}), IsEmpty());
}

TEST(StartFromTest, TakesOrDemandsTheNormalization) {
  const Shape image = {4, 4, 1};
  CheckpointProto with, without;
  with.mutable_normalization()->add_mean(0.25f);
  with.mutable_normalization()->add_deviation(0.5f);
  DataProto computed, none, stated;
  computed.mutable_normalization();
  stated.mutable_normalization()->add_mean(0.125f);
  stated.mutable_normalization()->add_deviation(0.5f);
  LENSLET_ASSERT_OK(TakeNormalization(with, image, computed));
  EXPECT_THAT(computed.normalization().mean(), ElementsAre(0.25f));
  const auto refused = [](const char* message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message));
  };
  EXPECT_THAT(TakeNormalization(with, image, none),
              refused("were trained with a normalization; expected data { "
                      "normalization {} }"));
  computed.mutable_normalization()->Clear();
  EXPECT_THAT(TakeNormalization(without, image, computed),
              refused("it has no normalization that data {"));
  LENSLET_EXPECT_OK(TakeNormalization(without, image, none));
  LENSLET_ASSERT_OK(TakeNormalization(with, image, stated));
  EXPECT_THAT(stated.normalization().mean(), ElementsAre(0.125f));

  // Of a table with other columns.
  with.mutable_normalization()->add_mean(0.5f);
  with.mutable_normalization()->add_deviation(0.5f);
  computed.mutable_normalization()->Clear();
  EXPECT_THAT(TakeNormalization(with, Shape({3}), computed),
              refused("its normalization is of the 2 columns that its network "
                      "reads; expected 3, those of the model's input [3]"));
}

class StartedRunTest : public ::testing::Test {
 protected:
  StartedRunTest() : folder_(EmptyTempFolder("started_run_test")) {}

  absl::StatusOr<std::unique_ptr<TrainingRun>> Make(
      int seed, absl::string_view more, const std::string& run_dir) const {
    const std::string model = folder_ + "/model.textproto";
    LENSLET_RETURN_IF_ERROR(
        WriteFileAtomically(model, R"(input { name: "image" shape: [4, 4, 1] }
                  layer { name: "flatten" flatten {} }
                  layer { name: "classes" linear { output_features: 2 } })"));
    LENSLET_ASSIGN_OR_RETURN(
        const RecipeText text,
        ParseRecipe(
            absl::StrCat("model: \"", model, "\" seed: ", seed,
                         " batch_size: 32 learning_rate: 0.1 "
                         "data { synthetic { shape: [4, 4, 1] classes: 2 "
                         "train_examples: 100 } ",
                         more),
            "recipe"));
    return TrainingRun::Create(
        text.recipe,
        {.data_sources = AllDataSources(), .run_dir = folder_ + "/" + run_dir});
  }

  const std::string folder_;
};

TEST_F(StartedRunTest, KeepsTheNormalizationItTookWhenItResumes) {
  RunObserver observer;
  const char* normalized = "normalization {} } epochs: ";
  LENSLET_ASSERT_OK_AND_ASSIGN(auto first,
                               Make(1, absl::StrCat(normalized, 1), "first"));
  LENSLET_ASSERT_OK(first->Run(observer).status());
  const Normalization normalization = first->data().train.normalization;
  const std::string start = absl::StrCat("start_from: \"", folder_, "/first\"");
  // Other examples: the seed differs.
  for (const int epochs : {1, 2}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const auto run,
        Make(2, absl::StrCat(normalized, epochs, " ", start), "second"));
    EXPECT_EQ(run->data().train.normalization, normalization);
    EXPECT_EQ(run->step(), epochs == 1 ? 0 : 4);
    LENSLET_ASSERT_OK(run->Run(observer).status());
    ASSERT_THAT(run->notes(), SizeIs(1));
    EXPECT_EQ(run->notes()[0].id, "start_from");
    EXPECT_THAT(run->notes()[0].text,
                AllOf(HasSubstr("started from "),
                      HasSubstr("took 1 of 1 layer (classes)")));
    EXPECT_THAT(run->warnings(), IsEmpty());
  }
  EXPECT_THAT(Make(2, absl::StrCat("} epochs: 1 ", start), "third").status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(folder_ + "/first"),
                             HasSubstr("trained with a normalization"))));
}

// The start and the model read two columns; the data have three.
TEST_F(StartedRunTest, ErrorsSpeakOfTheModelsInput) {
  const std::string model = R"(input { name: "x" shape: [2] }
      layer { name: "classes" linear { output_features: 2 } })";
  CheckpointProto checkpoint = CheckpointOf(GraphOf(model));
  for (const float number : {0.5f, 0.25f}) {
    checkpoint.mutable_normalization()->add_mean(number);
    checkpoint.mutable_normalization()->add_deviation(number);
  }
  LENSLET_ASSERT_OK(SaveCheckpoint(folder_ + "/two.ckpt", checkpoint));
  LENSLET_ASSERT_OK(WriteFileAtomically(folder_ + "/two.textproto", model));
  LENSLET_ASSERT_OK(
      WriteFileAtomically(folder_ + "/three.csv", "0,1.5,2,3\n1,4,5.5,6\n"));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const RecipeText text,
      ParseRecipe(absl::StrCat("model: \"", folder_, "/two.textproto\" ",
                               "start_from: \"", folder_, "/two.ckpt\" ",
                               "data { csv { train_file: \"", folder_,
                               "/three.csv\" numbers: FLOAT } "
                               "normalization {} } epochs: 1 "
                               "learning_rate: 0.1"),
                  "recipe"));
  EXPECT_THAT(
      TrainingRun::Create(text.recipe, {.data_sources = AllDataSources()})
          .status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("the model's input \"x\" has shape [2]; the data "
                         "set's examples have shape [3]")));
}

}  // namespace
}  // namespace lenslet
