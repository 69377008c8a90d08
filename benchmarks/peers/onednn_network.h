// A Lenslet graph as oneDNN's primitives, with the same parameters, for batches
// of one size.

#ifndef LENSLET_BENCHMARKS_PEERS_ONEDNN_NETWORK_H_
#define LENSLET_BENCHMARKS_PEERS_ONEDNN_NETWORK_H_

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "dnnl.hpp"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"

namespace lenslet::peers {

// How activations lie in memory.
enum class OneDnnFormat : uint8_t {
  kNhwc,
  // As oneDNN's convolutions ask for, such as blocks of 16 channels.
  kAny,
  // kAny up to the first pooling, kNhwc from then on.
  kMixed,
};

// Ways of using oneDNN, of which none is best for everything.
struct OneDnnOptions {
  bool training = false;
  OneDnnFormat format = OneDnnFormat::kNhwc;
  // Activation functions are computed by the layer before them, where oneDNN
  // can, not by a separate primitive.
  bool fuse = false;
};

// One parameter for all networks: its value and gradient, in the format that
// the first network has asked for. Without a gradient if it is not trained.
struct OneDnnParameter {
  dnnl::memory value;
  dnnl::memory gradient;
};

// In training, batch normalization uses the batch's own statistics and does not
// keep running ones: nothing measured reads them. Functions of this class throw
// dnnl::error.
class OneDnnNetwork {
 public:
  // `initial` has the graph's parameters. `parameters`, either empty or filled
  // by another network of the same graph, must outlive this one. Throws
  // std::invalid_argument, naming the layer, for what the networks of the
  // benchmark do not have.
  OneDnnNetwork(const Graph& graph, int64_t batch, const OneDnnOptions& options,
                const dnnl::engine& engine, const Parameters& initial,
                std::vector<OneDnnParameter>& parameters);

  // [batch, height, width, channels]
  float* input() { return Data(values_[0].data); }
  // Takes other memory for input(), which Forward() reads.
  void set_input(const float* images) {
    values_[0].data.set_data_handle(const_cast<float*>(images));
  }
  // [batch, classes]
  float* scores() { return Data(scores_); }
  // Where to put the gradient w.r.t. the scores before Backward().
  float* scores_gradient() { return Data(scores_gradient_); }

  // Both return when all is computed. Backward() sets the parameters'
  // gradients.
  void Forward() { Run(forward_); }
  void Backward() { Run(backward_); }

 private:
  using Memory = dnnl::memory;
  using Calls = std::vector<std::function<void(dnnl::stream&)>>;

  // A gradient that a layer may overwrite if nobody else reads it.
  struct Gradient {
    Memory memory;
    bool is_shared = false;
  };
  // What a node has computed, and what the backward pass needs of it.
  struct Value {
    Memory data;
    // Whether no layer may compute its output in place of `data`.
    bool is_kept = false;
    // One gradient w.r.t. `data` from each of its readers.
    std::vector<Gradient> gradients = {};
    // Adds calls that take the gradient w.r.t. this value to those w.r.t. the
    // node's inputs and parameters.
    std::function<void(const Gradient&)> backward = {};
  };

  static float* Data(const Memory& memory) {
    return static_cast<float*>(memory.get_data_handle());
  }
  void Run(const Calls& calls);
  Memory New(const Memory::desc& desc) const { return Memory(desc, engine_); }
  dnnl::prop_kind ForwardKind() const;
  static void Add(Calls& calls, const dnnl::primitive& primitive,
                  std::unordered_map<int, Memory> arguments);

  // Returns `from` in another format: itself if it has that format, or else
  // memory that an additional call copies it to.
  Memory Reordered(const Memory& from, const Memory::desc& desc, Calls& calls);
  // Returns memory of format `desc` to compute a parameter's gradient in, and
  // appends a call to `after` that copies it to `to` if the formats differ.
  Memory ComputedIn(const Memory& to, const Memory::desc& desc, Calls& after);
  // Adds parameter `index` of the graph in format `wanted`, unless another
  // network has. `lenslet` is the format that Lenslet has it in.
  void MakeParameter(int index, const Memory::desc& lenslet,
                     const Memory::desc& wanted, const Parameters& initial,
                     bool is_trained = true);

  // Whether an activation that follows node `index` alone reads its output and
  // is computed with it.
  bool FusesNext(const Graph& graph, int index) const;
  dnnl::primitive_attr FusedActivation(const Graph& graph, int index) const;
  // Passes a gradient on to input `i` of the node.
  void PassOn(const Graph::Node& node, int i, Gradient gradient);
  // Whether the gradient w.r.t. input `i` is needed.
  bool HasGradient(const Graph::Node& node, int i) const {
    return node.inputs[i] != 0;
  }

  // Each adds the node's forward calls and returns its output, whose `backward`
  // is set in training. `index` is the node's.
  Value AddNode(const Graph& graph, int index, const Parameters& initial);
  Value Convolution(const Graph& graph, int index, const Parameters& initial);
  Value Linear(const Graph& graph, int index, const Parameters& initial);
  Value Pool(const Graph& graph, int index);
  Value Activate(const Graph& graph, int index);
  Value Normalize(const Graph& graph, int index, const Parameters& initial);
  Value Sum(const Graph& graph, int index);
  Value Concatenate(const Graph& graph, int index);
  Value Pad(const Graph& graph, int index);
  Value DropOut(const Graph& graph, int index);
  // For layers that only see the numbers of [batch, height, width, channels] in
  // another shape.
  Value Reshape(const Graph& graph, int index);

  const OneDnnOptions options_;
  const int64_t batch_;
  const dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<OneDnnParameter>& parameters_;
  std::vector<Value> values_;  // As the graph's.
  // Memory that other objects refer to by its address.
  std::vector<Memory> kept_;
  Memory scores_;
  Memory scores_gradient_;
  Calls forward_;
  Calls backward_;
};

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_ONEDNN_NETWORK_H_
