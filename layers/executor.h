// Runs a graph on blocks of images: forward, and backward for training.
//
//   LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<Executor> executor,
//                            Executor::Create(graph, parameters,
//                                             {.images = 16}));
//   ... write up to 16 images to executor->input() ...
//   executor->Forward(16);
//   ... read executor->output() ...

#ifndef LENSLET_LAYERS_EXECUTOR_H_
#define LENSLET_LAYERS_EXECUTOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/memory_plan.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/epilogue.h"
#include "lenslet/ops/gradient_product.h"
#include "lenslet/ops/kernel.h"
#include "lenslet/ops/scratch.h"
#include "lenslet/tensor/buffer.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

struct ExecutorOptions {
  Backend backend = Backend::kXnnpack;
  // For inference: a backend for each node of the graph, in place of `backend`.
  // Values are converted where layouts change. Empty: `backend` for all.
  std::vector<Backend> layer_backends = {};
  // Backends to try, in this order, for layers that `backend` does not support.
  // The executor always tries the reference backend last.
  std::vector<Backend> substitutes = {};
  // The maximum number of images in a block, at least 1.
  int64_t images = 16;
  // The memory layout of input(), output() and their gradients
  // (tensor/lanes.h). They are converted if the backend uses the other layout.
  Layout layout = Layout::kImages;
  // Whether Backward() will be called.
  bool training = false;
  // Whether LayerOutput() will be called.
  bool keep_outputs = false;
  // Whether Backward() computes InputGradient() too.
  bool input_gradients = false;
  // Whether the outputs and gradients of convolutions must be sums of products.
  // Else `lanes` uses Winograd's algorithm where it is faster; its rounding
  // errors are about twice as large (ops/conv/conv_lanes_winograd.h).
  bool exact = false;
  // Whether to measure the time of each layer. Costs about 50 ns per layer.
  bool measure_time = false;
};

// Owns the kernels and the activations. Activations are in one arena, where
// buffers share memory if their lifetimes allow it. Runs on the caller's
// thread; calls must not overlap. Several executors may share parameters.
// Forward() and Backward() do not allocate.
class Executor {
 public:
  // If the backend does not support a layer, the layer runs on the first
  // substitute that does, or else on the reference backend. In training, a
  // backend without gradients does not support any layer whose backward pass is
  // needed. BackendOfLayer() returns the choice.
  //
  // An activation or pooling is fused into the kernel before it if the backend
  // supports that and nothing else needs the values between them.
  //
  // `parameters` is not copied: it must outlive the executor and may not move.
  //
  // Errors: InvalidArgument, ResourceExhausted. The message names the layer if
  // a layer causes the error.
  static absl::StatusOr<std::unique_ptr<Executor>> Create(
      const Graph& graph, const Parameters& parameters,
      const ExecutorOptions& options);

  // Returns the number of bytes that Create() with these options allocates for
  // activations and gradients. Does not count the memory of kernels, such as
  // packed weights. Errors: as Create().
  static absl::StatusOr<int64_t> BytesNeeded(const Graph& graph,
                                             const ExecutorOptions& options);

  // Must be called after parameters have changed, before the next Forward().
  // May allocate: XNNPACK packs weights. Errors: ResourceExhausted.
  absl::Status ParametersChanged();

  // Returns a view [options.images, ...]. Write the images to it before each
  // Forward(), which may overwrite them. `i` is an index into the graph's
  // inputs. In the lanes layout, the views of this class have room for
  // RoomForImages() images.
  View<float> input(int i = 0);

  // Seeds the random numbers of the next Forward(). Matters only in training,
  // with layers that use random numbers.
  void Seed(uint64_t seed);

  // Computes output() for the first `images` images, in [1, options.images].
  void Forward(int64_t images);
  // Valid until the next Forward() or Backward().
  View<const float> output();

  // For training. After Forward(), write the gradient of the loss w.r.t.
  // output() to output_gradient(). Then call Backward() with the same `images`.
  // It adds each parameter's gradient, summed over the images, to
  // `parameter_gradients`. This array has the layout of Parameters::array() and
  // the alignment and padding of a Tensor. Backward() does not touch gradients
  // of parameters that training does not change.
  View<float> output_gradient();
  void Backward(int64_t images, absl::Span<float> parameter_gradients);

  // Returns the layer's output in the last Forward(), in options.layout. Valid
  // until the executor's next call. Errors: NotFound if there is no layer of
  // that name; FailedPrecondition if its output was not kept;
  // ResourceExhausted.
  absl::StatusOr<View<const float>> LayerOutput(absl::string_view name);

  // Returns the gradient w.r.t. input i in the last Backward().
  // options.input_gradients must be set.
  View<const float> InputGradient(int i = 0);

  // As Kernel::gradient_product() and Kernel::WriteProductRows(), for the
  // kernel of a node. The product is null if there is no kernel, or if training
  // does not change the node's first parameter.
  const GradientProduct* gradient_product(int node) const {
    const Kernel* kernel = layers_[node].kernel.get();
    const GradientProduct* product =
        kernel == nullptr ? nullptr : kernel->gradient_product();
    return product != nullptr && WantsGradient(node, 0) ? product : nullptr;
  }
  void WriteProductRows(int node, float* a, float* b) {
    layers_[node].kernel->WriteProductRows(a, b);
  }

  int layer_count() const { return static_cast<int>(layers_.size()); }

  // The backend that runs a node of the graph: options.backend, a substitute or
  // the reference backend. Says nothing about custom layers: KernelName()
  // (layers/layer.h).
  Backend BackendOfLayer(int node) const { return layers_[node].backend; }

  // The names of the backends that run nodes, options.backend first: "direct",
  // or "direct, xnnpack". With "custom" if there are custom layers.
  std::string BackendNames() const;

  // Whether the kernel of an earlier node also computes this one. Its time then
  // counts for the nearest earlier node that is not fused.
  bool IsFused(int node) const { return fused_[node]; }

  // Seconds spent so far in a node's kernel, in ParametersChanged(), Forward()
  // and Backward(). Zero unless options.measure_time.
  double PrepareSeconds(int node) const {
    return layers_[node].prepare_seconds;
  }
  double ForwardSeconds(int node) const {
    return layers_[node].forward_seconds;
  }
  double BackwardSeconds(int node) const {
    return layers_[node].backward_seconds;
  }

  int64_t arena_bytes() const { return arena_.bytes(); }

 private:
  struct LayerState {
    std::unique_ptr<Kernel> kernel;  // Null for reshapes and fused nodes.
    Backend backend = Backend::kReference;
    int sum = -1;  // The node whose second input the kernel adds.
    std::vector<float*> parameter_gradients;
    double prepare_seconds = 0;
    double forward_seconds = 0;
    double backward_seconds = 0;
  };

  // `parameters` may be null if nothing will run.
  Executor(const Graph& graph, const Parameters* parameters,
           const ExecutorOptions& options)
      : graph_(graph),
        parameters_(parameters),
        options_(options),
        layout_(LayoutOf(options)) {}

  static Layout LayoutOf(const ExecutorOptions& options) {
    // Layers that choose for themselves need no boundary.
    if (!options.layer_backends.empty()) return options.layout;
    return options.backend == Backend::kLanes ? Layout::kLanes
                                              : Layout::kImages;
  }
  // The backend that node i is meant for.
  Backend BackendOf(int i) const {
    return options_.layer_backends.empty() ? options_.backend
                                           : options_.layer_backends[i];
  }
  // Whether a node's output is its input's memory.
  bool SharesInput(int i) const {
    return fused_[i] || graph_.nodes()[i].layer.IsReshape(options_.training);
  }
  // Decides which values must have layout_.
  void FixLayouts();

  bool WantsGradient(int node, int parameter) const {
    return Graph::Changes(
        graph_.parameters()[graph_.nodes()[node].first_parameter + parameter]);
  }
  // Decides which nodes are fused and where values are in the arena. Does not
  // allocate the arena.
  absl::Status Plan();
  // Makes the kernel of node i read and write its values' layouts, and sets
  // the layout of the value that it writes.
  std::unique_ptr<Kernel> Adapt(int i, std::unique_ptr<Kernel> kernel);
  // Makes a node's kernel ready to run, on the first backend that supports it.
  absl::Status MakeLayer(int i);
  // The same, but only on the given backend.
  absl::Status MakeLayerOn(int i, Backend backend);
  KernelBuffers BuffersOf(int i);
  // The place in the arena of a value of the graph.
  Buffer ValueBuffer(int value) {
    return Buffer(arena_.data<uint8_t>() + plan_.values[value],
                  graph_.TypeOfValue(value));
  }
  // The floats of a value or gradient at this offset in the arena.
  float* Floats(int64_t offset) {
    return reinterpret_cast<float*>(arena_.data<uint8_t>() + offset);
  }
  // Chooses the activations, poolings and sums to fuse into the kernels before
  // them, and makes these kernels.
  void FuseLayers();
  // Fuses the sum after a batch normalization, with the rectifier after it, if
  // possible.
  bool FuseSum(int i);
  // Returns the node that reads node i's output if there is exactly one; else
  // -1.
  int OnlyUser(int i) const;
  // Makes node i's kernel with this epilogue. Returns false if the backend has
  // no such kernel.
  bool Fuse(int i, const Epilogue& epilogue);
  // Allocates the views that input() etc. return, if they are not in the arena.
  absl::Status MakeBoundary();
  bool HasBoundary() const { return options_.layout != layout_; }
  View<float> BlockView(Layout layout, float* data, const Shape& image) const;
  // A value's copy at the boundary or, if there is no boundary, the value in
  // the arena.
  View<float> ValueView(int value, int64_t offset, Tensor& boundary);
  // Copies a value from one side of the boundary to the other.
  void CopyIn(int64_t images, int value, const Tensor& boundary,
              int64_t offset);
  void CopyOut(int64_t images, int value, int64_t offset, Tensor& boundary);
  // Adds up the parts of the gradient w.r.t. a value that several nodes read.
  void AddGradientParts(int value, int64_t images);

  const Graph graph_;
  const Parameters* const parameters_;
  const ExecutorOptions options_;
  // In the arena; with layer_backends, of the inputs and the output.
  const Layout layout_;
  std::vector<Layout> value_layouts_;
  std::vector<bool> fixed_layouts_;  // For each value: it must have layout_.
  std::vector<LayerState> layers_;
  std::vector<bool> fused_;  // For each node: an earlier kernel computes it.
  MemoryPlan plan_;
  Tensor arena_;
  Scratch scratch_;
  // Copies in options_.layout, if the arena has the other layout.
  struct Boundary {
    std::vector<Tensor> inputs;
    Tensor output;
    Tensor output_gradient;
    std::vector<Tensor> input_gradients;
    Tensor layer_output;
  };
  Boundary boundary_;
};

}  // namespace lenslet

#endif  // LENSLET_LAYERS_EXECUTOR_H_
