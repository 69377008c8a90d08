#include "lenslet/codegen/program.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/overloaded.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/layers/arena_plan.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layer_spec.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/onnx/metadata.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/predict/trained_inputs.h"

namespace lenslet {
namespace {

Axes Ones() { return Axes::Filled(3, 1); }

bool HasPadding(const Padding& padding) {
  const auto is_zero = [](int64_t n) { return n == 0; };
  return !std::all_of(padding.before.begin(), padding.before.end(), is_zero) ||
         !std::all_of(padding.after.begin(), padding.after.end(), is_zero);
}

// Whether a pooling can read its input as a band of rows at a time: windows lie
// one below the other, without padding.
bool PoolsBands(const PoolGeometry& pool) {
  return !pool.adaptive && WindowsAreWhole(pool) && pool.input[0] == 1 &&
         !HasPadding(pool.window.padding) && pool.window.dilation[1] == 1 &&
         pool.window.stride[1] == pool.window.kernel[1] &&
         pool.window.kernel[1] < pool.input[1];
}

// Lowers one network.
class Lowering {
 public:
  explicit Lowering(const TrainedNetwork& network)
      : graph_(network.graph), parameters_(network.parameters) {}

  absl::StatusOr<Program> Lower(const CheckpointProto& checkpoint) {
    if (graph_.inputs().size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the network has ", graph_.inputs().size(), " inputs; expected 1"));
    }
    for (const float number : parameters_.array()) {
      if (!std::isfinite(number)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "the network has the parameter ", number, "; expected numbers"));
      }
    }
    program_.name = checkpoint.model().name();
    program_.input = graph_.inputs()[0].shape;
    program_.bytes =
        TrainedInputsFromCheckpoint(checkpoint)
            .type.value_or(
                UsualInputType(program_.input).value_or(ElementType::kUint8)) ==
        ElementType::kUint8;
    program_.normalization = NormalizationFromProto(checkpoint.normalization());
    program_.class_names = {checkpoint.class_name().begin(),
                            checkpoint.class_name().end()};
    FindReaders();
    values_.resize(graph_.value_count(), -1);
    values_[0] = NewValue(program_.input);
    for (size_t i = 0; i < graph_.nodes().size(); ++i) {
      node_ = &graph_.nodes()[i];
      value_ = graph_.ValueOfNode(static_cast<int>(i));
      const absl::Status status =
          std::visit([&](const auto& layer) { return LowerKind(layer); },
                     node_->layer.spec());
      if (!status.ok()) {
        return AtPlace(status, absl::StrCat("layer \"", node_->name, "\""));
      }
    }
    program_.output = values_[graph_.output_value()];
    program_.classes = checkpoint.target_kind() == CLASSES &&
                       graph_.ShapeOfValue(graph_.output_value()).rank() == 1;
    std::vector<int64_t> sizes;
    for (const ProgramValue& value : program_.values) {
      sizes.push_back(InWholeLanes(value.shape.elements()));
    }
    PlanMemory(sizes, /*at_once=*/1, program_);
    return std::move(program_);
  }

 private:
  // What reads a value, through layers that do nothing.
  void FindReaders() {
    sources_.resize(graph_.value_count());
    readers_.resize(graph_.value_count(), 0);
    for (int v = 0; v < graph_.value_count(); ++v) {
      sources_[v] = v;
      const int node = graph_.NodeOfValue(v);
      if (node < 0) continue;
      const Graph::Node& n = graph_.nodes()[node];
      if (n.layer.IsReshape(/*training=*/false)) {
        sources_[v] = sources_[n.inputs[0]];
        continue;
      }
      for (const int input : n.inputs) ++readers_[sources_[input]];
    }
    ++readers_[sources_[graph_.output_value()]];
  }

  int NewValue(const Shape& shape) {
    program_.values.push_back({.shape = shape});
    return static_cast<int>(program_.values.size()) - 1;
  }

  const Shape& image() const { return graph_.ShapeOfValue(node_->inputs[0]); }
  absl::Span<const float> parameter(int i) const {
    return parameters_.view(node_->first_parameter + i).span();
  }

  // Appends `count` zeros to the weights and returns where they start.
  int64_t Allocate(int64_t count) {
    const int64_t start = static_cast<int64_t>(program_.weights.size());
    program_.weights.resize(start + count);
    return start;
  }

  Step NewStep() const {
    Step step{.layer = node_->name,
              .details = absl::StrCat(node_->layer.type(), " ",
                                      node_->layer.Details()),
              .kind = CopyStep()};
    while (step.details.back() == ' ') step.details.pop_back();
    for (const int input : node_->inputs) {
      step.inputs.push_back(values_[input]);
    }
    step.computed = node_->output;
    return step;
  }

  absl::Status Add(Step step) {
    step.output = values_[value_] = NewValue(node_->output);
    program_.steps.push_back(std::move(step));
    return absl::OkStatus();
  }

  // The step whose output only this node reads, if it was the last one added.
  Step* StepBefore() {
    const int source = sources_[node_->inputs[0]];
    if (program_.steps.empty() || readers_[source] != 1) return nullptr;
    Step& last = program_.steps.back();
    return last.output == values_[node_->inputs[0]] ? &last : nullptr;
  }

  absl::Status AddFunction(std::variant<ActivationSpec, ScaleFunction> kind) {
    Function function{.layer = node_->name,
                      .type = node_->layer.type(),
                      .kind = std::move(kind)};
    Step* before = StepBefore();
    if (before != nullptr && !before->pool.has_value()) {
      before->functions.push_back(std::move(function));
      values_[value_] = before->output;
      return absl::OkStatus();
    }
    Step step = NewStep();
    step.details = "";
    step.functions.push_back(std::move(function));
    return Add(std::move(step));
  }

  absl::Status AddPool(const PoolGeometry& pool) {
    Step* before = StepBefore();
    const SumsStep* sums =
        before == nullptr ? nullptr : std::get_if<SumsStep>(&before->kind);
    if (sums == nullptr || sums->row_groups() > 1 || before->pool.has_value() ||
        !PoolsBands(pool)) {
      Step step = NewStep();
      step.kind = PoolStep{pool};
      return Add(std::move(step));
    }
    const Step described = NewStep();
    before->pool = pool;
    before->pool_layer = described.layer;
    before->pool_details = described.details;
    values_[value_] = before->output;
    program_.values[before->output].shape = node_->output;
    return absl::OkStatus();
  }

  // Appends numbers as they are.
  int64_t AddVector(absl::Span<const float> numbers) {
    const int64_t start = Allocate(InWholeLanes(numbers.size()));
    std::copy(numbers.begin(), numbers.end(), program_.weights.begin() + start);
    return start;
  }

  // Appends the bias, or zeros.
  int64_t AddBias(const SumsStep& sums, bool has_bias) {
    const int64_t start = Allocate(sums.row_groups() * sums.row());
    if (!has_bias) return start;
    for (int64_t k = 0; k < sums.output_channels; ++k) {
      const int64_t g = k / sums.group_outputs();
      program_.weights[start + g * sums.row() + k % sums.group_outputs()] =
          parameter(1)[k];
    }
    return start;
  }

  // Appends the weights; weight_of(k, tap, c) gives each.
  template <typename WeightOf>
  int64_t AddWeights(const SumsStep& sums, WeightOf weight_of) {
    const int64_t taps = Volume(sums.window.kernel);
    const int64_t inputs = sums.group_inputs();
    const int64_t start =
        Allocate(sums.row_groups() * taps * inputs * sums.row());
    for (int64_t k = 0; k < sums.output_channels; ++k) {
      const int64_t g = k / sums.group_outputs();
      for (int64_t t = 0; t < taps; ++t) {
        for (int64_t c = 0; c < inputs; ++c) {
          program_.weights[start + ((g * taps + t) * inputs + c) * sums.row() +
                           k % sums.group_outputs()] = weight_of(k, t, c);
        }
      }
    }
    return start;
  }

  absl::Status LowerKind(const ConvLayer& layer) {
    ConvSpec spec = layer.spec;
    spec.input_channels = image().dim(layer.rank);
    LENSLET_ASSIGN_OR_RETURN(const ConvGeometry g, Resolve(spec, image()));
    Step step = NewStep();
    SumsStep sums{.window = g.window,
                  .input = g.input,
                  .output = g.output,
                  .groups = g.groups,
                  .input_channels = g.input_channels,
                  .output_channels = g.output_channels,
                  .depthwise = IsDepthwise(g)};
    if (g.padding_mode != PaddingMode::kZero) {
      LENSLET_RETURN_IF_ERROR(AddPadding(g, sums, step));
    }
    const int64_t taps = Volume(g.window.kernel);
    const int64_t inputs = sums.group_inputs();
    // Where each output channel's kernels start, in a table of connections.
    std::vector<int64_t> first;
    int64_t pairs = 0;
    for (const auto& channels : g.connections) {
      first.push_back(pairs);
      pairs += static_cast<int64_t>(channels.size());
    }
    sums.weight = AddWeights(sums, [&](int64_t k, int64_t t, int64_t c) {
      // Reversing each axis reverses the whole.
      if (g.flip) t = taps - 1 - t;
      if (g.connections.empty()) {
        return parameter(0)[(k * taps + t) * inputs + c];
      }
      const std::vector<int64_t>& channels = g.connections[k];
      const auto found = std::find(channels.begin(), channels.end(), c);
      if (found == channels.end()) return 0.0f;
      return parameter(0)[(first[k] + (found - channels.begin())) * taps + t];
    });
    sums.bias = AddBias(sums, g.has_bias);
    step.kind = std::move(sums);
    return Add(std::move(step));
  }

  // Pads in a step before, which writes the input that `sums` then reads.
  absl::Status AddPadding(const ConvGeometry& g, SumsStep& sums, Step& step) {
    const Axes padded = PaddedInput(g);
    Step pad = NewStep();
    pad.details = absl::StrCat("padding, ", Name(g.padding_mode));
    pad.kind = PadStep{{.mode = g.padding_mode,
                        .padding = g.window.padding,
                        .input = g.input,
                        .output = padded,
                        .channels = g.input_channels}};
    LENSLET_ASSIGN_OR_RETURN(
        const Shape shape,
        Shape::Create({padded[0], padded[1], padded[2], g.input_channels}));
    pad.computed = shape;
    pad.output = NewValue(shape);
    step.inputs[0] = pad.output;
    program_.steps.push_back(std::move(pad));
    sums.input = padded;
    sums.window.padding = {Axes::Filled(3, 0), Axes::Filled(3, 0)};
    return absl::OkStatus();
  }

  absl::Status LowerKind(const ConvTransposeLayer& layer) {
    ConvTransposeSpec spec = layer.spec;
    spec.input_channels = image().dim(layer.rank);
    LENSLET_ASSIGN_OR_RETURN(const ConvTransposeGeometry g,
                             Resolve(spec, image()));
    Step step = NewStep();
    SumsStep sums{.window = g.window,
                  .input = g.input,
                  .output = g.output,
                  .transposed = true,
                  .input_channels = g.input_channels,
                  .output_channels = g.output_channels};
    const int64_t taps = Volume(g.window.kernel);
    sums.weight = AddWeights(sums, [&](int64_t k, int64_t t, int64_t c) {
      return parameter(0)[(k * taps + t) * g.input_channels + c];
    });
    sums.bias = AddBias(sums, g.has_bias);
    step.kind = std::move(sums);
    return Add(std::move(step));
  }

  absl::Status LowerKind(const LinearLayer& layer) {
    const int64_t features = image().dim(image().rank() - 1);
    const int64_t positions = image().elements() / features;
    Step step = NewStep();
    SumsStep sums{
        .window = {.kernel = Ones(),
                   .stride = Ones(),
                   .dilation = Ones(),
                   .padding = {Axes::Filled(3, 0), Axes::Filled(3, 0)}},
        .input = {1, 1, positions},
        .output = {1, 1, positions},
        .input_channels = features,
        .output_channels = layer.spec.output_features};
    sums.weight = AddWeights(sums, [&](int64_t k, int64_t, int64_t c) {
      return parameter(0)[k * features + c];
    });
    sums.bias = AddBias(sums, layer.spec.has_bias);
    step.kind = std::move(sums);
    return Add(std::move(step));
  }

  absl::Status LowerKind(const PoolLayer& pool) { return LowerPool(pool.spec); }
  absl::Status LowerKind(const AdaptivePoolLayer& pool) {
    const int rank = image().rank() - 1;
    return LowerPool({.kind = pool.kind,
                      .output = pool.output.rank() == 1
                                    ? Axes::Filled(rank, pool.output[0])
                                    : pool.output});
  }
  absl::Status LowerKind(const GlobalPoolLayer& pool) {
    return LowerPool(
        {.kind = pool.kind, .output = Axes::Filled(image().rank() - 1, 1)});
  }
  absl::Status LowerPool(const PoolSpec& spec) {
    LENSLET_ASSIGN_OR_RETURN(const PoolGeometry geometry,
                             Resolve(spec, image()));
    return AddPool(geometry);
  }

  absl::Status LowerKind(const ActivationSpec& spec) {
    return AddFunction(spec);
  }

  absl::Status LowerKind(const BatchNormSpec& spec) {
    const int64_t channels =
        spec.channels > 0 ? spec.channels : image().dim(image().rank() - 1);
    ScaleFunction function{.channels = channels};
    function.scale = Allocate(InWholeLanes(channels));
    function.shift = Allocate(InWholeLanes(channels));
    for (int64_t c = 0; c < channels; ++c) {
      const double scale =
          parameter(0)[c] /
          std::sqrt(static_cast<double>(parameter(3)[c]) + spec.epsilon);
      program_.weights[function.scale + c] = static_cast<float>(scale);
      program_.weights[function.shift + c] =
          static_cast<float>(parameter(1)[c] - parameter(2)[c] * scale);
    }
    return AddFunction(function);
  }

  absl::Status LowerKind(const LayerNormSpec& spec) {
    Step step = NewStep();
    NormalizeStep normalize{.epsilon = static_cast<float>(spec.epsilon)};
    normalize.features = static_cast<int64_t>(parameter(0).size());
    normalize.rows = image().elements() / normalize.features;
    normalize.scale = AddVector(parameter(0));
    normalize.bias = AddVector(parameter(1));
    step.kind = normalize;
    return Add(std::move(step));
  }

  absl::Status LowerKind(const LrnSpec& spec) {
    Step step = NewStep();
    const int64_t channels = image().dim(image().rank() - 1);
    step.kind = LrnStep{.positions = image().elements() / channels,
                        .channels = channels,
                        .spec = spec};
    return Add(std::move(step));
  }

  absl::Status LowerKind(const ResizeSpec& spec) {
    LENSLET_ASSIGN_OR_RETURN(const ResizeGeometry g, Resolve(spec, image()));
    Step step = NewStep();
    ResizeStep resize{
        .input = g.input, .output = g.output, .channels = g.channels};
    for (int axis = 0; axis < 3; ++axis) {
      ResizeAxis& resized = resize.axes[axis];
      for (int64_t o = 0; o < g.output[axis]; ++o) {
        const ResizeTap tap = TapAt(g, axis, o);
        resized.interpolates |= tap.weight != 0;
        resized.taps.push_back(
            {.first = tap.first,
             .second = tap.second,
             .first_weight = static_cast<float>(1 - tap.weight),
             .second_weight = static_cast<float>(tap.weight)});
      }
    }
    step.kind = std::move(resize);
    return Add(std::move(step));
  }

  absl::Status LowerKind(PadSpec spec) {
    // With a number for each dimension.
    spec.padding = node_->window.padding;
    LENSLET_ASSIGN_OR_RETURN(const PadGeometry geometry,
                             Resolve(spec, image()));
    Step step = NewStep();
    step.kind = PadStep{geometry};
    return Add(std::move(step));
  }

  absl::Status LowerKind(const AddLayer&) { return LowerElementwise(false); }
  absl::Status LowerKind(const MulLayer&) { return LowerElementwise(true); }
  absl::Status LowerElementwise(bool multiplies) {
    ElementwiseStep elementwise{.multiplies = multiplies};
    for (const Shape& shape : graph_.InputShapes(*node_)) {
      elementwise.strides.push_back(StridesOf(shape));
    }
    Step step = NewStep();
    step.kind = std::move(elementwise);
    return Add(std::move(step));
  }

  absl::Status LowerKind(const ConcatSpec& spec) {
    LENSLET_ASSIGN_OR_RETURN(const ConcatGeometry geometry,
                             Resolve(spec, graph_.InputShapes(*node_)));
    Step step = NewStep();
    step.kind = ConcatStep{geometry};
    return Add(std::move(step));
  }

  absl::Status Pass() {
    values_[value_] = values_[node_->inputs[0]];
    return absl::OkStatus();
  }
  absl::Status LowerKind(const DropoutSpec&) { return Pass(); }
  absl::Status LowerKind(const FlattenLayer&) { return Pass(); }
  absl::Status LowerKind(const ReshapeLayer&) { return Pass(); }

  absl::Status LowerKind(const CustomLayer&) {
    return absl::UnimplementedError(
        absl::StrCat(node_->layer.type(),
                     " is a custom layer, whose code only its program has"));
  }

  const Graph& graph_;
  const Parameters& parameters_;
  Program program_;
  // For each value of the graph: the value whose memory it shares, how many
  // steps read that, and its index among the program's values.
  std::vector<int> sources_;
  std::vector<int> readers_;
  std::vector<int> values_;
  const Graph::Node* node_ = nullptr;
  int value_ = 0;
};

}  // namespace

void PlanMemory(absl::Span<const int64_t> sizes, int at_once,
                Program& program) {
  const auto time = [&](int step) { return std::max(0, step - at_once + 1); };
  std::vector<BufferLifetime> buffers;
  for (const int64_t size : sizes) buffers.push_back({size, 0, 0});
  const int steps = static_cast<int>(program.steps.size());
  std::vector<int> bands;
  for (int i = 0; i < steps; ++i) {
    const Step& step = program.steps[i];
    for (const int input : step.inputs) buffers[input].last = time(i);
    buffers[step.output].first = time(i);
    buffers[step.output].last = std::max(buffers[step.output].last, time(i));
    if (step.pool.has_value()) {
      const int64_t band =
          step.pool->input[2] * step.pool->channels * BandRows(*step.pool);
      bands.push_back(i);
      buffers.push_back({InWholeLanes(band), time(i), time(i)});
    }
  }
  buffers[program.output].last = time(steps);
  const ArenaPlan plan = PlanArena(buffers);
  for (size_t v = 0; v < program.values.size(); ++v) {
    program.values[v].offset = plan.offsets[v];
  }
  for (size_t b = 0; b < bands.size(); ++b) {
    program.steps[bands[b]].band = plan.offsets[program.values.size() + b];
  }
  // A vector may read beyond the last array.
  program.arena = plan.size + kWeightLanes;
}

absl::StatusOr<Program> MakeProgram(const TrainedNetwork& network) {
  return Lowering(network).Lower(network.checkpoint);
}

}  // namespace lenslet
