// Turns the nodes of an ONNX graph into layers, one node after another.

#ifndef LENSLET_ONNX_IMPORT_LAYERS_H_
#define LENSLET_ONNX_IMPORT_LAYERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lenslet/data/normalization.h"
#include "lenslet/layers/layer.h"
#include "lenslet/onnx/constant.h"
#include "lenslet/onnx/import.h"
#include "lenslet/onnx/import_names.h"
#include "lenslet/onnx/imported_value.h"
#include "lenslet/onnx/node_reader.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Numbers of an example, and of a layer's output for one: more than images
// have, and 512 MiB.
inline constexpr int64_t kMaxExample = int64_t{1} << 27;

struct ImportedLayer {
  std::string name;
  Layer layer;
  std::vector<int> inputs;  // As ImportedValue::layer.
  // Its parameters, in the order of LayerInfo.
  std::vector<std::vector<float>> parameters;
  Shape output;
  // Whether more than one node reads what it computes, or a value that is made
  // of that alone. Else the layer may be changed for the one that does.
  bool is_shared = false;
};

// Whether a sigmoid at the end is a layer, or a function of labels' scores.
enum class LastSigmoid { kIsLayer, kIsDropped, kIsDroppedFromVector };

// The graph, as far as it has been read. Not thread-safe.
class LayerImporter {
 public:
  LayerImporter(int opset, const std::string& folder, ImportedNames names,
                LastSigmoid last_sigmoid, ImportedValue input);

  // Errors: as ConstantOf(). Nodes that read the constant then fail, too.
  absl::Status AddConstant(const onnx::TensorProto& tensor);

  // Reads a node. Its outputs are then known. After an error, at most the shape
  // of its first output is. Errors, without the node's name: InvalidArgument
  // and Unimplemented. Cancelled if the node may be right but depends on one
  // that is not.
  absl::Status Add(const onnx::NodeProto& node);

  // Returns the value, after an error of which nothing is known. Errors:
  // InvalidArgument if no node writes it or if it does not depend on the input.
  absl::StatusOr<ImportedValue> Find(const std::string& name) const;

  // The same, as a layer computes it. Adds a layer for a factor and an offset,
  // or changes one. Errors: as Find(), and Unimplemented for other forms.
  absl::StatusOr<ImportedValue> FindPlain(const std::string& name);

  // The input's name as that of a layer's input.
  const std::string& input_layer_name() const { return input_layer_name_; }
  // The function at the end that is no layer.
  OutputActivation activation() const { return activation_; }
  const std::vector<ImportedLayer>& layers() const { return layers_; }
  const Normalization& normalization() const { return normalization_; }
  // Whether the model itself divides its input by 255.
  bool divides_by_255() const { return divides_by_255_; }

 private:
  using ValueOr = absl::StatusOr<ImportedValue>;

  // A function that makes values of a node.
  using Converter = ValueOr (*)(LayerImporter& importer,
                                const NodeReader& node);
  // nullptr for an operator that is none of a layer.
  static Converter ConverterOf(absl::string_view type);

  // What is known of a node's inputs.
  struct NodeInputs {
    std::vector<const OnnxConstant*> constants;  // nullptr for other inputs.
    int64_t numbers = 0;                         // Of the constants and orders.
    bool are_constant = true;
    bool has_failed = false;        // Nothing is known of one.
    bool has_stand_in = false;      // ImportedValue::stands_in
    bool has_shared_input = false;  // ImportedValue::is_shared
  };
  // Errors: InvalidArgument for an input that no node before has written.
  absl::StatusOr<NodeInputs> FindInputs(const onnx::NodeProto& node) const;

  // The output of a node with constant inputs.
  absl::StatusOr<OnnxConstant> Fold(const NodeReader& node,
                                    const NodeInputs& inputs);
  // Reads a node whose output depends on the input.
  absl::Status ReadValue(const NodeReader& node, const NodeInputs& inputs);
  // Reads a node; says whether its outputs do not depend on the input.
  absl::Status Read(const onnx::NodeProto& node, bool& is_constant);
  // Reads the nodes of an If whose condition is a constant.
  absl::Status ReadBranch(const NodeReader& node,
                          const OnnxConstant& condition);
  // Remembers what is known of the outputs of a node that cannot be imported.
  void Fail(const onnx::NodeProto& node, bool is_constant);
  // What is wrong with a node whatever its inputs are. Cancelled if nothing is.
  absl::Status CheckAlone(const NodeReader& node) const;
  absl::Status CheckFactors(const NodeReader& node) const;
  absl::Status CheckSoftmax(const NodeReader& node) const;
  // A constant that the model stores.
  absl::StatusOr<OnnxConstant> Stored(const onnx::TensorProto& tensor);
  // Counts numbers of constants, parameters or orders before a node reads or
  // makes them. A small file must not take much time or memory. Errors:
  // InvalidArgument if they are far more than the model stores.
  absl::Status Count(int64_t numbers);
  absl::StatusOr<OnnxConstant> ReadConstant(const NodeReader& node);
  absl::StatusOr<OnnxConstant> ReadShape(const NodeReader& node) const;
  ValueOr Convert(const NodeReader& node);
  // Computes the means over sides of images that the node reads, unless it may
  // be a step of layer normalization.
  absl::Status ComputeMeans(const NodeReader& node);
  ValueOr Conv(const NodeReader& node);
  ValueOr ConvTranspose(const NodeReader& node);
  ValueOr Gemm(const NodeReader& node);
  ValueOr MatMul(const NodeReader& node);
  ValueOr MakeLinear(const NodeReader& node, const ImportedValue& x,
                     const OnnxConstant& weight, bool transposed,
                     const OnnxConstant* bias, float alpha, float beta);
  ValueOr BatchNormalization(const NodeReader& node);
  ValueOr LayerNormalization(const NodeReader& node);
  ValueOr Lrn(const NodeReader& node);
  // A step of a local response normalization that is written as several nodes
  // (import_lrn.cc); nullopt if the node is none.
  std::optional<ValueOr> LrnStep(const NodeReader& node);
  // Whether the node gives squares an axis of one channel.
  bool RaisesSquares(const NodeReader& node, const ImportedValue& x) const;
  ValueOr PadWindow(const NodeReader& node, ImportedValue x) const;
  ValueOr PoolWindow(const NodeReader& node, ImportedValue x) const;
  ValueOr DivideByWindow(const NodeReader& node, const ImportedValue& window);
  // A step of layer normalization that computes one value from two, if it is
  // one.
  std::optional<ValueOr> NormalizationStep(const NodeReader& node,
                                           const ImportedValue& a,
                                           const ImportedValue& b);
  ValueOr Pow(const NodeReader& node);
  ValueOr AddLayerNorm(const NodeReader& node, const ImportedValue& x,
                       int first_axis, double epsilon, std::vector<float> scale,
                       std::vector<float> bias);
  ValueOr Pool(const NodeReader& node);
  // Makes a pooling of the convolution that sums its taps (average_as_conv.h),
  // if the constant divides them by their number.
  std::optional<ImportedValue> Average(const NodeReader& node,
                                       const ImportedValue& x,
                                       const OnnxConstant& constant);
  ValueOr GlobalPool(const NodeReader& node, PoolKind kind);
  ValueOr ReduceSpatial(const NodeReader& node, PoolKind kind);
  // By a pooling over the whole of Lenslet's axes that are reduced.
  ValueOr ReduceSomeSides(const NodeReader& node, const ImportedValue& x,
                          PoolKind kind, const std::vector<bool>& reduced,
                          bool keeps_axes);
  // The same, with an axis of one number in place of each.
  ValueOr PoolSides(const std::string& name, const ImportedValue& x,
                    PoolKind kind, const std::vector<bool>& reduced);
  // Whether x is a mean over sides of images of one channel, or what differs
  // from it: layers compute them, not only as steps of layer normalization.
  static bool IsMeanOfSides(const ImportedValue& x);
  // Such a value, computed by layers.
  ValueOr MeanOfSides(const std::string& name, ImportedValue x);
  ValueOr Activation(const NodeReader& node, const ActivationSpec& spec);
  // The same of a value that is already there.
  ValueOr ActivationOf(const NodeReader& node, const ImportedValue& x,
                       const ActivationSpec& spec);
  ValueOr Clip(const NodeReader& node);
  // min(max(x, low), high).
  ValueOr Clipped(const NodeReader& node, ImportedValue x, float low,
                  float high);
  // The same of a value that is not plain, as a multiple of one whose own value
  // is clipped.
  ValueOr ClippedBefore(const NodeReader& node, ImportedValue x, float low,
                        float high);
  // Max and Min of a value and a constant.
  ValueOr Bound(const NodeReader& node);
  ValueOr Product(const NodeReader& node);
  // A layer that computes elements from those of its inputs, of which some may
  // be repeated.
  ValueOr Elementwise(const NodeReader& node, Layer layer,
                      std::vector<ImportedValue> inputs);
  // Gives vectors of one size the order of one that cannot be changed. One
  // number has any order. Errors: Unimplemented if that is not possible.
  absl::Status InOneOrder(std::vector<ImportedValue>& inputs);
  // The activation that is the value's layer, if the value is a multiple of it.
  const ActivationSpec* ActivationOfValue(const ImportedValue& x) const;
  ValueOr Erf(const NodeReader& node);
  // The activation of a value that has all of GELU's steps.
  ValueOr Gelu(const NodeReader& node, ImportedValue x);
  ValueOr Pad(const NodeReader& node);
  ValueOr Resize(const NodeReader& node);
  // The image that x was before it was flattened, if a reshape to these sizes
  // makes that of it. With one channel, the sizes may also be those of an image
  // with that channel last if a transposition follows.
  std::optional<ImportedValue> Unflattened(const ImportedValue& x,
                                           const Ints& sizes,
                                           bool is_transposed);
  // Whether x is a function of a flattened image.
  bool IsFlattened(const ImportedValue& x) const;
  // The layer whose vector was reshaped to x, or -1 for the input; nullopt if
  // none was.
  std::optional<int> ReshapedVector(const ImportedValue& x) const;
  // The layers whose outputs have one order, since they compute numbers from
  // those at the same place, down to linear ones.
  struct OrderedLayers {
    std::vector<int> layers;
    std::set<int> linear_readers;     // Linear layers that read them.
    std::vector<std::string> values;  // That are these layers' outputs.
  };
  // Whether vectors of these layers can be put into orders independently.
  bool HaveSeparateOrders(const std::vector<int>& layers) const;
  // Those of this layer; nullopt if one of them has a fixed order, as layer
  // `fixed` has if it is not -1.
  std::optional<OrderedLayers> LayersInOrderOf(int layer, int fixed) const;
  // Those on which values depend that nodes have not yet read, and these two,
  // if they are not -1.
  std::vector<bool> LayersInUse(int a, int b) const;
  // Moves elements `from` of a layer's output, a vector, to elements `to`: in
  // the linear layers that compute it, in what lies between, and in what reads
  // it. False if LayersInOrderOf() has none.
  absl::StatusOr<bool> Reorder(int layer, const Ints& from, const Ints& to,
                               int fixed = -1);
  // The sizes after the batch to which a node reshapes a value of such sizes.
  absl::StatusOr<Ints> ReshapedSizes(const NodeReader& node,
                                     const Ints& dims) const;
  // Whether the node reads a value without the axis of the batch. Errors:
  // Unimplemented if it cannot.
  absl::StatusOr<bool> LacksBatch(const NodeReader& node) const;
  // Of a model for one image: ONNX's sizes, a reshape to such, and those to
  // which a node reshapes, squeezes or unsqueezes. nullopt for a shape that
  // other models could have, or that does not fit.
  Ints SizesForOne(const ImportedValue& x) const;
  ValueOr ReshapeForOne(const NodeReader& node, ImportedValue x, Ints sizes);
  std::optional<Ints> ReshapedSizesForOne(const NodeReader& node,
                                          const ImportedValue& x) const;
  absl::StatusOr<Ints> SqueezedSizesForOne(const NodeReader& node,
                                           const ImportedValue& x) const;
  ValueOr ReshapeNode(const NodeReader& node);
  ValueOr PRelu(const NodeReader& node);
  ValueOr FlattenNode(const NodeReader& node);
  ValueOr SqueezeNode(const NodeReader& node);
  ValueOr Transpose(const NodeReader& node);
  ValueOr Concat(const NodeReader& node);
  ValueOr Sum(const NodeReader& node);
  ValueOr Arithmetic(const NodeReader& node);
  // Whether the node changes the network's input by these numbers, as a node of
  // this type does, in a way that a normalization can.
  bool IsNormalization(const NodeReader& node, absl::string_view type,
                       const ImportedValue& x,
                       const std::vector<float>& numbers) const;
  ValueOr Normalize(absl::string_view type, ImportedValue x,
                    const std::vector<float>& numbers);
  // x plus, minus, times or divided by the number, as a node of this type has
  // it.
  ValueOr WithNumber(const NodeReader& node, absl::string_view type,
                     ImportedValue x, double number);
  // The constant minus x, which is input 1.
  ValueOr MinusValue(const NodeReader& node, ImportedValue x,
                     const OnnxConstant& constant);
  // Of two values.
  ValueOr Difference(const NodeReader& node);
  // Puts the constant into the scale or bias of the layer normalization whose
  // value x is. False if it is none, or the constant does not fit.
  absl::StatusOr<bool> ChangeLayerNorm(const NodeReader& node,
                                       const ImportedValue& x,
                                       const OnnxConstant& constant);
  // Whether the constant has a number for each channel of x.
  absl::StatusOr<bool> IsByChannel(const NodeReader& node,
                                   const ImportedValue& x,
                                   const OnnxConstant& constant) const;
  ValueOr WithChannels(const NodeReader& node, ImportedValue x,
                       const OnnxConstant& constant);
  ValueOr Same(const NodeReader& node);
  ValueOr Cast(const NodeReader& node);
  // A square root or a reciprocal.
  ValueOr Root(const NodeReader& node);
  ValueOr Sigmoid(const NodeReader& node);
  ValueOr Softmax(const NodeReader& node);

  // Reshapes to ONNX's sizes after the batch.
  ValueOr ReshapeTo(const NodeReader& node, const ImportedValue& x,
                    const Ints& sizes);
  // The same, to two sizes or more.
  ValueOr ReshapeToImage(const NodeReader& node, const ImportedValue& x,
                         const Ints& sizes);
  // The same of a vector that joins some of linear layers, which become images
  // of which each has some of the channels; nullopt if it joins none.
  std::optional<ValueOr> ReshapedParts(const NodeReader& node,
                                       const ImportedValue& x,
                                       const Ints& sizes);

  // Input `i`. PlainValue() is FindPlain(); Image() also has ONNX's channels
  // first.
  absl::StatusOr<ImportedValue> RawValue(const NodeReader& node, int i) const;
  absl::StatusOr<ImportedValue> PlainValue(const NodeReader& node, int i);
  absl::StatusOr<ImportedValue> Image(const NodeReader& node, int i);
  const OnnxConstant* FindConstant(const NodeReader& node, int i) const;
  absl::StatusOr<const OnnxConstant*> FloatConstant(
      const NodeReader& node, int i, absl::string_view what) const;
  // Numbers from input `i` or, in earlier versions, an attribute.
  absl::StatusOr<std::optional<Ints>> IntsFrom(const NodeReader& node, int i,
                                               const char* attribute) const;
  bool HasOneReader(const std::string& value) const;

  // Adds a layer of this name.
  ValueOr AddNamedLayer(const std::string& name, Layer layer,
                        std::vector<ImportedValue> inputs,
                        std::vector<std::vector<float>> parameters);
  // The value that x stands for, apart from its factor and offset, times a
  // factor and plus a number for each channel: in x's layer if that is linear
  // and nothing else reads it, else in a convolution with windows of one
  // position and a group for each channel.
  ValueOr ScaleChannels(const std::string& name, ImportedValue x,
                        std::vector<float> factors,
                        std::optional<std::vector<float>> terms);
  // The same with the factor and the offset of x itself, for all channels.
  ValueOr Scaled(const std::string& name, const ImportedValue& x);
  // Adds a layer named after the node's output.
  ValueOr AddLayer(const NodeReader& node, Layer layer,
                   std::vector<ImportedValue> inputs,
                   std::vector<std::vector<float>> parameters = {});
  std::string NameFor(const std::string& output);
  // The value under the name of the node's output. ExportOnnx() writes some
  // layers as several nodes, the last of which has the layer's name; if the
  // value's layer was made of an earlier one, it takes that name.
  ImportedValue Renamed(const NodeReader& node, ImportedValue x);

  const int opset_;
  const std::string folder_;
  const ImportedNames names_of_values_;
  // For each value, the times that nodes or the output will still read it.
  std::map<std::string, int> unread_;
  const LastSigmoid last_sigmoid_;
  Shape input_shape_;
  std::string input_layer_name_;
  std::map<std::string, OnnxConstant> constants_;
  int64_t stored_ = 0;   // The numbers that the model stores.
  int64_t counted_ = 0;  // By Count().
  std::map<std::string, ImportedValue> values_;
  // Of nodes with errors.
  std::set<std::string> failed_;
  std::set<std::string> failed_constants_;
  std::set<std::string> later_outputs_;  // All but the first of a node.
  std::set<std::string> names_;          // Of layers.
  // For the starts of long or repeated names, the numbers after them so far.
  std::map<std::string, int> name_counts_;
  std::vector<ImportedLayer> layers_;
  Normalization normalization_;
  bool divides_by_255_ = false;
  OutputActivation activation_ = OutputActivation::kNone;
};

}  // namespace lenslet

#endif  // LENSLET_ONNX_IMPORT_LAYERS_H_
