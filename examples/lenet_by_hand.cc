// LeNet, layer by layer: the book's network as code, and that the model file
// models/lenet.textproto is the same network.

#include <algorithm>
#include <array>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/random.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/layers/receptive_fields.h"
#include "lenslet/models/lenet.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/receptive_field.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/initializer.h"

namespace lenslet {
namespace {

// Puts each layer after the one before.
class Sequence {
 public:
  explicit Sequence(const Shape& image) { builder_.AddInput("image", image); }

  void Add(const std::string& name, const Layer& layer) {
    builder_.AddLayer(name, layer, {last_});
    last_ = name;
  }

  Graph Build() const { return builder_.Build().value(); }

 private:
  GraphBuilder builder_;
  std::string last_ = "image";
};

Graph BuildLenet() {
  using layers::AvgPool2d;
  using layers::Conv2d;
  using layers::Flatten;
  using layers::Linear;
  using layers::Sigmoid;

  Sequence lenet({28, 28, 1});
  // Two blocks of convolution, activation and pooling see what is where.
  lenet.Add("conv1", Conv2d({.output_channels = 6,
                             .window = {.kernel = {5, 5}, .padding = {2, 2}}}));
  lenet.Add("sigmoid1", Sigmoid());
  lenet.Add("pool1", AvgPool2d({.window = {.kernel = {2, 2}}}));
  lenet.Add("conv2",
            Conv2d({.output_channels = 16, .window = {.kernel = {5, 5}}}));
  lenet.Add("sigmoid2", Sigmoid());
  lenet.Add("pool2", AvgPool2d({.window = {.kernel = {2, 2}}}));
  // Three linear layers decide which class that is.
  lenet.Add("flatten", Flatten());
  lenet.Add("linear1", Linear({.output_features = 120}));
  lenet.Add("sigmoid3", Sigmoid());
  lenet.Add("linear2", Linear({.output_features = 84}));
  lenet.Add("sigmoid4", Sigmoid());
  lenet.Add("linear3", Linear({.output_features = 10}));
  return lenet.Build();
}

// As the book writes it for a batch of one image: channels before rows and
// columns.
std::string BookShape(const Shape& shape) {
  if (shape.rank() == 1) return absl::StrCat("[1, ", shape.dim(0), "]");
  return absl::StrCat("[1, ", shape.dim(2), ", ", shape.dim(0), ", ",
                      shape.dim(1), "]");
}

void PrintLayers(const Graph& graph) {
  std::vector<std::vector<std::string>> rows = {
      {"layer", "output", "in the book", "parameters", "multiply-adds"}};
  int64_t multiply_adds = 0;
  for (const Graph::Node& node : graph.nodes()) {
    int64_t parameters = 0;
    for (int i = 0; i < node.parameter_count; ++i) {
      parameters +=
          graph.parameters()[node.first_parameter + i].info.shape.elements();
    }
    multiply_adds += node.cost.multiply_adds;
    rows.push_back({node.layer.type(), node.output.ToString(),
                    BookShape(node.output), WithCommas(parameters),
                    WithCommas(node.cost.multiply_adds)});
  }
  rows.push_back({"together", "", "", WithCommas(graph.parameter_count()),
                  WithCommas(multiply_adds)});
  constexpr std::array<Align, 5> kColumns = {
      Align::kLeft, Align::kLeft, Align::kLeft, Align::kRight, Align::kRight};
  std::cout << TextTable(kColumns, rows) << "\n";
}

// How many pixels of the image one number of each map sees, and how far apart
// in the image neighbours in the map are.
void PrintReceptiveFields(const Graph& graph) {
  const std::vector<std::optional<ReceptiveField>> fields =
      ReceptiveFields(graph);
  for (const char* name : {"conv1", "pool1", "conv2", "pool2"}) {
    const std::optional<ReceptiveField>& field =
        fields[graph.ValueOfNode(graph.FindNode(name))];
    std::cout << name << " sees " << field->size[0] << "x" << field->size[1]
              << " pixels, " << field->jump[0] << " apart\n";
  }
  std::cout << "\n";
}

// The scores of an image, with parameters drawn from a seed.
std::vector<float> Scores(const Graph& graph, const Tensor& image) {
  Parameters parameters = Parameters::Create(graph).value();
  InitializeParameters(Initializer(), /*seed=*/0, parameters);
  const std::unique_ptr<Executor> executor =
      Executor::Create(graph, parameters,
                       {.backend = Backend::kReference, .images = 1})
          .value();
  std::copy(image.span().begin(), image.span().end(), executor->input().data());
  executor->Forward(1);
  return {executor->output().span().begin(), executor->output().span().end()};
}

bool SameLayers(const Graph& a, const Graph& b) {
  return std::equal(a.nodes().begin(), a.nodes().end(), b.nodes().begin(),
                    b.nodes().end(), [](const auto& a, const auto& b) {
                      return a.name == b.name &&
                             a.layer.type() == b.layer.type() &&
                             a.inputs == b.inputs && a.output == b.output;
                    });
}

void Main() {
  const Graph by_hand = BuildLenet();
  PrintLayers(by_hand);
  PrintReceptiveFields(by_hand);

  const Graph from_file = Lenet().value();
  std::cout << "models/lenet.textproto has the same layers: "
            << (SameLayers(by_hand, from_file) ? "yes" : "no") << "\n";
  Tensor image({28, 28, 1});
  Random random(/*seed=*/0);
  FillUniform(0, 1, random, image.span());
  std::cout << "and gives the same scores: "
            << (Scores(by_hand, image) == Scores(from_file, image) ? "yes"
                                                                   : "no")
            << "\n";
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
