// What a layer computes, as data: its kind and the kind's options.
//
//   if (const auto* conv = std::get_if<ConvLayer>(&layer.spec())) {
//     std::cout << conv->spec.groups;
//   }
//   std::visit(Overloaded{[](const ConvLayer& conv) { ... },
//                         [](const LinearLayer& linear) { ... }, ...},
//              layer.spec());
//
// If each kind matters, do not give a visitor a branch for all other kinds. The
// compiler then finds all visitors to extend when a kind is added.
//
// In these specs, 0 input channels or features means: as many as the input has.

#ifndef LENSLET_LAYERS_LAYER_SPEC_H_
#define LENSLET_LAYERS_LAYER_SPEC_H_

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "lenslet/ops/activation/activation_spec.h"
#include "lenslet/ops/axes.h"
#include "lenslet/ops/batch_norm/batch_norm.h"
#include "lenslet/ops/concat/concat.h"
#include "lenslet/ops/conv/conv_spec.h"
#include "lenslet/ops/conv_transpose/conv_transpose_spec.h"
#include "lenslet/ops/dropout/dropout.h"
#include "lenslet/ops/layer_norm/layer_norm.h"
#include "lenslet/ops/linear/linear.h"
#include "lenslet/ops/lrn/lrn.h"
#include "lenslet/ops/pad/pad.h"
#include "lenslet/ops/pool/pool_spec.h"
#include "lenslet/ops/resize/resize.h"

namespace lenslet {

class CustomOperator;

struct ConvLayer {
  int rank = 2;  // Spatial dimensions, 1 to 3.
  ConvSpec spec = {};
  bool trainable = true;  // Whether training changes the parameters.
};

struct ConvTransposeLayer {
  int rank = 2;
  ConvTransposeSpec spec = {};
  bool trainable = true;
};

struct LinearLayer {
  LinearSpec spec = {};
  bool trainable = true;
};

// Pooling with a window of a fixed size.
struct PoolLayer {
  int rank = 2;
  PoolSpec spec = {};  // Without `output`.
};

// Pooling to an output of a fixed size, for inputs with 1 to 3 spatial
// dimensions.
struct AdaptivePoolLayer {
  PoolKind kind = PoolKind::kMax;  // Or kAverage.
  // One size for each of the input's spatial dimensions, or one for all of
  // them.
  Axes output = {};
};

// Adaptive pooling to an output of size 1.
struct GlobalPoolLayer {
  PoolKind kind = PoolKind::kMax;  // Or kAverage.
};

struct FlattenLayer {};

struct ReshapeLayer {
  std::vector<int64_t> shape;  // As for ReshapedShape().
};

struct AddLayer {};

struct MulLayer {};

// What a program defines (layers/custom_layer.h).
struct CustomLayer {
  std::shared_ptr<const CustomOperator> op;
};

// Padding may have one number for all spatial dimensions.
using LayerSpec =
    std::variant<ConvLayer, ConvTransposeLayer, LinearLayer, PoolLayer,
                 AdaptivePoolLayer, GlobalPoolLayer, ActivationSpec,
                 BatchNormSpec, LayerNormSpec, LrnSpec, DropoutSpec, PadSpec,
                 ResizeSpec, FlattenLayer, ReshapeLayer, AddLayer, MulLayer,
                 ConcatSpec, CustomLayer>;

}  // namespace lenslet

#endif  // LENSLET_LAYERS_LAYER_SPEC_H_
