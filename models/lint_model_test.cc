#include "lenslet/models/lint_model.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/random.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/models/zoo.h"

namespace lenslet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;

// "m:LINE:COLUMN: message"
std::vector<std::string> Lint(absl::string_view text) {
  std::vector<std::string> lines;
  for (const TextProblem& problem : LintModel(text, "m")) {
    lines.push_back(absl::StrCat(ToString("m", problem.place), ": ",
                                 problem.is_warning ? "warning: " : "",
                                 problem.message));
  }
  return lines;
}

TEST(LintModelTest, KnowsTheWordsOfOtherLibraries) {
  EXPECT_THAT(
      Lint(R"(input { name: "x" shape: [28, 28, 1] }
layer { name: "a" Conv { filters: 4 kernel_size: 3 padding: "same" } }
layer { name: "b" max_pooling2d { pool_size: 2 strides: 2 } }
layer { name: "c" Dense { units: 10 activation: "relu" } }
layer { name: "d" softmax {} }
epochs: 3
)"),
      ElementsAre(
          "m:2:19: layer has no field or kind \"Conv\"; did "
          "you mean \"conv2d\"?",
          "m:2:26: conv2d has no field \"filters\"; did you mean "
          "\"output_channels\"?",
          "m:2:37: conv2d has no field \"kernel_size\"; did you "
          "mean "
          "\"kernel\"?",
          "m:2:61: padding is \"same\"; expected (kernel - 1) / 2, which keeps "
          "the size if the stride is 1",
          "m:3:19: layer has no field or kind \"max_pooling2d\"; did you mean "
          "\"max_pool2d\"?",
          "m:3:35: max_pool2d has no field \"pool_size\"; did you "
          "mean \"kernel\"?",
          "m:3:48: max_pool2d has no field \"strides\"; did you mean "
          "\"stride\"?",
          "m:4:19: layer has no field or kind \"Dense\"; "
          "did "
          "you mean \"linear\"?",
          "m:4:27: linear has no field \"units\"; did you mean "
          "\"output_features\"?",
          "m:4:37: linear has no field \"activation\"; "
          "activations are layers: layer { name: \"relu1\" relu {} }",
          "m:5:19: layer has no field or kind \"softmax\"; "
          "no layer is needed for it: a model ends with scores, which the loss "
          "and the predictor turn into probabilities",
          "m:6:1: models have no field \"epochs\"; recipes have it, "
          "models do not"));
}

struct Word {
  std::string text;
  std::string answer;  // The end of a problem.
};

TEST(LintModelTest, HasAnAnswerToEachWordOfOtherLibraries) {
  const std::vector<Word> in_layers = {
      {"Dense { units: 3 }", "did you mean \"linear\"?"},
      {"linear { units: 3 }", "did you mean \"output_features\"?"},
      {"linear { out_features: 3 }", "did you mean \"output_features\"?"},
      {"linear { output_channels: 3 }", "did you mean \"output_features\"?"},
      {"linear: 3", "expected a block: linear { output_features: 3 }"},
      {"Conv2D { }", "did you mean \"conv2d\"?"},
      {"conv2d { filters: 3 }", "did you mean \"output_channels\"?"},
      {"conv2d { out_channels: 3 }", "did you mean \"output_channels\"?"},
      {"conv2d { in_channels: 3 }", "did you mean \"input_channels\"?"},
      {"conv2d { kernel_size: 3 }", "did you mean \"kernel\"?"},
      {"conv2d { strides: 2 }", "did you mean \"stride\"?"},
      {"conv2d { padding: \"same\" }",
       "expected (kernel - 1) / 2, which keeps the size if the stride is 1"},
      {"conv2d { padding: SAME }",
       "expected (kernel - 1) / 2, which keeps the size if the stride is 1"},
      {"conv2d { padding: \"valid\" }", "expected 0, the default"},
      {"conv_transpose2d { padding: \"same\" }",
       "expected (kernel - stride) / 2, which multiplies the size by the "
       "stride"},
      {"conv2d { activation: \"relu\" }",
       "activations are layers: layer { name: \"relu1\" relu {} }"},
      {"conv2d { relu {} }",
       "it is a layer kind itself: write another layer { ... }"},
      {"conv2d { name: \"a\" }",
       "it is a field of layer: write it outside of \"conv2d\""},
      {"DepthwiseConv2D {}", "expected conv2d with as many groups as channels"},
      {"maxpool { }", "did you mean \"max_pool2d\"?"},
      {"MaxPooling2D { }", "did you mean \"max_pool2d\"?"},
      {"MaxPool2d { }", "did you mean \"max_pool2d\"?"},
      {"AveragePooling2D { }", "did you mean \"avg_pool2d\"?"},
      {"pool { }", "expected max_pool2d or avg_pool2d"},
      {"max_pool2d { pool_size: 2 }", "did you mean \"kernel\"?"},
      {"GlobalAveragePooling2D {}", "did you mean \"global_avg_pool\"?"},
      {"AdaptiveAvgPool2d {}", "did you mean \"adaptive_avg_pool\"?"},
      {"BatchNormalization {}", "did you mean \"batch_norm\"?"},
      {"BatchNorm2d {}", "did you mean \"batch_norm\"?"},
      {"batch_norm { eps: 1 }", "did you mean \"epsilon\"?"},
      {"softmax {}",
       "a model ends with scores, which the loss and the predictor turn into "
       "probabilities"},
      {"LogSoftmax {}",
       "a model ends with scores, which the loss and the predictor turn into "
       "probabilities"},
      {"activation: \"relu\"",
       "activations are kinds of layers: layer { name: \"relu1\" relu {} }"},
      {"type: \"conv2d\"", "the kind is a block: relu {}"},
      {"ReLU {}", "did you mean \"relu\"?"},
      {"relu: true", "expected a block: relu {}"},
      {"LeakyReLU {}", "did you mean \"leaky_relu\"?"},
      {"Flatten {}", "did you mean \"flatten\"?"},
      {"dropout { p: 0.5 }", "did you mean \"rate\"?"},
      {"dropout { dropout_rate: 0.5 }", "did you mean \"rate\"?"},
      {"dropout: 0.5", "expected a block: dropout { rate: 0.5 }"},
      {"kernel: 3", "write it in its block, such as conv2d { kernel: ... }"},
      {"units: 3",
       "write it in its block, such as conv2d { output_channels: ... }"},
      {"SeparableConv2D {}",
       "expected two layers: a conv2d with as many groups as channels, then a "
       "conv2d with kernel: 1"},
      {"PReLU {}",
       "there is no equivalent; the nearest are relu, leaky_relu, elu and "
       "silu"},
      {"relu6 {}", "did you mean \"clip\"?"},
      {"HardSwish {}", "did you mean \"hard_swish\"?"},
      {"batch_norm { num_features: 3 }",
       "it is that of the layer before; leave it out"},
      {"conv2d { data_format: \"channels_first\" }",
       "channels are always last: [height, width, channels]; leave it out"},
      {"transformer {}", "models/model.proto lists all 47"},
  };
  for (const Word& word : in_layers) {
    const std::vector<std::string> lines =
        Lint(absl::StrCat("layer { ", word.text, " }"));
    EXPECT_THAT(lines, Contains(EndsWith(word.answer))) << word.text;
  }
  const std::vector<Word> in_models = {
      {"lr: 0.1", "recipes have it, models do not"},
      {"batch_size: 3", "recipes have it, models do not"},
      {"epochs: 3", "recipes have it, models do not"},
      {"weight_decay: 0.1", "recipes have it, models do not"},
      {"momentum: 0.9", "recipes have it, models do not"},
      {"optimizer { kind: ADAM }", "recipes have it, models do not"},
      {"conv2d { kernel: 3 }",
       "write it in its block: layer { conv2d { ... } }"},
      {"input_shape: [28, 28, 1]",
       "the input is a block: input { name: \"image\" shape: [28, 28, 1] }"},
      {"output: \"a\"",
       "the model's output is that of the layer that no other layer reads"},
  };
  for (const Word& word : in_models) {
    const std::vector<std::string> lines = Lint(word.text);
    EXPECT_THAT(lines, Contains(EndsWith(word.answer))) << word.text;
  }
}

TEST(LintModelTest, MissesAFlattenLayer) {
  EXPECT_THAT(
      Lint("input { name: 'x' shape: [8, 8, 1] }\n"
           "layer { name: 'conv' conv2d { output_channels: 4 kernel: 3 } }\n"
           "layer { name: 'fc' linear { output_features: 10 } }\n"),
      ElementsAre("m:3:1: warning: layer \"fc\": the model's output has shape "
                  "[6, 6, 10]; a classifier needs one number for each class: "
                  "linear layer \"fc\" transforms each position separately; "
                  "add a flatten layer before it"));
  EXPECT_THAT(
      Lint("input { name: 'x' shape: [28, 28, 1] }\n"
           "layer { name: 'conv' conv2d { output_channels: 3 kernel: 5 } }\n"),
      ElementsAre(
          "m:2:1: warning: layer \"conv\": the model's output has shape "
          "[24, 24, 3]; a classifier needs one number for each class: "
          "add a flatten layer and a linear layer after \"conv\""));
  // A number for each pixel is no mistake.
  EXPECT_THAT(Lint("input { name: 'x' shape: [28, 28, 1] }\n"
                   "layer { name: 'conv' conv2d { output_channels: 3 kernel: 3 "
                   "padding: 1 } }\n"),
              IsEmpty());
}

TEST(LintModelTest, ZooHasNoProblemsAndNoWarnings) {
  for (const std::string& name : ZooModelNames()) {
    EXPECT_THAT(Lint(*FindZooModel(name)), IsEmpty()) << name;
  }
}

TEST(LintModelTest, FindsAllProblemsOfForm) {
  EXPECT_THAT(
      Lint(R"(name: "x"
input { name: "image" shape: [28, 28, 1] }
layr { name: "conv1" conv2d { output_chanels: 6 kernel: "5" } }
layer { name: "norm" batch_norm { epsilon: } }
layer { name: "relu1" relu {} tanh {} }
layer { name: "relu1" rellu {} }
layer { name: "pad" pad { padding: 2 mode: MIRROR } }
layer { name: "out" linear { output_features: 10 colour: [1, 2] } } }
)"),
      ElementsAre(
          "m:3:1: models have no field \"layr\"; did you mean "
          "\"layer\"?",
          "m:3:31: conv2d has no field \"output_chanels\"; did you "
          "mean \"output_channels\"?",
          "m:3:57: kernel is \"5\"; expected 5 without quotes",
          "m:4:44: epsilon has no value; expected a number",
          "m:5:31: this layer has \"relu\" and \"tanh\"; expected one kind",
          "m:6:1: layer \"relu1\": duplicate name",
          "m:6:23: layer has no field or kind \"rellu\"; "
          "did "
          "you mean \"relu\"?",
          "m:7:44: there is no mode \"MIRROR\"; expected one of: ZERO, "
          "REFLECT, REPLICATE",
          "m:8:50: linear has no field \"colour\"; expected one "
          "of: output_features, input_features, bias, trainable",
          "m:8:69: \"}\" closes nothing: no block is open"));
}

TEST(LintModelTest, GoesOnAfterAQuotationMark) {
  EXPECT_THAT(
      Lint("input { name: 'x\" shape: 4 }\n"
           "layer { name: 'a' linear { output_features: -1 } }\n"),
      ElementsAre("m:1:15: the quotation mark is not closed on its line",
                  "m:2:28: layer \"a\": output_features is -1; expected a "
                  "number in [1, 2147483647]"));
}

TEST(LintModelTest, ClosesOpenBlocks) {
  EXPECT_THAT(
      Lint("input { name: 'x' shape: [4, 0] }\nlayer { name: 'a' relu {"),
      ElementsAre("m:1:19: input \"x\": shape[1] is 0; expected a number in "
                  "[1, 2147483647]",
                  "m:2:25: the block \"relu\" of line 2 has no end; expected "
                  "a field or \"}\""));
}

TEST(LintModelTest, FindsAllProblemsOfContents) {
  EXPECT_THAT(
      Lint(R"(name: "a\tb"
input { name: "image" shape: [28, 28, 3] }
layer { name: "conv 1" conv2d { output_channels: 6 } }
layer { name: "conv2" conv2d { output_channels: 6 kernel: 3 stride: 0 } }
layer { name: "relu2" relu {} }
layer { name: "conv3" conv2d { output_channels: 6 kernel: 3 input_channels: 4 } }
layer { name: "nothing" }
layer { name: "add" input: "conv3" add {} }
layer { name: "far" input: "image" conv2d { output_channels: 2 kernel: 30 } }
layer { name: "last" input: "realu2" linear {} }
)"),
      ElementsAre(
          "m:1:1: the model's name \"a\\tb\" has control characters; "
          "expected "
          "none",
          "m:3:1: layer \"conv 1\": its name has invalid characters; expected "
          "only letters, digits and _-./",
          "m:3:24: layer \"conv 1\": it has no kernel; expected sizes: one for "
          "both axes, or [rows, columns]",
          "m:4:61: layer \"conv2\": stride[0] is 0; expected a number in [1, "
          "2147483647]",
          "m:7:1: layer \"nothing\": missing layer kind, for example conv2d { "
          "... } or "
          "relu {}",
          "m:8:1: layer \"add\": has 1 input; expected at least 2",
          "m:9:1: layer \"far\": kernel [30, 30] with dilation [1, 1] covers "
          "30 "
          "positions of axis 0, more than the padded input's 28 (input [28, "
          "28], padding [0, 0] before and [0, 0] after)",
          "m:10:22: layer \"last\": there is no layer or input \"realu2\"; did "
          "you mean \"relu2\"?",
          "m:10:38: layer \"last\": output_features is required: a number in "
          "[1, 2147483647]"));
}

TEST(LintModelTest, FindsCirclesAndLooseEnds) {
  EXPECT_THAT(Lint("input { name: 'x' shape: 4 }\n"
                   "input { name: 'y' shape: 4 }\n"
                   "layer { name: 'a' input: 'b' relu {} }\n"
                   "layer { name: 'b' input: 'a' relu {} }\n"),
              ElementsAre("m:1:1: input \"x\": unused input",
                          "m:2:1: input \"y\": unused input",
                          "m:3:1: layer \"a\": layers form a cycle: a <- "
                          "b <- a"));
  EXPECT_THAT(Lint("input { name: 'x' shape: 4 }\n"
                   "layer { name: 'a' relu {} }\n"
                   "layer { name: 'b' input: 'x' relu {} }\n"),
              ElementsAre("m: no layer reads the outputs of 2 layers: a, b; "
                          "expected one such layer, whose output is the "
                          "network's"));
}

TEST(LintModelTest, WarnsOfWhatDoesNothing) {
  EXPECT_THAT(
      Lint(R"(input { name: "image" shape: [28, 28, 1] }
layer { name: "conv" conv2d { output_channels: 6 kernel: 3 padding: 3 } }
layer { name: "norm" batch_norm {} }
layer { name: "relu" relu {} }
layer { name: "pool" max_pool2d { kernel: 2 } }
layer { name: "relu2" leaky_relu {} }
layer { name: "flatten" flatten {} }
layer { name: "drop" dropout {} }
layer { name: "linear1" linear { output_features: 64 } }
layer { name: "linear2" linear { output_features: 10 } }
)"),
      ElementsAre(
          "m:2:1: warning: layer \"conv\": its bias does nothing, as batch "
          "normalization \"norm\" subtracts it again; bias: false saves 6 "
          "parameters",
          "m:2:1: warning: layer \"conv\": padding is 3, and a window covers "
          "only 3 positions; windows at the edge see nothing but padding",
          "m:6:1: warning: layer \"relu2\": it does nothing: no number is "
          "below "
          "0 after \"relu\"",
          "m:8:1: warning: layer \"drop\": its rate is 0: it does nothing",
          "m:10:1: warning: layer \"linear2\": there is no activation between "
          "it and \"linear1\"; one linear layer with fewer parameters could "
          "compute the same"));
}

TEST(LintModelTest, DoesNotWarnOfWhatMayBeMeant) {
  EXPECT_THAT(Lint(R"(input { name: "x" shape: 100 }
layer { name: "narrow" linear { output_features: 4 } }
layer { name: "wide" linear { output_features: 50 bias: false } }
layer { name: "norm" batch_norm {} }
layer { name: "tanh" tanh {} }
layer { name: "relu" relu {} }
layer { name: "both" input: "relu" input: "tanh" add {} }
layer { name: "relu2" relu {} }
)"),
              IsEmpty());
}

TEST(LintModelTest, SaysNoMoreAndNoLessThanBuildGraph) {
  // Texts with characters changed at random have problems if and only if they
  // cannot be built.
  const std::string lenet(*FindZooModel("lenet"));
  Random random(3);
  int wrong = 0;
  for (int i = 0; i < 300; ++i) {
    std::string text = lenet;
    const size_t at = random.Below(text.size());
    text[at] = "{}:\"[]-3a #"[random.Below(11)];
    const absl::StatusOr<ModelText> model = ParseModelText(text, "m");
    const bool builds = model.ok() && BuildGraph(*model).ok();
    const std::vector<TextProblem> problems = LintModel(text, "m");
    EXPECT_EQ(builds, std::all_of(problems.begin(), problems.end(),
                                  [](const TextProblem& problem) {
                                    return problem.is_warning;
                                  }))
        << text;
    if (!builds) ++wrong;
  }
  EXPECT_GT(wrong, 50);
}

TEST(LintModelTest, EmptyTextIsNoModel) {
  EXPECT_THAT(Lint("# Nothing.\n"),
              ElementsAre(absl::StrCat("m:1:1: ", kNoModelInText)));
}

}  // namespace
}  // namespace lenslet
