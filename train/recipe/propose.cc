#include "lenslet/train/recipe/propose.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/utf8.h"
#include "lenslet/tensor/element_type.h"
#include "lenslet/train/recipe/commented_text.h"
#include "lenslet/train/recipe/propose_source.h"

namespace lenslet {
namespace {

constexpr int64_t kMaxSide = 64;
constexpr int64_t kSideMultiple = 8;
// Of the last layer.
constexpr int64_t kMaxWeights = 100000;

// What models/build_graph.h accepts.
std::string ModelName(const std::string& name) {
  constexpr size_t kMaxBytes = 128;
  constexpr int64_t kMaxCharacterBytes = 4;
  const std::string printable = Printable(name);
  return printable.size() <= kMaxBytes
             ? printable
             : Abbreviate(printable, kMaxBytes / kMaxCharacterBytes);
}

std::string Count(int64_t count, absl::string_view unit) {
  return absl::StrCat(WithCommas(count), " ", unit, count == 1 ? "" : "s");
}

// "64 x 48", width first, as people say.
std::string SizeText(int64_t height, int64_t width) {
  return absl::StrCat(width, " x ", height);
}

// What the texts are made from.
struct Plan {
  Shape shape = {1};
  std::string shape_reason;
  std::string examples;  // "image" or "row"
  int64_t classes = 0;
  int64_t first_channels = 16;
  int64_t max_channels = 64;
  bool few_examples = false;
  double validation_fraction = 0;
  int64_t train_examples = 0;  // Without the validation examples.
  int64_t batch_size = 0;
  int64_t epochs = 0;
  int64_t steps = 0;
  double learning_rate = 0;
};

bool IsImage(const Shape& shape) { return shape.rank() == 3; }

bool HasOneSize(const DataSurvey& survey) {
  return survey.height.min == survey.height.max &&
         survey.width.min == survey.width.max;
}

// Whether images are fitted to a shape that the recipe chooses.
bool HasFiles(const DataSurvey& survey) {
  return survey.data.has_image_folders() || survey.data.has_image_table();
}

// What the network has an output for: "class".
std::string TargetWord(const DataSurvey& survey) {
  switch (survey.target) {
    case TargetKind::kClasses:
      return "class";
    case TargetKind::kLabels:
      return "label";
    case TargetKind::kValues:
      return "value";
  }
  return "";
}

// "10 classes", "1 value"
std::string TargetsText(const DataSurvey& survey, int64_t count) {
  const std::string word = TargetWord(survey);
  return absl::StrCat(count, " ", word,
                      survey.target == TargetKind::kClasses ? "es"
                      : count == 1                          ? ""
                                                            : "s");
}

void PlanShape(const DataSurvey& survey, Plan& plan) {
  plan.shape = survey.shape;
  if (survey.data.has_npy()) {
    plan.shape_reason = "The shape of an example.";
    return;
  }
  if (!IsImage(survey.shape)) {
    plan.shape_reason =
        survey.data.has_target()
            ? "The columns of numbers, in order."
            : "The values of a row, in order: they do not fill a square image.";
    return;
  }
  const int64_t height = survey.height.median;
  const int64_t width = survey.width.median;
  const std::string channels = survey.shape.dim(2) == 3
                                   ? "three channels, because some are in color"
                                   : "one channel, because all are gray";
  const int64_t longer = std::max(height, width);
  if (!HasFiles(survey) || (HasOneSize(survey) && longer <= kMaxSide)) {
    plan.shape_reason =
        absl::StrCat("The size of the images, ", SizeText(height, width),
                     ", and ", channels, ".");
    return;
  }
  const double scale = std::min(
      1.0, static_cast<double>(kMaxSide) / static_cast<double>(longer));
  const auto side = [&](int64_t size) {
    const int64_t multiples = std::lround(static_cast<double>(size) * scale /
                                          static_cast<double>(kSideMultiple));
    return kSideMultiple * std::max<int64_t>(1, multiples);
  };
  plan.shape = {side(height), side(width), survey.shape.dim(2)};
  plan.shape_reason = absl::StrCat(
      SizeText(plan.shape.dim(0), plan.shape.dim(1)), " for images of ",
      HasOneSize(survey) ? "" : "a median size of ", SizeText(height, width),
      ": multiples of ", kSideMultiple,
      ", so that pooling can halve them several times, and at most ", kMaxSide,
      ", because twice the side takes four times as long; ", channels, ".");
}

// As SplitOff() (data/split.h) leaves them.
int64_t WithoutValidation(const std::vector<int64_t>& counts, double fraction) {
  int64_t examples = 0, given = 0, may_give = 0;
  for (const int64_t count : counts) {
    const int64_t share = std::lround(fraction * static_cast<double>(count));
    examples += count;
    given += std::min(share, std::max<int64_t>(count - 1, 0));
    if (count >= 2) ++may_give;
  }
  if (given == 0) {
    const int64_t share = std::lround(fraction * static_cast<double>(examples));
    given = std::min(share, may_give);
  }
  return examples - given;
}

void PlanTraining(const DataSurvey& survey, Plan& plan) {
  plan.validation_fraction = survey.test_counts.empty() ? 0.2 : 0.1;
  plan.train_examples =
      WithoutValidation(survey.train_counts, plan.validation_fraction);
  plan.batch_size = plan.train_examples >= 4000   ? 64
                    : plan.train_examples >= 1000 ? 32
                                                  : 16;
  const int64_t steps_per_epoch =
      (plan.train_examples + plan.batch_size - 1) / plan.batch_size;
  constexpr int64_t kWantedSteps = 2000;
  plan.epochs = std::clamp<int64_t>(kWantedSteps / steps_per_epoch, 10, 60);
  plan.steps = plan.epochs * steps_per_epoch;
  plan.learning_rate = 0.05 * static_cast<double>(plan.batch_size) / 64;
}

Plan MakePlan(const DataSurvey& survey) {
  Plan plan;
  PlanShape(survey, plan);
  plan.examples = IsImage(plan.shape) ? "image" : "row";
  plan.classes = static_cast<int64_t>(survey.class_names.size());
  if (plan.classes > 20) {
    plan.first_channels = 32;
    plan.max_channels = 128;
  }
  PlanTraining(survey, plan);
  plan.few_examples = plan.train_examples < 20000;
  return plan;
}

void WriteHeader(const DataSurvey& survey, const ProposalOptions& options,
                 const Plan& plan, CommentedText& out) {
  out.Comment(absl::StrCat(
      "Proposed by lenslet init for ", options.name, ": ",
      Count(survey.train_examples(), absl::StrCat("training ", plan.examples)),
      " of ", TargetsText(survey, plan.classes),
      ". Change whatever does not suit your data."));
}

// The body of a network for images. Returns the shape that it gives.
Shape WriteBlocks(const Plan& plan, CommentedText& out) {
  int64_t height = plan.shape.dim(0), width = plan.shape.dim(1);
  int64_t channels = plan.first_channels, before = 0;
  // Smaller maps are not halved: little would be left.
  constexpr int64_t kMinHalved = 6;
  for (int block = 1;; ++block) {
    const bool halves_height = height >= kMinHalved;
    const bool halves_width = width >= kMinHalved;
    const bool is_last = !halves_height && !halves_width;
    out.EmptyLine();
    if (block == 1) {
      out.Comment(absl::StrCat(
          channels, " kernels of 3 x 3 detect edges and spots",
          plan.first_channels > 16 ? " (more because there are many classes)"
                                   : "",
          ". Try half or twice as many: output_channels."));
    } else if (is_last) {
      out.Comment(
          "One more convolution, without pooling, because only a few pixels "
          "are left.");
    } else {
      out.Comment(before < channels
                      ? "Twice as many kernels, because later kernels respond "
                        "to larger and more varied patterns."
                      : "As many kernels as before: twice as many would take "
                        "four times as long.");
    }
    out.Line(absl::StrCat("layer { name: \"conv", block,
                          "\" conv2d { output_channels: ", channels,
                          " kernel: 3 padding: 1 } }"));
    out.Line(absl::StrCat("layer { name: \"relu", block, "\" relu {} }"));
    if (!is_last) {
      std::string kernel = "2";
      if (!halves_height) kernel = "[1, 2]";
      if (!halves_width) kernel = "[2, 1]";
      const bool is_odd = (halves_height && height % 2 == 1) ||
                          (halves_width && width % 2 == 1);
      if (is_odd) {
        out.Comment("ceil keeps the last row and column of an odd size.");
      }
      out.Line(absl::StrCat("layer { name: \"pool", block,
                            "\" max_pool2d { kernel: ", kernel,
                            is_odd ? " ceil: true" : "", " } }"));
      if (halves_height) height = (height + 1) / 2;
      if (halves_width) width = (width + 1) / 2;
    }
    out.Line(absl::StrCat("layer { name: \"norm", block,
                          "\" batch_norm {} }  # ",
                          ListText({height, width, channels})));
    if (is_last) return {height, width, channels};
    before = channels;
    channels = std::min(2 * channels, plan.max_channels);
  }
}

std::string WriteModel(const DataSurvey& survey, const ProposalOptions& options,
                       const Plan& plan) {
  CommentedText out;
  WriteHeader(survey, options, plan, out);
  out.EmptyLine();
  out.Line(absl::StrCat("name: ", Quoted(options.name)));
  out.EmptyLine();
  out.Open("input");
  out.Line(
      absl::StrCat("name: ", IsImage(plan.shape) ? "\"image\"" : "\"values\""));
  out.Comment(plan.shape_reason);
  if (HasFiles(survey)) {
    out.Comment(
        "To change it, change the shape in the recipe, too: [height, width, "
        "channels].");
  }
  out.Line(absl::StrCat("shape: ", ListText(plan.shape)));
  out.Close();
  if (IsImage(plan.shape)) {
    out.EmptyLine();
    out.Comment(
        "Blocks of convolution, rectifier, pooling and normalization. Each "
        "halves the image, so that the kernels of later blocks see larger "
        "parts of it. Normalization speeds up training. It comes after "
        "pooling, which leaves a quarter of the numbers to normalize.");
    const Shape maps = WriteBlocks(plan, out);
    out.EmptyLine();
    if (maps.elements() * plan.classes > kMaxWeights) {
      out.Comment(absl::StrCat(
          "Averages each map over all positions: a weight for each position "
          "and each of ",
          TargetsText(survey, plan.classes), " would be too many."));
      out.Line("layer { name: \"average\" global_avg_pool {} }");
    } else {
      out.Comment(
          "Joins the maps into one vector: each position has its own weights. "
          "If objects may be anywhere in the image, try global_avg_pool {} "
          "before it.");
    }
    out.Line("layer { name: \"flatten\" flatten {} }");
  } else {
    out.EmptyLine();
    if (plan.shape.rank() > 1) {
      out.Comment("Joins all values into one vector.");
      out.Line("layer { name: \"flatten\" flatten {} }");
    }
    out.Comment("128 weighted sums of all values. Try half or twice as many.");
    out.Line("layer { name: \"linear1\" linear { output_features: 128 } }");
    out.Line("layer { name: \"relu1\" relu {} }");
    out.Line("layer { name: \"norm1\" batch_norm {} }");
  }
  if (plan.few_examples) {
    out.EmptyLine();
    out.Comment(absl::StrCat(
        "Sets a random quarter of the values to 0 in training. This reduces "
        "overfitting, which is likely with ",
        Count(plan.train_examples, plan.examples), "."));
    out.Line("layer { name: \"dropout\" dropout { rate: 0.25 } }");
  }
  out.EmptyLine();
  switch (survey.target) {
    case TargetKind::kClasses:
      out.Comment("A score for each class.");
      break;
    case TargetKind::kLabels:
      out.Comment("A score for each label, above 0 if it applies.");
      break;
    case TargetKind::kValues:
      out.Comment("The values themselves.");
      break;
  }
  const std::string word = TargetWord(survey);
  out.Line(absl::StrCat("layer { name: \"",
                        word == "class"   ? "classes"
                        : word == "label" ? "labels"
                                          : "numbers",
                        "\" linear { output_features: ", plan.classes, " } }"));
  return out.text();
}

// Whether the images are likely to be photos, which may be mirrored. Names of
// classes with single characters are those of letters and digits.
bool LookLikePhotos(const DataSurvey& survey, const Plan& plan) {
  if (!IsImage(plan.shape) || plan.shape.dim(2) != 3) return false;
  return !std::all_of(survey.class_names.begin(), survey.class_names.end(),
                      [](const std::string& name) {
                        return name.size() == 1 ||
                               std::all_of(name.begin(), name.end(),
                                           absl::ascii_isdigit);
                      });
}

void WriteAugmentation(const DataSurvey& survey, const Plan& plan,
                       CommentedText& out) {
  out.EmptyLine();
  out.Comment(
      "Random changes to the training images, so that each epoch sees new "
      "ones. Use only changes that keep the class of an image.");
  out.Open("augmentation");
  const int64_t side = std::max(plan.shape.dim(0), plan.shape.dim(1));
  const int64_t shift = std::max<int64_t>(1, side / 16);
  out.Comment(
      absl::StrCat("Shifts images by up to ", Count(shift, "pixel"),
                   ", because objects are not always in the same place."));
  out.Line(absl::StrCat("shift: ", shift));
  if (LookLikePhotos(survey, plan)) {
    out.Comment(
        "Mirrors half of the images. Remove this line if they show text, "
        "digits or arrows, which mirroring changes.");
    out.Line("flip: true");
  } else {
    out.Comment(
        "Mirroring suits most photos, but not text or digits. To use it, "
        "remove the # from the next line.");
    out.Comment("flip: true");
  }
  out.Comment("Another change to try: rotation: 10");
  out.Close();
}

// Whether some classes have many times the examples of others. A class without
// examples has no weight.
bool IsUnbalanced(const std::vector<int64_t>& counts) {
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  return *least > 0 && *most >= 2 * *least;
}

void WriteLoss(const std::vector<int64_t>& counts, CommentedText& out) {
  out.EmptyLine();
  out.Open("loss");
  if (IsUnbalanced(counts)) {
    const auto [least, most] =
        std::minmax_element(counts.begin(), counts.end());
    out.Comment(absl::StrCat(
        "The classes have ", WithCommas(*least), " to ", WithCommas(*most),
        " training examples. With balanced, examples of rare classes count "
        "more. Without it, the accuracy over all examples may be higher, but "
        "that of rare classes lower."));
    out.Line("balanced: true");
  }
  out.Comment("Label smoothing keeps the network from becoming overconfident.");
  if (IsUnbalanced(counts)) {
    out.Comment(
        "The weight of an example's class is that of its whole loss. Otherwise "
        "the part of the target that all classes share would count most for "
        "the rarest class.");
    out.Line("cross_entropy { label_smoothing: 0.1 weigh_by_label: true }");
  } else {
    out.Line("cross_entropy { label_smoothing: 0.1 }");
  }
  out.Close();
  if (IsUnbalanced(counts)) {
    out.Comment(
        "Limits an update, because an example of a rare class counts much.");
    out.Line("clip_norm: 1");
  }
}

void WriteNesterov(const Plan& plan, CommentedText& out) {
  out.Comment(
      plan.few_examples
          ? "Nesterov momentum, and weight decay, which keeps weights small. "
            "Decay helps most when examples are few; 0.0005 is usual for large "
            "data sets."
          : "Nesterov momentum, and weight decay, which keeps weights small.");
  out.Open("optimizer");
  out.Line("kind: NESTEROV");
  out.Line(absl::StrCat("weight_decay: ", plan.few_examples ? 0.005 : 0.0005));
  out.Line("decay_all: false");
  out.Close();
  out.Comment(absl::StrCat(
      "A usual rate for batches of ", plan.batch_size,
      " with batch normalization; change it in proportion to the batch size. "
      "lenslet find-rate suggests a rate for your data."));
  out.Line(absl::StrCat("learning_rate: ", plan.learning_rate));
}

void WriteCourse(const Plan& plan, CommentedText& out) {
  out.Comment("Rises for a sixth of the run, then falls to 0.");
  out.Line("schedule { one_cycle { start_factor: 0.3 peak_fraction: 0.17 } }");
  out.Comment(
      "Averages of the parameters over the last steps are usually more "
      "accurate "
      "than the last parameters.");
  out.Line(absl::StrCat("average_decay: ", plan.steps >= 1500 ? 0.998 : 0.99));
}

std::string WriteRecipe(const DataSurvey& survey,
                        const ProposalOptions& options, const Plan& plan) {
  CommentedText out;
  WriteHeader(survey, options, plan, out);
  out.Comment(
      "To change a field for one run: lenslet train RECIPE --set=FIELD=VALUE. "
      "To compare several values of a field: lenslet sweep.");
  out.EmptyLine();
  out.Line(absl::StrCat("name: ", Quoted(options.name)));
  out.Line(absl::StrCat("model: ", Quoted(kModelFileName)));
  out.EmptyLine();
  out.Open("data");
  WriteSource(survey, options.folder, plan.shape, plan.shape_reason, out);
  out.Comment(absl::StrCat(
      "The part of the training examples to set aside for validation. Compare "
      "recipes by their validation accuracy",
      survey.test_counts.empty()
          ? ", because there are no test examples."
          : ". Look at the test accuracy only at the end: if you choose a "
            "recipe by it, it is optimistic."));
  out.Line(absl::StrCat("validation_fraction: ", plan.validation_fraction));
  out.Comment("Inputs of mean 0 and standard deviation 1 speed up training.");
  out.Line("normalization {}");
  out.Close();
  // In a smaller image, a pixel is a large part.
  constexpr int64_t kMinShiftedSide = 12;
  if (IsImage(plan.shape) &&
      (HasFiles(survey) || survey.type == ElementType::kUint8) &&
      std::min(plan.shape.dim(0), plan.shape.dim(1)) >= kMinShiftedSide) {
    WriteAugmentation(survey, plan, out);
  }
  out.EmptyLine();
  out.Comment(absl::StrCat(Count(plan.steps / plan.epochs, "update"),
                           " per epoch of ",
                           Count(plan.train_examples, plan.examples), "."));
  out.Line(absl::StrCat("batch_size: ", plan.batch_size));
  out.Comment(absl::StrCat(
      WithCommas(plan.steps),
      " updates in all. If the validation loss is still falling at the end, "
      "try twice as many epochs; if it has risen, try more augmentation."));
  out.Line(absl::StrCat("epochs: ", plan.epochs));
  if (survey.target == TargetKind::kClasses) {
    WriteLoss(survey.train_counts, out);
  }
  out.EmptyLine();
  out.Comment("Initial weights that suit rectifiers.");
  out.Line("initializer { kind: KAIMING_NORMAL }");
  if (survey.target == TargetKind::kValues) {
    out.Comment(
        "Adam's steps have the same size for values of any size. Large values, "
        "such as prices, are learned sooner in thousands.");
    out.Line("optimizer { kind: ADAM }");
    out.Comment("lenslet find-rate suggests a rate for your data.");
    out.Line("learning_rate: 0.005");
  } else {
    WriteNesterov(plan, out);
  }
  WriteCourse(plan, out);
  return out.text();
}
}  // namespace

Proposal Propose(const DataSurvey& survey,
                 const ProposalOptions& user_options) {
  ProposalOptions options = user_options;
  options.name = ModelName(user_options.name);
  const Plan plan = MakePlan(survey);
  return {.model = WriteModel(survey, options, plan),
          .recipe = WriteRecipe(survey, options, plan),
          .shape = plan.shape};
}

}  // namespace lenslet
