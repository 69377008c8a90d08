#include "lenslet/tests/storm_models.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "lenslet/base/check.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/padding_mode.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

constexpr double kRoundoff = 0x1p-24;

// Of an image of any value.
constexpr int64_t kMostElements = 800;

int64_t Pick(Random& random, std::initializer_list<int64_t> values) {
  return values.begin()[random.Below(static_cast<int64_t>(values.size()))];
}

bool OneIn(Random& random, int64_t n) { return random.Below(n) == 0; }

std::string PickList(Random& random, int64_t count,
                     std::initializer_list<int64_t> values) {
  std::vector<int64_t> picked;
  for (int64_t i = 0; i < count; ++i) picked.push_back(Pick(random, values));
  return absl::StrCat("[", absl::StrJoin(picked, ", "), "]");
}

absl::StatusOr<Graph> GraphOf(const std::string& model) {
  LENSLET_ASSIGN_OR_RETURN(const ModelText text,
                           ParseModelText(model, "model"));
  return BuildGraph(text);
}

// Writes a model block by block; a block is a layer, or a branch with what
// joins it.
class ModelWriter {
 public:
  explicit ModelWriter(Random& random) : random_(random) {}

  std::string Write() {
    WriteInput();
    const int64_t blocks = 1 + random_.Below(6);
    int64_t written = 0;
    // Many blocks do not fit what is before them.
    for (int tries = 0; written < blocks && tries < 50; ++tries) {
      if (TryBlock()) ++written;
    }
    // This one always does.
    if (written == 0) Add({last_}, "relu {}");
    return text_;
  }

 private:
  void WriteInput() {
    std::vector<int64_t> dims;
    int64_t elements;
    do {
      dims.clear();
      for (int64_t rank = Pick(random_, {1, 2, 2, 2, 3}); rank > 0; --rank) {
        dims.push_back(Pick(random_, {1, 2, 3, 4, 5, 6, 8, 9}));
      }
      dims.push_back(Pick(random_, {1, 1, 2, 3, 4, 8}));
      elements = Shape::Create(dims)->elements();
    } while (elements > kMostElements / 2);
    sizes_ = static_cast<int64_t>(dims.size());
    text_ = absl::StrCat("input { name: \"image\" shape: [",
                         absl::StrJoin(dims, ", "), "] }\n");
  }

  bool TryBlock() {
    const ModelWriter before = *this;
    const std::string from = last_;
    AddLayer({from});
    const int64_t kind = random_.Below(8);
    if (kind == 0) {
      Join({from, last_});
    } else if (kind == 1) {
      const std::string left = last_;
      AddLayer({from});
      Join({left, last_});
    }
    const absl::StatusOr<Graph> graph = GraphOf(text_);
    if (graph.ok() && IsSmall(*graph)) {
      sizes_ = graph->ShapeOfValue(graph->output_value()).rank();
      return true;
    }
    text_ = before.text_;
    last_ = before.last_;
    count_ = before.count_;
    exact_ = before.exact_;
    return false;
  }

  static bool IsSmall(const Graph& graph) {
    for (int value = 0; value < graph.value_count(); ++value) {
      if (graph.ShapeOfValue(value).elements() > kMostElements) return false;
    }
    return graph.parameter_count() <= kMostElements;
  }

  void Join(const std::vector<std::string>& inputs) {
    Add(inputs, OneIn(random_, 2) ? "add {}" : "concat {}");
  }

  void AddLayer(const std::vector<std::string>& inputs) { Add(inputs, Kind()); }

  void Add(const std::vector<std::string>& inputs, const std::string& kind) {
    last_ = absl::StrCat("l", count_++);
    absl::StrAppend(&text_, "layer { name: \"", last_, "\" input: [\"",
                    absl::StrJoin(inputs, "\", \""), "\"] ", kind, " }\n");
  }

  int64_t Rank() const { return std::clamp<int64_t>(sizes_ - 1, 1, 3); }

  std::string Window() {
    const int64_t rank = Rank();
    std::string text =
        absl::StrCat("kernel: ", PickList(random_, rank, {1, 2, 2, 3, 3, 5}),
                     " stride: ", PickList(random_, rank, {1, 1, 2, 2, 3, 5}));
    if (OneIn(random_, 4)) {
      absl::StrAppend(&text, " dilation: ", PickList(random_, rank, {1, 2, 3}));
    }
    if (OneIn(random_, 2)) {
      absl::StrAppend(
          &text, " padding_before: ", PickList(random_, rank, {0, 0, 1, 2, 3}),
          " padding_after: ", PickList(random_, rank, {0, 0, 1, 2}));
    }
    return text;
  }

  std::string Kind() {
    switch (random_.Below(exact_ ? 9 : 7)) {
      case 0:
      case 1:
      case 2:
        return Convolution();
      case 3:
        return absl::StrCat("conv_transpose", Rank(), "d { ", Window(),
                            " output_channels: ", Pick(random_, {1, 2, 3, 8}),
                            " }");
      case 4:
        return absl::StrCat(
            "linear { output_features: ", Pick(random_, {1, 3, 8, 17}), " }");
      case 5:
        return Copying();
      case 6:
        return Rounding();
      case 7:
        return absl::StrCat(OneIn(random_, 3) ? "min_pool" : "max_pool", Rank(),
                            "d { ", Window(),
                            OneIn(random_, 2) ? " ceil: true" : "", " }");
      default:
        return OneIn(random_, 2)   ? "relu {}"
               : OneIn(random_, 3) ? "clip { min: -2 }"
                                   : "leaky_relu { slope: 0.5 }";
    }
  }

  std::string Convolution() {
    std::string text =
        absl::StrCat("conv", Rank(), "d { ", Window(),
                     " output_channels: ", Pick(random_, {1, 2, 3, 4, 8, 17}));
    if (OneIn(random_, 4)) absl::StrAppend(&text, " groups: 2");
    if (OneIn(random_, 4)) absl::StrAppend(&text, " bias: false");
    if (OneIn(random_, 5)) absl::StrAppend(&text, " padding_mode: REPLICATE");
    if (OneIn(random_, 6)) absl::StrAppend(&text, " trainable: false");
    return absl::StrCat(text, " }");
  }

  std::string Copying() {
    switch (random_.Below(3)) {
      case 0:
        return absl::StrCat("pad { padding: 1 mode: ",
                            OneIn(random_, 2) ? "ZERO" : "REPLICATE", " }");
      case 1:
        return "flatten {}";
      default:
        return "dropout { rate: 0.5 }";
    }
  }

  std::string Rounding() {
    exact_ = false;
    switch (random_.Below(4)) {
      case 0:
        return "sigmoid {}";
      case 1:
        return "tanh {}";
      case 2:
        return "global_avg_pool {}";
      default:
        return absl::StrCat("avg_pool", Rank(), "d { ", Window(),
                            OneIn(random_, 2) ? " count_padding: false" : "",
                            OneIn(random_, 2) ? " ceil: true" : "", " }");
    }
  }

  Random& random_;
  std::string text_;
  std::string last_ = "image";
  int count_ = 0;
  int64_t sizes_ = 0;  // Dimensions of an image of the last layer.
  bool exact_ = true;  // Whether no layer rounds so far.
};

// What is known of a value or a gradient before it is computed.
struct Bound {
  double size = 0;   // The largest, absolute.
  double error = 0;  // How far two backends' may be apart.
};

// Of a layer: how much larger results can be than inputs (the largest sum of
// absolute factors), and how many terms they have.
struct Growth {
  double forward = 1;
  double backward = 1;
  double terms = 1;  // Of the longer sum.
  bool rounds = false;
  double function_error = 0;
};

// Sums of multiples of `unit` that stay below 2^24 units are exact.
double RoundingError(double size, double terms, double unit) {
  return size < 0x1p24 * unit ? 0 : (terms + 2) * kRoundoff * size;
}

// The bounds of a network, whose inputs are whole numbers up to kInput, whose
// output gradients are up to kGradient, and whose weights are 0, 1 or -1.
class ModelBounds {
 public:
  static constexpr int64_t kInput = 3;
  static constexpr int64_t kGradient = 2;

  ModelBounds(const Graph& graph, const Parameters& parameters, int64_t images)
      : graph_(graph),
        parameters_(parameters),
        images_(images),
        values_(graph.value_count()),
        gradients_(graph.value_count()) {
    for (size_t i = 0; i < graph.inputs().size(); ++i) {
      values_[i].size = kInput;
    }
    for (size_t i = 0; i < graph.nodes().size(); ++i) {
      growth_.push_back(GrowthOf(graph.nodes()[i]));
      Forward(static_cast<int>(i));
    }
    gradients_[graph.output_value()].size = kGradient;
    for (int i = static_cast<int>(graph.nodes().size()) - 1; i >= 0; --i) {
      Backward(i);
    }
  }

  double OutputError() const { return values_[graph_.output_value()].error; }
  double InputGradientError() const { return gradients_[0].error; }

  // Of the gradient w.r.t. a parameter of node i: a sum over images and
  // positions of products of an input, or 1, and the output's gradient.
  double ParameterGradientError(int i) const {
    const Graph::Node& node = graph_.nodes()[i];
    const Bound& x = values_[node.inputs[0]];
    const Bound& dy = gradients_[graph_.ValueOfNode(i)];
    const double positions = static_cast<double>(
        images_ * std::max(node.output.elements(),
                           graph_.ShapeOfValue(node.inputs[0]).elements()));
    const double size = positions * std::max(x.size, 1.0) * dy.size;
    return positions * (std::max(x.size, 1.0) * dy.error + dy.size * x.error +
                        x.error * dy.error) +
           RoundingError(size, 4 * std::sqrt(positions),
                         rounded_ ? 0 : unit_ * unit_);
  }

 private:
  static bool Replicates(const Layer& layer) {
    const auto* conv = std::get_if<ConvLayer>(&layer.spec());
    return conv != nullptr &&
           conv->spec.padding_mode == PaddingMode::kReplicate;
  }

  Growth GrowthOf(const Graph::Node& node) {
    const std::string type = node.layer.type();
    const double taps =
        node.reach == Reach::kWindow
            ? static_cast<double>(Volume(To3d(node.window.kernel)))
            : 1;
    if (node.parameter_count > 0) return WeightsOf(node);
    if (type == "Add") {
      return {.forward = static_cast<double>(node.inputs.size()),
              .terms = static_cast<double>(node.inputs.size())};
    }
    if (absl::StartsWith(type, "MaxPool") ||
        absl::StartsWith(type, "MinPool")) {
      return {.backward = taps, .terms = taps};
    }
    if (type == "Pad") {
      // Of one number, at most all that there are.
      const double copies = static_cast<double>(node.output.elements());
      return {.backward = copies, .terms = copies};
    }
    if (type == "LeakyRelu") unit_ /= 2;
    if (type == "Dropout") return {.forward = 2, .backward = 2};
    if (absl::StrContains(type, "AvgPool")) {
      const double inputs =
          static_cast<double>(graph_.ShapeOfValue(node.inputs[0]).elements());
      return {
          .backward = taps, .terms = std::max(taps, inputs), .rounds = true};
    }
    if (type == "Sigmoid" || type == "Tanh") {
      // As in the operator's own test.
      return {.rounds = true, .function_error = 4 * 0x1p-23};
    }
    LENSLET_CHECK(type == "Relu" || type == "LeakyRelu" || type == "Clip" ||
                  type == "Concat" || type == "Flatten");
    return {};
  }

  Growth WeightsOf(const Graph::Node& node) const {
    const View<const float> weight = parameters_.view(node.first_parameter);
    const int64_t row_size = weight.shape().inner_elements();
    const int64_t columns = weight.shape().dim(weight.shape().rank() - 1);
    Growth growth = {.forward = 0, .backward = 0};
    std::vector<double> by_column(columns);
    for (int64_t row = 0; row < weight.shape().dim(0); ++row) {
      double sum = 0;
      for (int64_t i = 0; i < row_size; ++i) {
        sum += std::abs(weight[row * row_size + i]);
        by_column[i % columns] += std::abs(weight[row * row_size + i]);
      }
      growth.forward = std::max(growth.forward, sum);
    }
    // Padding of copies lets one number be read from several positions.
    const double copies =
        static_cast<double>(graph_.ShapeOfValue(node.inputs[0]).elements() *
                            Replicates(node.layer)) +
        1;
    for (const double sum : by_column) {
      growth.backward = std::max(growth.backward, sum * copies);
    }
    growth.terms = std::max(growth.forward, growth.backward);
    return growth;
  }

  void Forward(int i) {
    const Graph::Node& node = graph_.nodes()[i];
    const Growth& growth = growth_[i];
    Bound& y = values_[graph_.ValueOfNode(i)];
    for (const int input : node.inputs) {
      y.size = std::max(y.size, values_[input].size);
      y.error = std::max(y.error, values_[input].error);
    }
    y.error *= growth.forward;
    y.size = growth.forward * y.size;
    if (node.parameter_count > 0) y.size += kInput;  // The bias.
    if (growth.rounds) rounded_ = true;
    y.error += growth.function_error +
               RoundingError(y.size, growth.terms, rounded_ ? 0 : unit_);
  }

  void Backward(int i) {
    const Graph::Node& node = graph_.nodes()[i];
    const Growth& growth = growth_[i];
    const Bound& y = values_[graph_.ValueOfNode(i)];
    const Bound& dy = gradients_[graph_.ValueOfNode(i)];
    const double size = growth.backward * dy.size;
    double error = growth.backward * dy.error +
                   RoundingError(size, growth.terms, rounded_ ? 0 : unit_);
    // The slope is that at y: 1 - y^2 of tanh, y (1 - y) of a sigmoid.
    if (growth.function_error > 0) {
      error += dy.size * (2 * y.error + 4 * kRoundoff);
    }
    for (const int input : node.inputs) {
      Bound& dx = gradients_[input];
      dx.size += size;
      dx.error += error + kRoundoff * dx.size * (rounded_ ? 1 : 0);
    }
  }

  const Graph& graph_;
  const Parameters& parameters_;
  const int64_t images_;
  std::vector<Bound> values_;
  std::vector<Bound> gradients_;
  std::vector<Growth> growth_;
  // What all numbers are multiples of, as long as none has been rounded.
  double unit_ = 1;
  bool rounded_ = false;
};

int64_t Whole(Random& random, int64_t most) {
  return random.Below(2 * most + 1) - most;
}

void FillWhole(Random& random, int64_t most, absl::Span<float> values) {
  for (float& value : values) {
    value = static_cast<float>(Whole(random, most));
  }
}

// Two weights of each output are 1 or -1, so that numbers stay small; which
// ones depends on the output, so that all inputs are read.
void FillParameters(Random& random, const Graph& graph,
                    Parameters& parameters) {
  for (int i = 0; i < parameters.size(); ++i) {
    const View<float> view = parameters.view(i);
    if (graph.parameters()[i].info.role != ParameterRole::kWeight) {
      FillWhole(random, /*most=*/2, view.span());
      continue;
    }
    std::fill(view.span().begin(), view.span().end(), 0.0f);
    const int64_t row_size = view.shape().inner_elements();
    for (int64_t row = 0; row < view.shape().dim(0); ++row) {
      for (int n = 0; n < 2; ++n) {
        view[row * row_size + random.Below(row_size)] =
            OneIn(random, 2) ? 1.0f : -1.0f;
      }
    }
  }
}

// Runs one executor, with memory for the gradients.
class Runner {
 public:
  Runner(const Graph& graph, const Parameters& parameters,
         const ExecutorOptions& options)
      : options_(options), gradients_(*Parameters::Create(graph)) {
    absl::StatusOr<std::unique_ptr<Executor>> created =
        Executor::Create(graph, parameters, options);
    LENSLET_EXPECT_OK(created.status());
    if (created.ok()) executor_ = *std::move(created);
  }

  bool ok() const { return executor_ != nullptr; }

  void Run(Random random, int64_t images) {
    LENSLET_EXPECT_OK(executor_->ParametersChanged());
    FillWhole(random, ModelBounds::kInput, executor_->input().span());
    executor_->Seed(random.Bits());
    executor_->Forward(images);
    const View<const float> y = executor_->output().Slice(0, images);
    output.assign(y.span().begin(), y.span().end());
    if (!options_.training) return;
    std::fill(gradients_.array().begin(), gradients_.array().end(), 0.0f);
    FillWhole(random, ModelBounds::kGradient,
              executor_->output_gradient().span());
    executor_->Backward(images, gradients_.array());
    const View<const float> dx = executor_->InputGradient().Slice(0, images);
    input_gradient.assign(dx.span().begin(), dx.span().end());
  }

  Parameters& gradients() { return gradients_; }

  std::vector<float> output;
  std::vector<float> input_gradient;

 private:
  const ExecutorOptions options_;
  Parameters gradients_;
  std::unique_ptr<Executor> executor_;
};

void ExpectNear(absl::Span<const float> actual,
                absl::Span<const float> expected, double tolerance,
                const std::string& what) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], tolerance) << what << ", element " << i;
  }
}

}  // namespace

std::string RandomModel(Random& random) { return ModelWriter(random).Write(); }

void CheckModelAgainstReference(const std::string& model, Backend backend,
                                bool training, Random& random) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Graph graph, GraphOf(model));
  Parameters parameters = *Parameters::Create(graph);
  FillParameters(random, graph, parameters);
  const int64_t block = Pick(random, {1, 2, 3, 17});
  ExecutorOptions options = {.backend = backend,
                             .images = block,
                             .training = training,
                             .keep_outputs = OneIn(random, 4),
                             .input_gradients = training};
  Runner actual(graph, parameters, options);
  options.backend = Backend::kReference;
  Runner expected(graph, parameters, options);
  ASSERT_TRUE(actual.ok() && expected.ok());
  int round = 0;
  for (const int64_t images : {block, (block + 1) / 2}) {
    SCOPED_TRACE(absl::StrCat(images, " of ", block, " images, round ", round));
    if (round++ > 0) FillParameters(random, graph, parameters);
    const uint64_t seed = random.Bits();
    actual.Run(Random(seed), images);
    expected.Run(Random(seed), images);
    const ModelBounds bounds(graph, parameters, images);
    ExpectNear(actual.output, expected.output, bounds.OutputError(), "output");
    if (!training) continue;
    ExpectNear(actual.input_gradient, expected.input_gradient,
               bounds.InputGradientError(), "gradient of the input");
    for (size_t i = 0; i < graph.nodes().size(); ++i) {
      const Graph::Node& node = graph.nodes()[i];
      for (int p = 0; p < node.parameter_count; ++p) {
        const int parameter = node.first_parameter + p;
        ExpectNear(actual.gradients().view(parameter).span(),
                   expected.gradients().view(parameter).span(),
                   bounds.ParameterGradientError(static_cast<int>(i)),
                   graph.parameters()[parameter].name);
      }
    }
  }
}

}  // namespace lenslet
