// A Lenslet graph as libtorch operations, with the same parameters.

#ifndef LENSLET_BENCHMARKS_PEERS_TORCH_GRAPH_H_
#define LENSLET_BENCHMARKS_PEERS_TORCH_GRAPH_H_

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"

namespace lenslet::peers {

class TorchGraph {
 public:
  // Copies the parameters, filters in NHWC's order if `channels_last`. Errors:
  // Unimplemented, naming the layer, for what the networks of the benchmark do
  // not have.
  static absl::StatusOr<std::unique_ptr<TorchGraph>> Create(
      const Graph& graph, const Parameters& initial, bool channels_last);

  // Computes the scores of images [N, channels, height, width], in either
  // memory format. In training, batch normalization uses the batch's own
  // statistics.
  torch::Tensor Forward(const torch::Tensor& images, bool training);

  const std::vector<torch::Tensor>& trainable() const { return trainable_; }

 private:
  using Inputs = std::vector<torch::Tensor>;
  struct Node {
    std::vector<int> inputs;  // As in Graph::Node.
    std::function<torch::Tensor(const Inputs&, bool training)> compute;
  };

  TorchGraph() = default;

  // Adds the next node. Its parameters, in libtorch's layouts, are the next of
  // the graph's.
  absl::Status Add(const Graph& graph, const Graph::Node& node,
                   const Parameters& initial, bool channels_last);

  std::vector<Node> nodes_;
  std::vector<torch::Tensor> trainable_;
};

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_TORCH_GRAPH_H_
