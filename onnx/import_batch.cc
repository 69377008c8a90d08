// Values without the axis of the batch. Models for one image may reshape to
// such.

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/onnx/fold_functions.h"
#include "lenslet/onnx/import_errors.h"
#include "lenslet/onnx/import_layers.h"

namespace lenslet {
namespace {

using ValueOr = absl::StatusOr<ImportedValue>;

// Operators that treat no axis as that of the batch, or count axes by
// InnerAxis().
constexpr absl::string_view kWithoutBatch[] = {
    "Add",         "Cast",
    "Clip",        "Div",
    "Dropout",     "Elu",
    "Erf",         "Flatten",
    "Gelu",        "Gemm",
    "HardSigmoid", "HardSwish",
    "Identity",    "LayerNormalization",
    "LeakyRelu",   "LogSoftmax",
    "MatMul",      "Max",
    "Min",         "Mul",
    "Neg",         "Relu",
    "Reshape",     "Sigmoid",
    "Softmax",     "Squeeze",
    "Sub",         "Tanh",
    "Unsqueeze"};

}  // namespace

absl::StatusOr<bool> LayerImporter::LacksBatch(const NodeReader& node) const {
  bool lacks = false;
  bool has = false;
  size_t rank = 0;
  for (int i = 0; i < node.input_count(); ++i) {
    const auto x = values_.find(node.input(i));
    if (x == values_.end()) continue;
    (x->second.lacks_batch ? lacks : has) = true;
    rank = x->second.axes.size();
  }
  if (!lacks) return false;
  if (has || std::find(std::begin(kWithoutBatch), std::end(kWithoutBatch),
                       node.type()) == std::end(kWithoutBatch)) {
    return Lacking(
        "it reads a value without the axis of the batch; expected that axis "
        "first, with size 1");
  }
  for (int i = 0; i < node.input_count(); ++i) {
    const OnnxConstant* constant = FindConstant(node, i);
    const bool is_factor = node.type() == "MatMul" || node.type() == "Gemm";
    const bool is_shape = node.type() == "Reshape" ||
                          node.type() == "Squeeze" ||
                          node.type() == "Unsqueeze";
    if (constant != nullptr && !is_factor && !is_shape &&
        constant->dims.size() > rank) {
      return Lacking(absl::StrCat("its constant is ", SizesText(constant->dims),
                                  ", and it reads a value of ", rank,
                                  " axes without that of the batch"));
    }
  }
  return true;
}

Ints LayerImporter::SizesForOne(const ImportedValue& x) const {
  Ints sizes = DimsOf(x);
  if (!x.lacks_batch) sizes.insert(sizes.begin(), 1);
  return sizes;
}

ValueOr LayerImporter::ReshapeForOne(const NodeReader& node, ImportedValue x,
                                     Ints sizes) {
  const bool lacks_batch = sizes.empty() || sizes[0] != 1;
  if (!lacks_batch) sizes.erase(sizes.begin());
  x.lacks_batch = false;
  LENSLET_ASSIGN_OR_RETURN(ImportedValue y, ReshapeTo(node, x, sizes));
  y.lacks_batch = lacks_batch;
  return y;
}

std::optional<Ints> LayerImporter::ReshapedSizesForOne(
    const NodeReader& node, const ImportedValue& x) const {
  const OnnxConstant* shape = FindConstant(node, 1);
  const absl::StatusOr<int64_t> allow_zero = node.Int("allowzero", 0);
  if (!names_of_values_.is_for_one || shape == nullptr || shape->is_float() ||
      !allow_zero.ok()) {
    return std::nullopt;
  }
  const Ints from = SizesForOne(x);
  Ints sizes = shape->ints;
  int64_t* inferred = nullptr;
  int64_t known = 1;
  for (size_t i = 0; i < sizes.size(); ++i) {
    int64_t& size = sizes[i];
    if (size == kBatchSize) size = 1;
    if (size == 0 && *allow_zero == 0 && i < from.size()) size = from[i];
    if (size == -1 && inferred == nullptr) {
      inferred = &size;
    } else if (size < 1 || known > x.shape.elements() / size) {
      return std::nullopt;
    } else {
      known *= size;
    }
  }
  if (inferred != nullptr) *inferred = x.shape.elements() / known;
  if (ProductOf(sizes) != x.shape.elements()) return std::nullopt;
  // Other models' shapes have the batch first, too.
  return x.lacks_batch || sizes.empty() || sizes[0] != 1
             ? std::optional<Ints>(std::move(sizes))
             : std::nullopt;
}

absl::StatusOr<Ints> LayerImporter::SqueezedSizesForOne(
    const NodeReader& node, const ImportedValue& x) const {
  LENSLET_ASSIGN_OR_RETURN(const std::optional<Ints> given,
                           IntsFrom(node, 1, "axes"));
  const bool removes = node.type() == "Squeeze";
  Ints sizes = SizesForOne(x);
  const auto rank = static_cast<int64_t>(
      sizes.size() + (removes || !given ? 0 : given->size()));
  if (rank > Shape::kMaxRank) {
    return Lacking(absl::StrCat("its output has ", rank,
                                " axes; expected at most ", Shape::kMaxRank));
  }
  std::vector<bool> changed(rank, false);
  for (const int64_t axis : given.value_or(Ints())) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t i, AxisOf(axis, rank));
    if (changed[i]) return Wrong("its axes repeat");
    changed[i] = true;
  }
  Ints result;
  size_t next = 0;
  for (int64_t i = 0; i < rank; ++i) {
    if (!removes) {
      result.push_back(changed[i] ? 1 : sizes[next++]);
    } else if (given ? !changed[i] : sizes[i] != 1) {
      result.push_back(sizes[i]);
    } else if (sizes[i] != 1) {
      return Wrong("an axis has more than one number");
    }
  }
  return result;
}

}  // namespace lenslet
