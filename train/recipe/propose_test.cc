#include "lenslet/train/recipe/propose.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/base/utf8.h"
#include "lenslet/layers/graph.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/lint_model.h"
#include "lenslet/models/model_text.h"
#include "lenslet/train/recipe/lint_recipe.h"
#include "lenslet/train/recipe/recipe.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A survey of image folders.
DataSurvey Photos(int64_t height, int64_t width, int64_t channels, int classes,
                  int64_t examples_per_class) {
  DataSurvey survey = {.kind = "folder of images"};
  survey.data.mutable_image_folders()->set_train_directory("/data/photos");
  for (int i = 0; i < classes; ++i) {
    survey.class_names.push_back(absl::StrCat("class ", i));
    survey.train_counts.push_back(examples_per_class);
  }
  survey.shape = {height, width, channels};
  survey.height = {.min = height, .median = height, .max = height};
  survey.width = {.min = width, .median = width, .max = width};
  return survey;
}

class ProposeTest : public ::testing::Test {
 protected:
  // Sets proposal_ and recipe_, and checks both texts as their users do.
  void Check(const DataSurvey& survey,
             const ProposalOptions& options = {.name = "photos",
                                               .folder = "/data"}) {
    proposal_ = Propose(survey, options);
    for (const std::string& text : {proposal_.model, proposal_.recipe}) {
      for (const absl::string_view line : absl::StrSplit(text, '\n')) {
        EXPECT_LE(CountCharacters(line), 80) << line;
      }
    }
    EXPECT_THAT(Messages(LintModel(proposal_.model, "model")), IsEmpty())
        << proposal_.model;
    LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText model,
                                 ParseModelText(proposal_.model, "model"));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, BuildGraph(model));
    EXPECT_EQ(graph.inputs()[0].shape, proposal_.shape);
    EXPECT_EQ(graph.nodes().back().output,
              Shape({static_cast<int64_t>(survey.class_names.size())}));
    // Small: what a CPU trains in minutes.
    int64_t parameters = 0;
    for (const auto& parameter : graph.parameters()) {
      parameters += parameter.info.shape.elements();
    }
    EXPECT_LE(parameters, 1000000) << proposal_.model;

    LENSLET_ASSERT_OK(
        WriteFileAtomically(folder_ + "/model.textproto", proposal_.model));
    EXPECT_THAT(Messages(LintRecipe(proposal_.recipe, "recipe", folder_)),
                IsEmpty())
        << proposal_.recipe;
    LENSLET_ASSERT_OK_AND_ASSIGN(const RecipeText recipe,
                                 ParseRecipe(proposal_.recipe, "recipe"));
    recipe_ = recipe.recipe;
    EXPECT_EQ(recipe_.name(), model.model.name());
  }

  static std::vector<std::string> Messages(
      const std::vector<TextProblem>& problems) {
    std::vector<std::string> messages;
    for (const TextProblem& problem : problems) {
      messages.push_back(
          absl::StrCat(ToString("", problem.place), ": ", problem.message));
    }
    return messages;
  }

  const std::string folder_ = EmptyTempFolder("propose_test");
  Proposal proposal_;
  RecipeProto recipe_;
};

TEST_F(ProposeTest, FitsEverySizeAndNumberOfClasses) {
  for (const auto& [height, width] :
       std::vector<std::pair<int64_t, int64_t>>{{8, 8},
                                                {1, 1},
                                                {2, 5},
                                                {13, 7},
                                                {20, 20},
                                                {28, 28},
                                                {32, 32},
                                                {64, 64},
                                                {65, 65},
                                                {400, 600},
                                                {600, 400},
                                                {8, 64},
                                                {64, 3},
                                                {4000, 5}}) {
    for (const int64_t channels : {1, 3}) {
      for (const int classes : {2, 10, 256}) {
        for (const int64_t examples : {1, 40, 6000}) {
          SCOPED_TRACE(absl::StrCat(height, " x ", width, " x ", channels, ", ",
                                    classes, " classes of ", examples));
          Check(Photos(height, width, channels, classes, examples));
        }
      }
    }
  }
}

TEST_F(ProposeTest, ChoosesTheSize) {
  // As they are.
  Check(Photos(28, 28, 1, 10, 100));
  EXPECT_EQ(proposal_.shape, Shape({28, 28, 1}));
  Check(Photos(30, 47, 3, 10, 100));
  EXPECT_EQ(proposal_.shape, Shape({30, 47, 3}));
  // Smaller, of about the same form.
  Check(Photos(400, 600, 3, 10, 100));
  EXPECT_EQ(proposal_.shape, Shape({40, 64, 3}));
  Check(Photos(480, 640, 1, 10, 100));
  EXPECT_EQ(proposal_.shape, Shape({48, 64, 1}));
  Check(Photos(1000, 20, 1, 10, 100));
  EXPECT_EQ(proposal_.shape, Shape({64, 8, 1}));
  // Different sizes.
  DataSurvey survey = Photos(28, 30, 1, 10, 100);
  survey.height.max = 31;
  Check(survey);
  EXPECT_EQ(proposal_.shape, Shape({32, 32, 1}));
  EXPECT_THAT(proposal_.recipe, HasSubstr("a median size of 30 x 28"));
}

TEST_F(ProposeTest, PathsInTheFolderAreRelative) {
  const auto train_directory = [&](const std::string& folder) {
    Check(Photos(8, 8, 1, 2, 10), {.name = "a", .folder = folder});
    return recipe_.data().image_folders().train_directory();
  };
  EXPECT_EQ(train_directory("/data"), "photos");
  EXPECT_EQ(train_directory("/"), "data/photos");
  EXPECT_EQ(train_directory("/data/photos"), ".");
  EXPECT_EQ(train_directory("/data/pho"), "/data/photos");
  EXPECT_EQ(train_directory("/other"), "/data/photos");
}

TEST_F(ProposeTest, EscapesNames) {
  DataSurvey survey = Photos(8, 8, 1, 2, 10);
  const std::string path = "/d/\"a\"\\b\n\x1b\u202e'caf\u00e9#";
  survey.data.mutable_image_folders()->set_train_directory(path);
  survey.data.mutable_image_folders()->set_test_directory(path + "2");
  survey.test_counts = survey.train_counts;
  Check(survey, {.name = path, .folder = "/data"});
  EXPECT_EQ(recipe_.data().image_folders().train_directory(), path);
  EXPECT_EQ(recipe_.data().image_folders().test_directory(), path + "2");
  EXPECT_EQ(recipe_.name(), "/d/\"a\"\\b\\n\\x1b\\xe2\\x80\\xae'caf\u00e9#");
  EXPECT_EQ(proposal_.recipe.find('\x1b'), std::string::npos);
  EXPECT_THAT(proposal_.recipe, Not(HasSubstr("\u202e")));
}

TEST_F(ProposeTest, ShortensNames) {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "\u00e9";
  Check(Photos(8, 8, 1, 2, 10), {.name = name, .folder = "/data"});
  EXPECT_EQ(recipe_.name(), name.substr(0, 2 * 31) + ".");
}

TEST_F(ProposeTest, SetsValidationExamplesAside) {
  DataSurvey survey = Photos(8, 8, 1, 2, 100);
  Check(survey);
  EXPECT_EQ(recipe_.data().validation_fraction(), 0.2);
  survey.data.mutable_image_folders()->set_test_directory("/data/test");
  survey.test_counts = {20, 20};
  Check(survey);
  EXPECT_EQ(recipe_.data().validation_fraction(), 0.1);
  EXPECT_EQ(recipe_.data().image_folders().test_directory(), "test");
}

// Which give up one of each tenth class, as SplitOff() does.
TEST_F(ProposeTest, SetsExamplesOfSmallClassesAside) {
  DataSurvey survey = Photos(32, 32, 3, 40, 2);
  survey.test_counts.assign(40, 1);
  Check(survey);
  EXPECT_THAT(proposal_.recipe, HasSubstr("per epoch of 72 images."));
}

TEST_F(ProposeTest, BalancesClassesOfDifferentSizes) {
  DataSurvey survey = Photos(8, 8, 1, 2, 100);
  survey.train_counts = {100, 60};
  Check(survey);
  EXPECT_FALSE(recipe_.loss().balanced());
  EXPECT_EQ(recipe_.clip_norm(), 0);
  survey.train_counts = {100, 50};
  Check(survey);
  EXPECT_TRUE(recipe_.loss().balanced());
  EXPECT_EQ(recipe_.clip_norm(), 1);
  // Then there would be no weight for it.
  survey.train_counts = {100, 0};
  Check(survey);
  EXPECT_FALSE(recipe_.loss().balanced());
}

TEST_F(ProposeTest, MirrorsOnlyPhotos) {
  Check(Photos(32, 32, 3, 10, 100));
  EXPECT_TRUE(recipe_.augmentation().flip());
  Check(Photos(32, 32, 1, 10, 100));
  EXPECT_FALSE(recipe_.augmentation().flip());
  EXPECT_THAT(proposal_.recipe, HasSubstr("# flip: true"));
  DataSurvey house_numbers = Photos(32, 32, 3, 11, 100);
  for (int i = 0; i < 11; ++i) {
    house_numbers.class_names[i] = absl::StrCat(i);
  }
  Check(house_numbers);
  EXPECT_FALSE(recipe_.augmentation().flip());
}

TEST_F(ProposeTest, MovesImagesOf16Bits) {
  DataSurvey survey = Photos(32, 32, 3, 10, 100);
  survey.type = ElementType::kFloat32;
  Check(survey);
  EXPECT_EQ(recipe_.augmentation().shift(), 2);
}

TEST_F(ProposeTest, TrainsFewExamplesForMoreEpochsWithMoreDecay) {
  Check(Photos(28, 28, 1, 10, 10));
  EXPECT_EQ(recipe_.optimizer().weight_decay(), 0.005);
  EXPECT_THAT(proposal_.model, HasSubstr("dropout {"));
  EXPECT_EQ(recipe_.batch_size(), 16);
  EXPECT_EQ(recipe_.epochs(), 60);
  Check(Photos(28, 28, 1, 10, 7000));
  EXPECT_EQ(recipe_.optimizer().weight_decay(), 0.0005);
  EXPECT_THAT(proposal_.model, Not(HasSubstr("dropout")));
  EXPECT_EQ(recipe_.batch_size(), 64);
  EXPECT_EQ(recipe_.epochs(), 10);
}

TEST_F(ProposeTest, SuitsTables) {
  DataSurvey survey = {.kind = "CSV file of a table",
                       .target = TargetKind::kValues,
                       .class_names = {"price"},
                       .train_counts = {300},
                       .shape = {3}};
  CsvProto& csv = *survey.data.mutable_csv();
  csv.set_train_file("/data/houses.csv");
  csv.set_has_header(true);
  csv.set_numbers(CsvProto::FLOAT);
  csv.set_decimal_comma(true);
  csv.add_ignore("id");
  survey.data.mutable_target()->mutable_value()->add_columns("price");
  Check(survey);
  EXPECT_EQ(recipe_.data().csv().SerializeAsString(), [&] {
    CsvProto expected = csv;
    expected.set_train_file("houses.csv");
    return expected.SerializeAsString();
  }());
  EXPECT_EQ(recipe_.data().target().value().columns(0), "price");
  EXPECT_FALSE(recipe_.has_loss());
  EXPECT_EQ(recipe_.optimizer().kind(), OptimizerProto::ADAM);
  EXPECT_THAT(proposal_.model, HasSubstr("output_features: 1 "));

  // Pixels that are floats.
  survey.shape = {3, 1, 1};
  for (const int size : {3, 1, 1}) csv.add_shape(size);
  Check(survey);
  EXPECT_EQ(recipe_.data().csv().shape_size(), 3);
  survey.shape = {3};
  csv.clear_shape();

  survey.target = TargetKind::kLabels;
  survey.class_names = {"red", "big"};
  survey.data.mutable_target()->mutable_classes()->set_column("tags");
  survey.data.mutable_target()->mutable_classes()->set_separator("|");
  Check(survey);
  EXPECT_EQ(recipe_.data().target().classes().separator(), "|");
  EXPECT_FALSE(recipe_.has_loss());
  EXPECT_THAT(proposal_.model, HasSubstr("output_features: 2 "));

  survey.target = TargetKind::kClasses;
  survey.train_counts = {200, 100};
  survey.data.mutable_target()->mutable_label()->set_column("kind");
  Check(survey);
  EXPECT_EQ(recipe_.data().target().label().column(), "kind");
  EXPECT_TRUE(recipe_.has_loss());
}

TEST_F(ProposeTest, SuitsImagesWithATable) {
  DataSurvey survey = Photos(400, 300, 3, 1, 500);
  survey.target = TargetKind::kValues;
  ImageTableProto& table = *survey.data.mutable_image_table();
  table.set_train_file("/data/ages.csv");
  table.set_image_column("file");
  table.set_directory("/data/faces");
  survey.data.mutable_target()->mutable_value()->add_columns("age");
  Check(survey);
  EXPECT_EQ(recipe_.data().image_table().train_file(), "ages.csv");
  EXPECT_EQ(recipe_.data().image_table().directory(), "faces");
  EXPECT_EQ(recipe_.data().image_table().image_column(), "file");
  EXPECT_EQ(recipe_.data().image_table().on_unreadable(), STOP);
  EXPECT_EQ(proposal_.shape, Shape({64, 48, 3}));
  table.set_on_unreadable(SKIP);
  Check(survey);
  EXPECT_EQ(recipe_.data().image_table().on_unreadable(), SKIP);
}

TEST_F(ProposeTest, SuitsNumpysArrays) {
  DataSurvey survey = Photos(28, 28, 1, 10, 500);
  NpyProto& npy = *survey.data.mutable_npy();
  npy.set_train_inputs("/data/mnist.npz/x_train");
  npy.set_train_targets("/data/mnist.npz/y_train");
  for (const int size : {28, 28, 1}) npy.add_shape(size);
  Check(survey);
  EXPECT_EQ(recipe_.data().npy().train_inputs(), "mnist.npz/x_train");
  EXPECT_EQ(recipe_.data().npy().shape_size(), 3);
  EXPECT_TRUE(recipe_.has_augmentation());
  // It is for bytes.
  survey.type = ElementType::kFloat32;
  Check(survey);
  EXPECT_FALSE(recipe_.has_augmentation());
  survey.type = ElementType::kUint8;
  npy.set_test_inputs("/data/mnist.npz/x_test");
  npy.set_test_targets("/data/mnist.npz/y_test");
  npy.clear_shape();
  survey.shape = {5, 4, 3, 2};
  Check(survey);
  EXPECT_EQ(recipe_.data().npy().test_targets(), "mnist.npz/y_test");
  survey.target = TargetKind::kLabels;
  survey.data.mutable_target()->mutable_classes();
  Check(survey);
  EXPECT_TRUE(recipe_.data().target().has_classes());
  EXPECT_THAT(proposal_.model, HasSubstr("flatten"));
  survey.target = TargetKind::kValues;
  survey.class_names = {""};
  survey.train_counts = {500};
  survey.test_counts.clear();
  survey.data.mutable_target()->mutable_value();
  Check(survey);
  EXPECT_TRUE(recipe_.data().target().has_value());
}

TEST_F(ProposeTest, NamesOtherSources) {
  DataSurvey survey = Photos(6, 5, 1, 3, 20);
  survey.data.mutable_idx()->set_directory("/data/digits");
  Check(survey);
  EXPECT_EQ(recipe_.data().idx().directory(), "digits");
  survey = Photos(32, 32, 3, 10, 20);
  survey.data.mutable_cifar10()->set_directory("/data/cifar");
  Check(survey);
  EXPECT_EQ(recipe_.data().cifar10().directory(), "cifar");
  survey = Photos(32, 32, 3, 100, 500);
  survey.data.mutable_cifar100()->set_directory("/data/cifar");
  Check(survey);
  EXPECT_EQ(recipe_.data().cifar100().directory(), "cifar");
  survey = Photos(28, 28, 1, 26, 500);
  survey.data.mutable_idx()->set_directory("/data/emnist");
  survey.data.mutable_idx()->set_transposed(true);
  survey.data.mutable_idx()->set_first_label(1);
  Check(survey);
  EXPECT_TRUE(recipe_.data().idx().transposed());
  EXPECT_EQ(recipe_.data().idx().first_label(), 1);
  survey = Photos(32, 32, 3, 10, 20);

  CsvProto& csv = *survey.data.mutable_csv();
  csv.set_train_file("/data/digits.csv");
  csv.set_has_header(true);
  csv.set_label_column(3072);
  Check(survey);
  EXPECT_EQ(recipe_.data().csv().train_file(), "digits.csv");
  EXPECT_TRUE(recipe_.data().csv().has_header());
  EXPECT_EQ(recipe_.data().csv().label_column(), 3072);
  // Rows that are no images.
  survey.shape = {17};
  csv.set_label_column(0);
  csv.set_has_header(false);
  Check(survey);
  EXPECT_EQ(proposal_.shape, Shape({17}));
  EXPECT_FALSE(recipe_.data().csv().has_header());
  EXPECT_FALSE(recipe_.has_augmentation());
}

}  // namespace
}  // namespace lenslet
