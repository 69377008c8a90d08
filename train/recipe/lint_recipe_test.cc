#include "lenslet/train/recipe/lint_recipe.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/models/zoo.h"
#include "lenslet/train/recipe/recipe.pb.h"
#include "lenslet/train/recipe/recipes/recipe_texts.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// "r:LINE:COLUMN: message"
std::vector<std::string> Lint(absl::string_view text,
                              const std::string& folder = "") {
  std::vector<std::string> lines;
  for (const TextProblem& problem : LintRecipe(text, "r", folder)) {
    lines.push_back(absl::StrCat(ToString("r", problem.place), ": ",
                                 problem.is_warning ? "warning: " : "",
                                 problem.message));
  }
  return lines;
}

TEST(LintRecipeTest, OwnRecipesHaveNoProblems) {
  for (const NamedText& recipe : RecipeTexts()) {
    EXPECT_THAT(Lint(recipe.text), IsEmpty()) << recipe.name;
  }
}

TEST(LintRecipeTest, FindsAllProblems) {
  EXPECT_THAT(
      Lint(R"(name: "x"
model: "lenet"
data { cifar10 { directory: "c" } validation_fraction: 2 }
epochs: 10
learning_rate: -1
layer_rule { layer: "conv11" freeze: true }
layer_rule { layer: "linear*" }
)"),
      ElementsAre(
          "r:2:1: the model's input \"image\" has shape [28, 28, 1]; the "
          "data's images have shape [32, 32, 3]",
          "r:3:35: data.validation_fraction is 2; expected a number in "
          "[0, 1)",
          "r:5:1: learning_rate is -1; expected a positive number",
          "r:6:14: layer_rule[0]: the model has no layer \"conv11\"; did you "
          "mean \"conv1\"?"));
}

TEST(LintRecipeTest, KnowsTheSizesOfOtherSources) {
  const auto lint = [](const std::string& data) {
    return Lint(absl::StrCat("model: \"lenet\"\ndata { ", data,
                             " }\nepochs: 1\nlearning_rate: 1\n"));
  };
  const std::string npy = "npy { train_inputs: 'x' train_targets: 'y' ";
  EXPECT_THAT(lint(npy + "}"), IsEmpty());
  EXPECT_THAT(lint(npy + "shape: [28, 28, 1] }"), IsEmpty());
  EXPECT_THAT(lint(npy + "shape: [9] }"),
              ElementsAre("r:1:1: the model's input \"image\" has shape [28, "
                          "28, 1]; the data's examples have shape [9]"));
  EXPECT_THAT(lint("cifar100 { directory: 'c' labels: COARSE }"),
              Contains("r:1:1: the model's input \"image\" has shape [28, 28, "
                       "1]; the data's images have shape [32, 32, 3]"));
}

TEST(LintRecipeTest, DataThatWasInMemoryHasSizes) {
  EXPECT_THAT(
      Lint(R"(model: "lenet"
data { in_memory { shape: [28, 28, 1] classes: 3 train_examples: 10 } }
epochs: 10
learning_rate: 1
)"),
      ElementsAre("r:1:1: the model's output, layer \"linear3\", has shape "
                  "[10]; expected [3], a number for each of the data's "
                  "classes"));
}

TEST(LintRecipeTest, TheAugmentationFitsTheExamples) {
  const auto lint = [](absl::string_view augmentation) {
    return Lint(absl::StrCat("model: \"lenet\"\nepochs: 1\nlearning_rate: 1\n",
                             augmentation, "\n"));
  };
  EXPECT_THAT(lint("augmentation { crop_area: 0.5 mixup: 0.2 }"), IsEmpty());
  EXPECT_THAT(lint("augmentation { hue: 0.1 }"),
              ElementsAre("r:4:1: augmentation.hue needs images of 3 channels; "
                          "those of the data set have shape [28, 28, 1]"));
  EXPECT_THAT(lint("augmentation { shift: 28 }"),
              ElementsAre(StartsWith("r:4:1: augmentation.shift is 28")));
  EXPECT_THAT(lint("augmentation { cutmix: 1 } block: 1"),
              ElementsAre("r:4:1: augmentation.cutmix mixes the examples of a "
                          "block, and block is 1; expected at least 2"));
  EXPECT_THAT(lint("augmentation { mixup: 200 }"),
              ElementsAre("r:4:16: augmentation.mixup is 200; expected a "
                          "number in [0, 100]"));
}

TEST(LintRecipeTest, TheTargetFitsModelAndLoss) {
  const std::string folder = EmptyTempFolder("lint_recipe_target");
  LENSLET_ASSERT_OK(WriteFileAtomically(
      folder + "/m.textproto",
      "input { name: 'x' shape: [4] }\n"
      "layer { name: 'fc' linear { output_features: 3 } }\n"));
  const auto lint = [&](const std::string& target, const std::string& loss) {
    return Lint(
        absl::StrCat("model: 'm.textproto' epochs: 1 learning_rate: 1\n",
                     "data { csv { train_file: 'a.csv' numbers: FLOAT }\n",
                     "target { ", target, " } }\n", loss),
        folder);
  };
  const std::string squared = "loss { mean_squared_error {} }";
  EXPECT_THAT(lint("value { columns: ['a', 'b', 'c'] }", squared), IsEmpty());
  EXPECT_THAT(lint("value { columns: ['a', 'b'] }", squared),
              ElementsAre("r:1:1: the model's output, layer \"fc\", has shape "
                          "[3]; expected [2], a number for each value of "
                          "data.target.value"));
  EXPECT_THAT(
      lint("value { columns: ['a', 'b', 'c'] }", "loss { hinge {} }"),
      ElementsAre("r:4:1: loss: hinge takes classes, and the targets are "
                  "values; expected a loss of values, such as "
                  "mean_squared_error, or change data.target.value"));
  EXPECT_THAT(lint("label { column: 'a' }", ""), IsEmpty());
  EXPECT_THAT(
      lint("label { column: 'a' }", "loss { huber {} }"),
      ElementsAre("r:4:1: loss: huber takes labels or values, and the targets "
                  "are classes; expected a loss of classes, such as "
                  "cross_entropy, or change data.target.label"));
  const std::string sigmoid = "loss { sigmoid_cross_entropy {} }";
  EXPECT_THAT(lint("classes { column: 't' }", sigmoid), IsEmpty());
  EXPECT_THAT(lint("classes { column: 't' names: ['a', 'b'] }", sigmoid),
              ElementsAre("r:1:1: the model's output, layer \"fc\", has shape "
                          "[3]; expected [2], a number for each of the data's "
                          "labels"));
  EXPECT_THAT(
      lint("classes { column: 't' }", "loss { focal {} }"),
      ElementsAre("r:4:1: loss: focal takes classes, and the targets are "
                  "labels; expected a loss of labels, such as "
                  "sigmoid_cross_entropy, or change data.target.classes"));
  EXPECT_THAT(
      Lint(
          "model: 'm.textproto' epochs: 1 learning_rate: 1\n"
          "data { synthetic { shape: [4] classes: 2 } target { input {} } }\n" +
              squared,
          folder),
      ElementsAre("r:1:1: the model's output, layer \"fc\", has shape [3]; "
                  "expected [4], a number for each value of "
                  "data.target.input"));
}

struct RecipeWord {
  std::string text;
  std::string answer;  // The end of a problem.
};

TEST(LintRecipeTest, HasAnAnswerToEachWordOfOtherLibraries) {
  const std::vector<RecipeWord> words = {
      {"lr: 0.1", "did you mean \"learning_rate\"?"},
      {"batch: 3", "did you mean \"batch_size\"?"},
      {"BatchSize: 3", "did you mean \"batch_size\"?"},
      {"epoch: 3", "did you mean \"epochs\"?"},
      {"nb_epochs: 3", "did you mean \"epochs\"?"},
      {"dataset { }", "did you mean \"data\"?"},
      {"momentum: 0.9", "write it in its block: optimizer { momentum: ... }"},
      {"weight_decay: 0.1",
       "write it in its block: optimizer { weight_decay: ... }"},
      {"eps: 0.1", "write it in its block: optimizer { epsilon: ... }"},
      {"betas: [0.9, 0.999]", "expected optimizer { beta1: 0.9 beta2: 0.999 }"},
      {"nesterov: true", "expected optimizer { kind: NESTEROV }"},
      {"optimizer { nesterov: true }", "expected kind: NESTEROV"},
      {"optimizer { betas: [0.9, 0.999] }", "expected beta1: 0.9 beta2: 0.999"},
      {"optimizer { eps: 1 }", "did you mean \"epsilon\"?"},
      {"optimizer { lr: 0.1 }",
       "it is learning_rate of recipes: write it outside of "
       "\"optimizer\""},
      {"optimizer { learning_rate: 0.1 }",
       "it is a field of recipes: write it outside of \"optimizer\""},
      {"optimizer { adam { } }", "the kind is a value: kind: ADAM"},
      {"optimizer { kind: \"adam\" }", "expected ADAM without quotes"},
      {"optimizer: \"adam\"", "expected a block: optimizer { kind: ADAM }"},
      {"optimizer: sgd", "expected a block: optimizer { kind: SGD }"},
      {"loss: \"cross_entropy\"",
       "expected a block: loss { cross_entropy {} }"},
      {"loss: \"sparse_categorical_crossentropy\"",
       "expected a block: loss { cross_entropy {} }"},
      {"loss: mse", "expected a block: loss { mean_squared_error {} }"},
      {"label_smoothing: 0.1",
       "write it in its block: loss { cross_entropy { label_smoothing: ... } "
       "}"},
      {"schedule: \"cosine\"", "expected a block: schedule { cosine {} }"},
      {"initializer: \"xavier\"",
       "expected a block: initializer { kind: XAVIER_UNIFORM }"},
      {"data: \"mnist\"", "expected a block: data { idx { ... } }"},
      {"validation_split: 0.1",
       "write it in its block: data { validation_fraction: ... }"},
      {"augmentation { flip: yes }", "expected true or false"},
      {"augmentation { horizontal_flip: true }", "did you mean \"flip\"?"},
      {"augmentation { random_erasing: 0.5 }", "did you mean \"erasing\"?"},
      {"augmentation { random_resized_crop: 0.5 }",
       "did you mean \"crop_area\"?"},
      {"augmentation { mixup_alpha: 1 }", "did you mean \"mixup\"?"},
      {"layer { name: \"a\" relu {} }",
       "models have it; a recipe names a model: model: \"FILE\""},
      {"conv2d { }", "models have it; a recipe names a model: model: \"FILE\""},
      {"num_workers: 3", "it is a flag of programs, not of recipes: --threads"},
      {"initializer { kind: HE_NORMAL }", "did you mean \"KAIMING_NORMAL\"?"},
      {"initializer { kind: glorot_uniform }",
       "did you mean \"XAVIER_UNIFORM\"?"},
      {"initializer { kind: \"he_uniform\" }",
       "expected KAIMING_UNIFORM without quotes"},
      {"initializer: \"he_normal\"",
       "expected a block: initializer { kind: KAIMING_NORMAL }"},
      {"schedule { step_lr {} }", "did you mean \"step\"?"},
      {"schedule { StepLR {} }", "did you mean \"step\"?"},
      {"schedule: \"cosine_annealing\"",
       "expected a block: schedule { cosine {} }"},
      {"schedule { cosine { eta_min: 0 } }", "did you mean \"end_rate\"?"},
      {"reduce_on_plateau { min_lr: 0 }",
       "expected min_factor, the smallest factor of the learning rate"},
      {"reduce_on_plateau { min_delta: 0 }", "did you mean \"min_change\"?"},
      {"reduce_on_plateau { threshold: 0 }", "did you mean \"min_change\"?"},
      {"augmentation { rotation_range: 9 }", "did you mean \"rotation\"?"},
      {"optimizer { amsgrad: true }", "there is no equivalent; leave it out"},
      {"loss { from_logits: true }",
       "the loss always takes scores; leave it out"},
      {"loss { cross_entropy { from_logits: true } }",
       "the loss always takes scores; leave it out"},
      {"data { image_folders { path: \"a\" } }",
       "did you mean \"train_directory\"?"},
      {"data { image_folders { root: \"a\" } }",
       "did you mean \"train_directory\"?"},
      {"data { image_folders { directory: \"a\" } }",
       "did you mean \"train_directory\"?"},
      {"zzz: 3", absl::StrCat("train/recipe/recipe.proto lists all ",
                              RecipeProto::descriptor()->field_count())},
  };
  for (const RecipeWord& word : words) {
    const std::vector<std::string> lines = Lint(word.text);
    EXPECT_THAT(lines, Contains(EndsWith(word.answer))) << word.text;
  }
}

TEST(LintRecipeTest, MissesAFlattenLayer) {
  const std::string folder = EmptyTempFolder("lint_recipe_flatten");
  LENSLET_ASSERT_OK(WriteFileAtomically(
      folder + "/m.textproto",
      "input { name: 'x' shape: [4, 4, 1] }\n"
      "layer { name: 'fc' linear { output_features: 3 } }\n"));
  EXPECT_THAT(
      Lint("model: 'm.textproto' epochs: 1 learning_rate: 1\n"
           "data { synthetic { shape: [4, 4, 1] classes: 3 } }",
           folder),
      ElementsAre(
          "r:1:1: the model's output, layer \"fc\", has shape [4, 4, 3]; "
          "expected one number for each class, such as [10]; linear layer "
          "\"fc\" transforms each position separately; add a flatten layer "
          "before it"));
}

TEST(LintRecipeTest, ChangesOfLayersMustFitTheModel) {
  const std::string recipe =
      "model: \"lenet\"\nepochs: 1\nlearning_rate: 0.1\n";
  const auto lint = [&](const std::string& changes) {
    return Lint(absl::StrCat(recipe, changes));
  };
  EXPECT_THAT(
      lint("layer_change { layer: 'conv2' field: 'kernel' value: '3' }"),
      IsEmpty());
  EXPECT_THAT(
      lint("layer_change { layer: 'conv3' field: 'kernel' value: '3' }\n"
           "layer_change { layer: 'conv2' field: 'size' value: '3' }\n"
           "layer_change { layer: 'conv2' field: 'kernel' }\n"),
      ElementsAre(
          "r:4:1: layer_change[0] (layer.conv3.kernel=3): the model has no "
          "layer \"conv3\"; did you mean \"conv1\"?",
          StartsWith("r:5:1: layer_change[1] (layer.conv2.size=3): layer "
                     "\"conv2\": conv2d has no field \"size\""),
          "r:6:1: layer_change[2].value is required"));
  EXPECT_THAT(
      lint("layer_change { layer: 'conv2' field: 'kernel' value: '20' }"),
      ElementsAre(StartsWith("r:4:1: the model with layer_change: layer "
                             "\"conv2\": ")));
  EXPECT_THAT(
      lint("layer_change { layer: 'linear3' field: 'output_features' "
           "value: '9' }"),
      ElementsAre(
          "r:1:1: the model's output, layer \"linear3\", has shape "
          "[9]; expected [10], a number for each of the data's classes"));
}

TEST(LintRecipeTest, WhatWasTakenOutIsNotMissing) {
  EXPECT_THAT(Lint("model: lenet\nepochs: ten\nlearning_rate: 0.1\n"
                   "optimizer { kind: ADAMM }\n"),
              ElementsAre("r:1:8: model is lenet; expected text in quotes",
                          "r:2:9: epochs is ten; expected a whole number",
                          "r:4:19: there is no kind \"ADAMM\"; did you mean "
                          "\"ADAM\"?"));
}

TEST(LooksLikeRecipeTest, KnowsModelsAndRecipesByTheirFields) {
  for (const NamedText& recipe : RecipeTexts()) {
    EXPECT_TRUE(LooksLikeRecipe(recipe.text)) << recipe.name;
  }
  for (const std::string& name : ZooModelNames()) {
    EXPECT_FALSE(LooksLikeRecipe(*FindZooModel(name))) << name;
  }
}

TEST(LooksLikeRecipeTest, MistakesInsideDoNotCount) {
  // As a model, these have as many mistakes or fewer.
  EXPECT_TRUE(LooksLikeRecipe("optimizer { kin: ADAM layer: 1 input: 2 }"));
  EXPECT_TRUE(LooksLikeRecipe("name: 'x' layer_rule { laier: 'a' }"));
  EXPECT_TRUE(LooksLikeRecipe("modle: 'lenet' epoch: 3"));
  EXPECT_FALSE(LooksLikeRecipe("layers { conv { epochs: 1 model: 2 } }"));
  EXPECT_FALSE(LooksLikeRecipe("name: 'x' input { nane: 'x' shap: 3 }"));
  EXPECT_FALSE(LooksLikeRecipe("name: 'x'"));
  EXPECT_FALSE(LooksLikeRecipe("# Nothing."));
}

TEST(LintRecipeTest, ReadsTheModelBesideTheRecipe) {
  const std::string folder = EmptyTempFolder("lint_recipe");
  LENSLET_ASSERT_OK(
      WriteFileAtomically(folder + "/m.textproto",
                          "input { name: 'x' shape: 4 }\n"
                          "layer { name: 'fc' linear { output_features: 4 } }\n"
                          "layer { name: 'a' sigmoid {} }\n"));
  const std::string recipe =
      "model: 'm.textproto' epochs: 1 learning_rate: 1\n"
      "data { synthetic { shape: 4 classes: 3 } }";
  EXPECT_THAT(
      Lint(recipe, folder),
      ElementsAre("r:1:1: the model's output, layer \"a\", has shape [4]; "
                  "expected [3], a number for each of the data's classes",
                  "r:1:1: warning: the model ends in Sigmoid \"a\", which "
                  "limits its scores; cross-entropy expects scores of any "
                  "value and turns them into probabilities; leave the layer "
                  "out"));
  LENSLET_ASSERT_OK(
      WriteFileAtomically(folder + "/m.textproto", "layer { name: 'a' }"));
  EXPECT_THAT(Lint(recipe, folder),
              ElementsAre("r:1:1: model: " +
                          std::filesystem::path(folder + "/m.textproto")
                              .lexically_normal()
                              .string() +
                          ":1:1: layer \"a\": missing layer kind, for example "
                          "conv2d { ... } or relu {}"));
}

TEST(LintRecipeTest, WarnsOfWhatARunWouldWarnOf) {
  const std::string folder = EmptyTempFolder("lint_training");
  LENSLET_ASSERT_OK(WriteFileAtomically(
      folder + "/m.textproto",
      "input { name: 'x' shape: 3 }\nlayer { name: 'a' batch_norm {} }\n"));
  const auto lint = [&](const std::string& more) {
    return Lint(
        "model: 'm.textproto' learning_rate: 1\n"
        "data { synthetic { shape: 3 classes: 3 } }\n" +
            more,
        folder);
  };
  EXPECT_THAT(lint("epochs: 3 schedule { warmup_epochs: 2 }"), IsEmpty());
  EXPECT_THAT(
      lint("epochs: 3\nschedule { warmup_epochs: 5 }"),
      ElementsAre("r:4:12: warning: the warm-up has 5.00 epochs, and the run "
                  "3.00: the learning rate never reaches 1; a shorter "
                  "schedule.warmup_epochs or a longer run helps"));
  const char* in_steps = " schedule { in_steps {\nwarmup_steps: 50 } }";
  EXPECT_THAT(lint(absl::StrCat("steps: 51", in_steps)), IsEmpty());
  EXPECT_THAT(lint(absl::StrCat("steps: 30", in_steps)),
              ElementsAre(AllOf(
                  StartsWith("r:4:1: warning: the warm-up has 50 steps, and "
                             "the run 30"),
                  HasSubstr("a shorter schedule.in_steps.warmup_steps"))));
  // Only data tells.
  EXPECT_THAT(lint(absl::StrCat("epochs: 1", in_steps)), IsEmpty());
  EXPECT_THAT(lint("epochs: 3 block: 1"),
              ElementsAre(StartsWith("r:3:11: warning: layer \"a\" normalizes "
                                     "by the mean and variance")));
  EXPECT_THAT(lint("epochs: 3 batch_size: 33"),
              ElementsAre(StartsWith("r:1:1: warning: layer \"a\"")));
  EXPECT_THAT(lint("epochs: 3 sampling { balanced: true }"), IsEmpty());
  EXPECT_THAT(
      lint("epochs: 3 loss { balanced: true }\nsampling { balanced: true }"),
      ElementsAre(StartsWith("r:4:1: warning: loss.balanced weighs classes")));
  EXPECT_THAT(lint("epochs: 3\nsampling { class_weight: [1, 0, 1] }"),
              ElementsAre(AllOf(StartsWith("r:4:12: "),
                                HasSubstr("sampling.class_weight is 0 for "
                                          "class 1: the network does not"))));
  EXPECT_THAT(lint("epochs: 3\nloss { class_weight: [1, 0, 1] }"),
              ElementsAre(HasSubstr("loss.class_weight is 0 for class 1: ")));
}

// What lint proposes, a run takes.
TEST(LintRecipeTest, ProposesMetricsThatTheClassesHave) {
  const std::string folder = EmptyTempFolder("lint_metric");
  LENSLET_ASSERT_OK(WriteFileAtomically(
      folder + "/m.textproto",
      "input { name: 'x' shape: [8, 8, 3] }\nlayer { name: 'f' flatten {} }\n"
      "layer { name: 'fc' linear { output_features: 2 } }\n"));
  const auto lint = [&](const std::string& metric) {
    return Lint(
        "model: 'm.textproto' learning_rate: 1 epochs: 2\n"
        "data { image_folders { train_directory: 'd' shape: [8, 8, 3] } }\n"
        "early_stopping { metric: '" +
            metric + "' }",
        folder);
  };
  for (const char* metric : {"auc", "top_5_accuracy"}) {
    EXPECT_THAT(lint(metric),
                ElementsAre(EndsWith(" do not have; expected loss or "
                                     "accuracy")))
        << metric;
  }
  EXPECT_THAT(lint("val_loss"),
              ElementsAre(EndsWith("did you mean \"validation_loss\"?")));
  EXPECT_THAT(lint("accuracy"), IsEmpty());
}

TEST(LintRecipeTest, TheLossMustFitTheTargetsAndTheModel) {
  const std::string folder = EmptyTempFolder("lint_loss");
  LENSLET_ASSERT_OK(
      WriteFileAtomically(folder + "/m.textproto",
                          "input { name: 'x' shape: 3 }\n"
                          "layer { name: 'fc' linear { output_features: 3 } }\n"
                          "layer { name: 'a' sigmoid {} }\n"));
  const auto lint = [&](const std::string& loss) {
    return Lint(
        "model: 'm.textproto' epochs: 1 learning_rate: 1\n"
        "data { synthetic { shape: 3 classes: 3 } }\n" +
            loss,
        folder);
  };
  EXPECT_THAT(lint("loss { hinge { margin: 0.5 } }"),
              ElementsAre(HasSubstr("hinge lowers the scores of wrong "
                                    "classes, which pass no gradient")));
  EXPECT_THAT(lint("loss { balanced: true mean_squared_error {} }"), IsEmpty());
  EXPECT_THAT(
      lint("loss { focal {} }"),
      ElementsAre("r:1:1: warning: the model ends in Sigmoid \"a\", which "
                  "limits its scores; focal expects scores of any value and "
                  "turns them into probabilities; leave the layer out"));
  EXPECT_THAT(
      lint("loss { huber {} }"),
      ElementsAre("r:3:1: loss: huber takes labels or values, and the targets "
                  "are classes; expected a loss of classes, such as "
                  "cross_entropy"));
  EXPECT_THAT(
      lint("loss { sigmoid_focal {} }"),
      ElementsAre("r:1:1: warning: the model ends in Sigmoid \"a\", and the "
                  "loss applies a sigmoid too; leave the layer out",
                  "r:3:1: loss: sigmoid_focal takes labels or values, and the "
                  "targets are classes; expected a loss of classes, such as "
                  "cross_entropy"));
  EXPECT_THAT(lint("loss { mean_squared_error {} class_weight: [1, 2] }"),
              ElementsAre("r:3:1: loss: class_weight has 2 numbers; expected "
                          "3, one for each class"));
}

TEST(LintRecipeTest, KnowsOtherNamesOfLosses) {
  const auto suggestion = [](const std::string& name) {
    const std::vector<std::string> problems = Lint(
        "model: 'lenet' epochs: 1 learning_rate: 1\nloss { " + name + " {} }");
    return problems.empty() ? "" : problems[0];
  };
  const std::pair<const char*, const char*> names[] = {
      {"bce_with_logits", "sigmoid_cross_entropy"},
      {"BinaryCrossentropy", "sigmoid_cross_entropy"},
      {"mae", "mean_absolute_error"},
      {"l1_loss", "mean_absolute_error"},
      {"SmoothL1Loss", "huber"},
      {"mse", "mean_squared_error"},
      {"multi_margin_loss", "sum_hinge"},
      {"categorical_focal_crossentropy", "focal"},
      {"binary_focal_crossentropy", "sigmoid_focal"}};
  for (const auto& [name, ours] : names) {
    EXPECT_THAT(suggestion(name), HasSubstr(ours)) << name;
  }
}

}  // namespace
}  // namespace lenslet
