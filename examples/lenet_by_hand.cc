// LeNet, layer by layer: the book's network as code, and that the model file
// models/lenet.textproto is the same network.

#include <algorithm>
#include <array>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/base/text_format.h"
#include "lenslet/base/text_table.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/receptive_fields.h"
#include "lenslet/lenslet.h"
#include "lenslet/ops/receptive_field.h"
#include "lenslet/tensor/fill.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Two blocks of convolution, activation and pooling see what is where. Three
// linear layers decide which class that is.
Network BuildLenet() {
  using namespace layers;  // NOLINT: their names are the book's.
  return Network::Sequential(
             {28, 28, 1},
             {Conv2d(6, 5, {.padding = 2}), Sigmoid(), AvgPool2d(2),
              Conv2d(16, 5), Sigmoid(), AvgPool2d(2), Flatten(), Linear(120),
              Sigmoid(), Linear(84), Sigmoid(), Linear(10)})
      .value();
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
// in the image neighbors in the map are.
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

// The scores of an image. Networks start with parameters drawn from one seed.
std::vector<float> Scores(const Network& network, const Tensor& image) {
  std::vector<float> scores(10);
  LENSLET_CHECK(network.Predict(image.span(), absl::MakeSpan(scores)).ok());
  return scores;
}

bool SameLayers(const Graph& a, const Graph& b) {
  return std::equal(a.nodes().begin(), a.nodes().end(), b.nodes().begin(),
                    b.nodes().end(), [](const auto& a, const auto& b) {
                      return a.layer.type() == b.layer.type() &&
                             a.inputs == b.inputs && a.output == b.output;
                    });
}

void Main() {
  const Network by_hand = BuildLenet();
  PrintLayers(by_hand.graph());
  const Network from_file = Network::FromModel("lenet").value();
  PrintReceptiveFields(from_file.graph());

  std::cout << "models/lenet.textproto has the same layers: "
            << (SameLayers(by_hand.graph(), from_file.graph()) ? "yes" : "no")
            << "\n";
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
