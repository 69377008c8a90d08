// LeNet on oneDNN's primitives, for batches of one size.

#ifndef LENSLET_BENCHMARKS_PEERS_ONEDNN_NETWORK_H_
#define LENSLET_BENCHMARKS_PEERS_ONEDNN_NETWORK_H_

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "dnnl.hpp"
#include "lenslet/benchmarks/peers/workload.h"
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
  // Activation functions are computed by the convolution or linear layer before
  // them, not by a primitive of their own.
  bool fuse = false;
};

// One parameter for all networks: its value and gradient, in the format that
// the first network has asked for.
struct OneDnnParameter {
  dnnl::memory value;
  dnnl::memory gradient;
};

// Functions of this class throw dnnl::error.
class OneDnnNetwork {
 public:
  // `initial` is InitialParameters(). `parameters`, either empty or filled by
  // another network of the same workload, must outlive this one.
  OneDnnNetwork(const Workload& workload, int64_t batch,
                const OneDnnOptions& options, const dnnl::engine& engine,
                const Parameters& initial,
                std::vector<OneDnnParameter>& parameters);

  // [batch, height, width]
  float* input() { return Data(input_.data); }
  // Takes other memory for input(), which Forward() reads.
  void set_input(const float* images) {
    input_.data.set_data_handle(const_cast<float*>(images));
  }
  // [batch, kClasses]
  float* scores() { return Data(scores_.data); }
  // Where to put the gradient by the scores before Backward().
  float* scores_gradient() { return Data(scores_.gradient); }

  // Both return when all is computed. Backward() sets the parameters'
  // gradients.
  void Forward() { Run(forward_); }
  void Backward() { Run(backward_); }

 private:
  // An activation, and where training needs it, the gradient by it.
  struct Value {
    dnnl::memory data;
    dnnl::memory gradient;
  };
  struct Call {
    dnnl::primitive primitive;
    std::unordered_map<int, dnnl::memory> arguments;
  };

  static float* Data(const dnnl::memory& memory) {
    return static_cast<float*>(memory.get_data_handle());
  }
  Value MakeValue(const dnnl::memory::desc& desc) const;
  void Run(const std::vector<Call>& calls);
  // Appends a call that copies `from` to memory of another format, unless it
  // has that format; returns the memory to use.
  dnnl::memory Reordered(const dnnl::memory& from,
                         const dnnl::memory::desc& desc,
                         std::vector<Call>& calls);
  // For a gradient that is computed in format `desc` and wanted in `to`:
  // returns the memory to compute it in, and appends the copying to `after`.
  dnnl::memory GradientMemory(const dnnl::memory& to,
                              const dnnl::memory::desc& desc,
                              std::vector<Call>& after);
  // Adds parameter `index`, dims and format as Lenslet has it, unless another
  // network has.
  void MakeParameter(size_t index, const dnnl::memory::desc& lenslet,
                     const dnnl::memory::desc& wanted,
                     const Parameters& initial);
  dnnl::primitive_attr FusedActivation(bool fuse) const;
  // Calls for the backward pass, before those that are there.
  void PrependBackward(std::vector<Call> calls);

  // Layers. `index` is that of the weight among the parameters; the bias is
  // next.
  Value Convolution(const Value& x, int64_t outputs, int64_t padding,
                    size_t index, const Parameters& initial);
  Value Linear(const Value& x, int64_t outputs, bool activation, size_t index,
               const Parameters& initial);
  // In place. With options.fuse only the backward pass is left to do.
  void Activate(const Value& x);
  Value Pool(const Value& x);
  // [images, features], features in the order [height, width, channels].
  Value Flatten(const Value& x);

  const Workload workload_;
  const OneDnnOptions options_;
  const dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<OneDnnParameter>& parameters_;
  Value input_;
  Value scores_;
  std::vector<Call> forward_;
  std::vector<Call> backward_;
};

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_ONEDNN_NETWORK_H_
