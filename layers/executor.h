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
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {

struct ExecutorOptions {
  Backend backend = Backend::kXnnpack;
  // Asked, in this order, for the layers that `backend` lacks, before the
  // reference backend.
  std::vector<Backend> substitutes = {};
  // Images in a block at most, at least 1.
  int64_t images = 16;
  // How input(), output() and their gradients lie in memory (tensor/lanes.h).
  // What the backend has otherwise is converted.
  Layout layout = Layout::kImages;
  // Whether Backward() will be called.
  bool training = false;
  // Whether LayerOutput() will be called.
  bool keep_outputs = false;
  // Whether Backward() computes InputGradient() too.
  bool input_gradients = false;
  // Whether to measure how long each layer takes; costs some 50 ns a layer.
  bool measure_time = false;
};

// Owns the activations, in one arena where buffers share memory if their
// lifetimes allow it, and the kernels. Uses one thread, one at a time;
// executors may share parameters. Running allocates nothing.
class Executor {
 public:
  // A layer that the backend lacks runs on the first of the substitutes that
  // has it, or on the reference backend; so does everything that is to be
  // trained on a backend without gradients: BackendOfLayer() tells. An
  // activation and a pooling are computed by the kernel before them where the
  // backend can do that and nobody else needs what is between them.
  // `parameters` is not copied: it must outlive the executor and may not move.
  // Errors: InvalidArgument, ResourceExhausted, naming the layer where it is
  // one's.
  static absl::StatusOr<std::unique_ptr<Executor>> Create(
      const Graph& graph, const Parameters& parameters,
      const ExecutorOptions& options);

  // The bytes of activations and gradients that Create() of these options
  // allocates. What kernels keep, such as packed weights, comes on top. Errors:
  // as Create().
  static absl::StatusOr<int64_t> BytesNeeded(const Graph& graph,
                                             const ExecutorOptions& options);

  // Must be called after parameters have changed, before the next Forward().
  // May allocate: XNNPACK packs weights. Errors: ResourceExhausted.
  absl::Status ParametersChanged();

  // Where to write the images, [options.images, ...], before Forward(), which
  // may destroy them. `i` is an index into the graph's inputs. In lanes, the
  // shapes of views are those of RoomForImages() images.
  View<float> input(int i = 0);

  // What the random numbers of the next Forward() come from, in training with
  // layers that draw some.
  void Seed(uint64_t seed);

  // Computes output() of the first `images` images, in [1, options.images].
  void Forward(int64_t images);
  // Valid until the next Forward() or Backward().
  View<const float> output();

  // For training: after Forward(), write the gradient of the loss by output()
  // to output_gradient(), then call Backward() with the same `images`. It adds
  // the sum over the images to each parameter's gradient, in an array as
  // Parameters::array(), aligned and padded as a Tensor. Those of parameters
  // that training does not change are left alone.
  View<float> output_gradient();
  void Backward(int64_t images, absl::Span<float> parameter_gradients);

  // The output of the layer of that name, of the last Forward(), in
  // options.layout; valid until the next call of anything. Errors: NotFound,
  // FailedPrecondition if it was not kept.
  absl::StatusOr<View<const float>> LayerOutput(absl::string_view name);

  // The gradient by input i, of the last Backward(). options.input_gradients
  // must be set.
  View<const float> InputGradient(int i = 0);

  // As in Kernel: whether a node's gradient by its first parameter is wanted,
  // and a product that can be made for many blocks at once, and where the next
  // Backward() is to write its rows.
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

  // Which backend runs a node of the graph: the one asked for, a substitute, or
  // reference.
  Backend BackendOfLayer(int node) const { return layers_[node].backend; }

  // The names of all backends that run nodes, the one asked for first:
  // "direct", or "direct, xnnpack".
  std::string BackendNames() const;

  // Whether the kernel of a node before it computes a node of the graph: then
  // its time is that node's.
  bool IsFused(int node) const { return fused_[node]; }

  // Seconds in a node's kernel so far, in ParametersChanged(), Forward() and
  // Backward(); zero unless options.measure_time.
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
    std::vector<float*> parameter_gradients;
    double prepare_seconds = 0;
    double forward_seconds = 0;
    double backward_seconds = 0;
  };

  // `parameters` may be null where nothing is run.
  Executor(const Graph& graph, const Parameters* parameters,
           const ExecutorOptions& options)
      : graph_(graph),
        parameters_(parameters),
        options_(options),
        layout_(options.backend == Backend::kLanes ? Layout::kLanes
                                                   : Layout::kImages) {}

  bool WantsGradient(int node, int parameter) const {
    return Graph::Changes(
        graph_.parameters()[graph_.nodes()[node].first_parameter + parameter]);
  }
  // Decides what is fused and where values lie, without the arena.
  absl::Status Plan();
  // Makes a node's kernel ready to run, on the first backend that has it.
  absl::Status MakeLayer(int i);
  // On that backend.
  absl::Status MakeLayerOn(int i, Backend backend);
  KernelBuffers BuffersOf(int i);
  // Chooses the activations and poolings that the kernels before them compute,
  // and makes these kernels.
  void FuseLayers();
  // The only node that node i's output goes to, or -1.
  int OnlyUser(int i) const;
  // Makes node i's kernel with what follows, if there is such a one.
  bool Fuse(int i, const Epilogue& epilogue);
  // Makes what input() and the others return, where that is not in the arena.
  absl::Status MakeBoundary();
  bool HasBoundary() const { return options_.layout != layout_; }
  View<float> BlockView(Layout layout, float* data, const Shape& image) const;
  // A value in the arena or, if there is one, its copy at the boundary.
  View<float> ValueView(int value, int64_t offset, Tensor& boundary);
  // Copies a value from one side of the boundary to the other.
  void CopyIn(int64_t images, int value, const Tensor& boundary,
              int64_t offset);
  void CopyOut(int64_t images, int value, int64_t offset, Tensor& boundary);
  // Adds what several users of a value have written to one gradient by it.
  void AddGradientParts(int value, int64_t images);

  const Graph graph_;
  const Parameters* const parameters_;
  const ExecutorOptions options_;
  const Layout layout_;  // In the arena.
  std::vector<LayerState> layers_;
  std::vector<bool> fused_;  // Of each node: the one before computes it.
  MemoryPlan plan_;
  Tensor arena_;
  // Copies in options_.layout, if that is not the arena's.
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
