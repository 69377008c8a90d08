// Each recipe that `lenslet train` refuses before its first step is an error of
// `lenslet lint`, and keeps `lenslet sweep` from training any run.

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What a recipe trains with.
enum class Examples { kImages, kClasses, kLabels, kValues, kUnknown };

struct BadRecipe {
  const char* name;
  Examples examples;
  const char* more;     // Of the recipe.
  const char* message;  // A part of it.
  // Whether only the data shows it.
  bool needs_data = false;
  const char* more_data = "";
};

const std::vector<BadRecipe>& BadRecipes() {
  static const auto& recipes = *new std::vector<BadRecipe>{
      // Augmentation that does not fit the examples.
      {"hue_of_a_table", Examples::kClasses, "augmentation { hue: 0.1 }",
       "needs images"},
      {"cutmix_of_a_table", Examples::kValues, "augmentation { cutmix: 1 }",
       "augmentation.cutmix needs examples of shape"},
      {"shift_of_a_table", Examples::kLabels, "augmentation { shift: 1 }",
       "needs images"},
      {"erasing_of_a_table", Examples::kClasses,
       "augmentation { erasing: 0.5 }", "needs images"},
      {"flip_of_a_table", Examples::kValues, "augmentation { flip: true }",
       "needs images"},
      {"hue_of_gray", Examples::kImages, "augmentation { hue: 0.1 }",
       "augmentation.hue needs images of 3 channels"},
      {"saturation_of_gray", Examples::kImages,
       "augmentation { saturation: 1 }",
       "augmentation.saturation needs images of 3 channels"},
      {"shift_out_of_the_image", Examples::kImages,
       "augmentation { shift: 40 }", "augmentation.shift is 40"},
      {"cutout_larger_than_the_image", Examples::kImages,
       "augmentation { cutout: 99 }", "augmentation.cutout is 99"},
      {"mixup_of_one", Examples::kImages, "augmentation { mixup: 1 } block: 1",
       "block is 1"},
      {"hue_of_gray_files", Examples::kUnknown, "augmentation { hue: 0.1 }",
       "augmentation.hue needs images of 3 channels"},
      // Metrics that the run does not have.
      {"r2_of_classes", Examples::kImages, "save { best_by: 'r2' }",
       "save.best_by is \"r2\", which targets of kind \"classes\""},
      {"test_accuracy_of_values", Examples::kValues,
       "save { best_by: 'test_accuracy' }",
       "save.best_by is \"test_accuracy\""},
      {"accuracy_of_values", Examples::kValues, "save { best_by: 'accuracy' }",
       "targets of kind \"values\" do not have"},
      {"top_5_of_two_classes", Examples::kClasses,
       "save { best_by: 'top_5_accuracy' }", "which 2 classes do not have"},
      {"stopping_by_f1_of_classes", Examples::kClasses,
       "early_stopping { metric: 'f1' }", "early_stopping.metric is \"f1\""},
      {"stopping_by_accuracy_of_labels", Examples::kLabels,
       "early_stopping { metric: 'accuracy' }",
       "early_stopping.metric is \"accuracy\""},
      {"test_loss_without_test", Examples::kClasses,
       "save { best_by: 'test_loss' }", "there are no test examples"},
      {"validation_without_validation", Examples::kImages,
       "save { best_by: 'validation_loss' }", "no validation examples"},
      {"auc_without_validation", Examples::kLabels, "save { best_by: 'auc' }",
       "not measured of training examples"},
      {"no_metric", Examples::kImages, "save { best_by: 'acuracy' }",
       "did you mean \"accuracy\"?"},
      // Sampling and losses that do not fit the targets.
      {"balanced_sampling_of_values", Examples::kValues,
       "sampling { balanced: true }", "examples can only be sampled by class"},
      {"weighted_sampling_of_labels", Examples::kLabels,
       "sampling { class_weight: [1, 2] }",
       "examples can only be sampled by class"},
      {"too_many_sampling_weights", Examples::kImages,
       "sampling { class_weight: [1, 2] }", "expected 10, one for each class"},
      {"no_sampling_weight_of_a_class", Examples::kClasses,
       "sampling { class_weight: [0, 0] }",
       "all weights of classes with examples are 0"},
      {"balanced_loss_of_values", Examples::kValues, "loss { balanced: true }",
       "loss.balanced: the targets are values"},
      {"balanced_loss_without_a_class", Examples::kClasses,
       "loss { balanced: true }", "expected at least 1 for balanced",
       /*needs_data=*/true, "max_train_examples: 1"},
      {"cross_entropy_of_values", Examples::kValues,
       "loss { cross_entropy {} }", "the targets are values"},
      {"squares_of_labels", Examples::kLabels, "loss { mean_squared_error {} }",
       "the targets are labels"},
      {"huber_of_classes", Examples::kImages, "loss { huber {} }",
       "huber takes labels or values"},
      {"too_many_loss_weights", Examples::kImages,
       "loss { class_weight: [1, 2] }", "weight"},
      // What only the number of examples shows.
      {"epochs_of_a_schedule_in_one_step", Examples::kClasses,
       "schedule { multi_step { epoch: [0.5, 0.51] } }", "schedule: ",
       /*needs_data=*/true},
      {"more_folds_than_examples", Examples::kClasses, "",
       "data.fold.of is 1000", /*needs_data=*/true,
       "fold { number: 1 of: 1000 }"},
      // The data and the model.
      {"normalization_of_other_channels", Examples::kImages, "",
       "normalization", /*needs_data=*/true,
       "normalization { mean: [0, 0] deviation: [1, 1] }"},
      {"nothing_to_train", Examples::kImages,
       "layer_rule { layer: '*' freeze: true }", "there is nothing to train"},
      {"no_start", Examples::kImages, "start_from: 'none.ckpt'",
       "none.ckpt: No such file", /*needs_data=*/true},
      {"too_large_to_keep", Examples::kImages,
       "block: 1000000 batch_size: 1000000 "
       "layer_change { layer: 'hidden' field: 'output_features' "
       "value: '1000000' }",
       "not enough memory", /*needs_data=*/true},
      // The recipe alone.
      {"no_epochs", Examples::kImages, "epochs: 0", "epochs is 0"},
      {"negative_rate", Examples::kImages, "learning_rate: -1",
       "learning_rate is -1"},
      {"a_rate_that_is_no_number", Examples::kImages, "learning_rate: nan",
       "learning_rate is nan"},
      {"no_patience", Examples::kImages, "early_stopping { patience: 0 }",
       "early_stopping.patience is 0; expected a number of at least 1"},
      {"no_patience_of_a_plateau", Examples::kImages,
       "reduce_on_plateau { patience: 0 }", "reduce_on_plateau.patience is 0"},
      {"no_examples_in_a_batch", Examples::kImages, "batch_size: 0",
       "batch_size is 0"},
      {"no_checkpoints", Examples::kImages, "save { keep: 0 }",
       "save.keep is 0"},
      {"a_warmup_that_is_too_fast", Examples::kImages,
       "schedule { warmup_epochs: 1 warmup_start_rate: 9 }",
       "schedule.warmup_start_rate is 9"},
      {"no_momentum_to_lower", Examples::kImages,
       "optimizer { kind: SGD } schedule { one_cycle { low_momentum: 0.5 } }",
       "the optimizer has no momentum"},
  };
  return recipes;
}

class RefusalsTest : public ::testing::TestWithParam<BadRecipe> {
 protected:
  RefusalsTest() : folder_(EmptyTempFolder("refusals_test")) {
    Write("images.model",
          "input { name: 'x' shape: [28, 28, 1] } layer { name: 'f' flatten {} "
          "} layer { name: 'hidden' linear { output_features: 4 } } layer { "
          "name: 'out' linear { output_features: 10 } }");
    for (const int outputs : {1, 2}) {
      Write(absl::StrCat("table", outputs, ".model"),
            absl::StrCat("input { name: 'x' shape: 3 } layer { name: 'out' "
                         "linear { output_features: ",
                         outputs, " } }"));
    }
    Write("table.csv",
          "a,b,c,y,t,v\n1,2,3,yes,p;q,0.5\n2,3,4,no,q,0.25\n3,4,6,yes,p,2\n"
          "4,4,4,no,,1\n5,1,2,yes,q,3\n6,2,2,no,p,1\n");
    // Two IDX files of each kind: 12 images of 28 x 28, and their classes.
    for (const char* part : {"train", "t10k"}) {
      std::string images("\0\0\x08\x03\0\0\0\x0c\0\0\0\x1c\0\0\0\x1c", 16);
      for (int i = 0; i < 12 * 28 * 28; ++i) images += static_cast<char>(i % 7);
      std::string labels("\0\0\x08\x01\0\0\0\x0c", 8);
      for (int i = 0; i < 12; ++i) labels += static_cast<char>(i % 10);
      Write(absl::StrCat(part, "-images-idx3-ubyte"), images);
      Write(absl::StrCat(part, "-labels-idx1-ubyte"), labels);
    }
  }

  std::string Write(const std::string& name, const std::string& text) const {
    const std::string path = absl::StrCat(folder_, "/", name);
    LENSLET_EXPECT_OK(WriteFileAtomically(path, text));
    return path;
  }

  // The path of the recipe, whose fields `more` may set again.
  std::string WriteRecipe(const BadRecipe& bad) const {
    const auto csv = [&](const char* outputs, const char* target,
                         const char* ignored) {
      return absl::StrCat(
          "model: 'table", outputs,
          ".model'\ndata { csv { train_file: "
          "'table.csv' has_header: true numbers: FLOAT ignore: [",
          ignored, "] } target { ", target, " } ", bad.more_data, " }\n");
    };
    std::string text;
    switch (bad.examples) {
      case Examples::kImages:
        text = absl::StrCat(
            "model: 'images.model'\ndata { synthetic { shape: [28, 28, 1] "
            "classes: 10 train_examples: 40 test_examples: 20 } ",
            bad.more_data, " }\n");
        break;
      case Examples::kUnknown:
        text =
            absl::StrCat("model: 'images.model'\ndata { idx { directory: '.' ",
                         "} ", bad.more_data, " }\n");
        break;
      case Examples::kClasses:
        text = csv("2", "label { column: 'y' }", "'t', 'v'");
        break;
      case Examples::kLabels:
        text = csv("2", "classes { column: 't' }", "'y', 'v'");
        break;
      case Examples::kValues:
        text = csv("1", "value { columns: 'v' }", "'y', 't'");
        break;
    }
    for (const char* field :
         {"batch_size: 8", "epochs: 1", "learning_rate: 0.1"}) {
      const absl::string_view name = absl::string_view(field).substr(
          0, absl::string_view(field).find(':'));
      // "epochs:", but not "warmup_epochs:".
      if (!absl::StrContains(absl::StrCat(" ", bad.more),
                             absl::StrCat(" ", name, ":")))
        absl::StrAppend(&text, field, "\n");
    }
    return Write("recipe", absl::StrCat(text, bad.more, "\n"));
  }

  const std::string folder_;
};

TEST_P(RefusalsTest, OfTrainAreErrorsOfLintAndStopASweep) {
  const BadRecipe& bad = GetParam();
  const std::string recipe = WriteRecipe(bad);
  const std::string run = absl::StrCat(folder_, "/run");
  const ProgramResult train =
      RunLenslet("train", {recipe, "--run_dir=" + run, "--report=false"});
  EXPECT_EQ(train.exit_code, 1) << train.out << train.err;
  EXPECT_THAT(train.err, HasSubstr(bad.message));
  EXPECT_FALSE(FileExists(run + "/recipe.textproto"));
  EXPECT_THAT(train.out, Not(HasSubstr("epoch")));

  const ProgramResult lint = RunLenslet("lint", {recipe});
  EXPECT_EQ(lint.exit_code, 1) << lint.out << lint.err;
  EXPECT_THAT(lint.out, HasSubstr(bad.message));
  const ProgramResult without = RunLenslet("lint", {recipe, "--data=false"});
  EXPECT_EQ(without.exit_code, bad.needs_data ? 0 : 1) << without.out;

  const std::string sweep_dir = absl::StrCat(folder_, "/sweep");
  const ProgramResult sweep =
      RunLenslet("sweep", {recipe, "--run_dir=" + sweep_dir, "--seeds=2"});
  EXPECT_EQ(sweep.exit_code, 1) << sweep.out << sweep.err;
  EXPECT_THAT(sweep.err, HasSubstr(bad.message));
  EXPECT_FALSE(FileExists(sweep_dir)) << sweep.out;
}

INSTANTIATE_TEST_SUITE_P(All, RefusalsTest, ::testing::ValuesIn(BadRecipes()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lenslet
