// Products of matrices, and reductions, of constants.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/onnx/fold_constants.h"
#include "lenslet/onnx/fold_functions.h"
#include "lenslet/onnx/import_errors.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

// Two factors as stacks of matrices, and the sizes of their product.
struct Factors {
  int64_t rows = 1;
  int64_t inner = 1;
  int64_t columns = 1;
  Ints stack;  // The sizes of the product's stack.
  Ints a_strides;
  Ints b_strides;
  Ints product;  // All sizes of the product.
};

absl::StatusOr<Factors> FactorsOf(const OnnxConstant& a,
                                  const OnnxConstant& b) {
  if (a.dims.empty() || b.dims.empty()) {
    return Wrong("a factor is one number; expected matrices or vectors");
  }
  Factors factors;
  Ints a_stack = a.dims;
  Ints b_stack = b.dims;
  factors.inner = a_stack.back();
  a_stack.pop_back();
  if (!a_stack.empty()) {
    factors.rows = a_stack.back();
    a_stack.pop_back();
  }
  if (b_stack.size() > 1) {
    factors.columns = b_stack.back();
    b_stack.pop_back();
  }
  if (factors.inner != b_stack.back()) {
    return Wrong(absl::StrCat("its factors are ", SizesText(a.dims), " and ",
                              SizesText(b.dims),
                              "; expected the first's last size, ",
                              factors.inner, ", as the second's first"));
  }
  b_stack.pop_back();
  LENSLET_ASSIGN_OR_RETURN(factors.stack, BroadcastSizes(a_stack, b_stack));
  factors.a_strides = BroadcastStrides(a_stack, factors.stack);
  factors.b_strides = BroadcastStrides(b_stack, factors.stack);
  factors.product = factors.stack;
  if (a.dims.size() > 1) factors.product.push_back(factors.rows);
  if (b.dims.size() > 1) factors.product.push_back(factors.columns);
  const OnnxConstant* inputs[] = {&a, &b};
  LENSLET_RETURN_IF_ERROR(CheckSize(factors.product, inputs));
  return factors;
}

// The sum of products of a row and a column.
double SumOf(const OnnxConstant& a, int64_t row, const OnnxConstant& b,
             int64_t column, int64_t columns, int64_t inner) {
  double sum = 0;
  for (int64_t i = 0; i < inner; ++i) {
    sum += a.NumberAt(row + i) * b.NumberAt(column + i * columns);
  }
  return sum;
}

// Of whole numbers. Sizes of images are far from overflows.
absl::StatusOr<int64_t> WholeSumOf(const OnnxConstant& a, int64_t row,
                                   const OnnxConstant& b, int64_t column,
                                   int64_t columns, int64_t inner) {
  int64_t sum = 0;
  for (int64_t i = 0; i < inner; ++i) {
    const int64_t x = a.ints[row + i];
    const int64_t y = b.ints[column + i * columns];
    int64_t product = 0;
    if (x == kBatchSize || y == kBatchSize) {
      return Wrong("it computes with the number of images, or with -2^63");
    }
    if (__builtin_mul_overflow(x, y, &product) ||
        __builtin_add_overflow(sum, product, &sum) || sum == kBatchSize) {
      return Wrong("its result is out of the range of int64");
    }
  }
  return WrappedTo(a.type, sum);
}

bool IsSummed(int64_t type) {
  return IsFloatType(type) || type == onnx::TensorProto::INT32 ||
         type == onnx::TensorProto::INT64;
}

ConstantOr MatMulConstant(const OnnxConstant& a, const OnnxConstant& b) {
  if (a.type != b.type || !IsSummed(a.type)) {
    return Lacking(absl::StrCat(
        "its factors have types ", ElementTypeName(a.type), " and ",
        ElementTypeName(b.type), "; expected floats, int32 or int64"));
  }
  LENSLET_ASSIGN_OR_RETURN(const Factors factors, FactorsOf(a, b));
  const auto& [rows, inner, columns, stack, a_strides, b_strides, product] =
      factors;
  OnnxConstant y{.dims = product, .type = a.type};
  const int64_t matrices = ProductOf(product) == 0 ? 0 : ProductOf(stack);
  Ints position(stack.size(), 0);
  for (int64_t m = 0; m < matrices; ++m) {
    int64_t first_a = 0;
    int64_t first_b = 0;
    for (size_t axis = 0; axis < stack.size(); ++axis) {
      first_a += position[axis] * a_strides[axis] * rows * inner;
      first_b += position[axis] * b_strides[axis] * inner * columns;
    }
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        const int64_t row = first_a + r * inner;
        if (a.is_float()) {
          y.Append(SumOf(a, row, b, first_b + c, columns, inner));
          continue;
        }
        LENSLET_ASSIGN_OR_RETURN(
            const int64_t sum,
            WholeSumOf(a, row, b, first_b + c, columns, inner));
        y.ints.push_back(sum);
      }
    }
    for (size_t axis = stack.size();
         axis-- > 0 && ++position[axis] == stack[axis];) {
      position[axis] = 0;
    }
  }
  return y;
}

// The matrix, or its transpose if the attribute says so.
ConstantOr GemmFactor(const NodeReader& node, const char* attribute,
                      const OnnxConstant& x) {
  if (x.dims.size() != 2 || !x.is_float()) {
    return Lacking(absl::StrCat("of constants, its factors are ",
                                SizesText(x.dims),
                                "; expected matrices of floats"));
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t transposes, node.Int(attribute, 0));
  return transposes != 0 ? Transposed(x, {1, 0}) : x;
}

// The constant times an attribute.
ConstantOr Scaled(const NodeReader& node, const char* attribute,
                  const OnnxConstant& x) {
  LENSLET_ASSIGN_OR_RETURN(const float number, node.Float(attribute, 1));
  OnnxConstant factor{.type = x.type};
  factor.Append(number);
  return Combined("Mul", x, factor);
}

ConstantOr GemmConstant(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant a,
                           GemmFactor(node, "transA", *inputs[0]));
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant b,
                           GemmFactor(node, "transB", *inputs[1]));
  LENSLET_ASSIGN_OR_RETURN(OnnxConstant y, MatMulConstant(a, b));
  LENSLET_ASSIGN_OR_RETURN(y, Scaled(node, "alpha", y));
  if (inputs.size() < 3 || inputs[2] == nullptr) return y;
  if (!inputs[2]->is_float()) return Wrong("its C is not of floats");
  LENSLET_ASSIGN_OR_RETURN(const OnnxConstant c,
                           Scaled(node, "beta", *inputs[2]));
  return Combined("Add", y, c);
}

struct Reduction {
  absl::string_view type;
  double first;
  double (*step)(double sum, double x);
  double (*last)(double sum, double count);
  bool is_of_ints = false;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double Unchanged(double sum, double) { return sum; }
double Added(double sum, double x) { return sum + x; }

constexpr Reduction kReductions[] = {
    {"ReduceL1", 0, [](double sum, double x) { return sum + std::abs(x); },
     Unchanged},
    {"ReduceL2", 0, [](double sum, double x) { return sum + x * x; },
     [](double sum, double) { return std::sqrt(sum); }},
    {"ReduceMax", -kInfinity,
     [](double sum, double x) { return std::max(sum, x); }, Unchanged, true},
    {"ReduceMean", 0, Added,
     [](double sum, double count) { return sum / count; }},
    {"ReduceMin", kInfinity,
     [](double sum, double x) { return std::min(sum, x); }, Unchanged, true},
    {"ReduceProd", 1, [](double sum, double x) { return sum * x; }, Unchanged,
     true},
    {"ReduceSum", 0, Added, Unchanged, true},
    {"ReduceSumSquare", 0, [](double sum, double x) { return sum + x * x; },
     Unchanged},
};

// Which axes are reduced.
absl::StatusOr<std::vector<bool>> ReducedAxes(const NodeReader& node,
                                              ConstantInputs inputs) {
  const auto rank = static_cast<int64_t>(inputs[0]->dims.size());
  LENSLET_ASSIGN_OR_RETURN(const Ints axes, IntsOf(node, inputs, 1, "axes"));
  LENSLET_ASSIGN_OR_RETURN(const int64_t keeps_all,
                           node.Int("noop_with_empty_axes", 0));
  std::vector<bool> reduced(rank, axes.empty() && keeps_all == 0);
  for (const int64_t axis : axes) {
    LENSLET_ASSIGN_OR_RETURN(const int64_t i, AxisOf(axis, rank));
    reduced[i] = true;
  }
  return reduced;
}

absl::StatusOr<double> ExactNumber(const OnnxConstant& x, int64_t i) {
  if (x.is_float()) return x.NumberAt(i);
  if (x.ints[i] == kBatchSize) {
    return Wrong("it computes with the number of images, or with -2^63");
  }
  return static_cast<double>(x.ints[i]);
}

ConstantOr Reduce(const NodeReader& node, const Reduction& reduction,
                  ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  const OnnxConstant& x = *inputs[0];
  if (!IsSummed(x.type) || !(x.is_float() || reduction.is_of_ints)) {
    return Lacking(absl::StrCat("of constants of type ",
                                ElementTypeName(x.type),
                                ", Lenslet does not compute it"));
  }
  if (x.size() == 0) return Wrong("it reduces a constant without numbers");
  LENSLET_ASSIGN_OR_RETURN(const std::vector<bool> reduced,
                           ReducedAxes(node, inputs));
  LENSLET_ASSIGN_OR_RETURN(const int64_t keeps, node.Int("keepdims", 1));
  Ints kept = x.dims;
  OnnxConstant y{.type = x.type};
  for (size_t axis = 0; axis < kept.size(); ++axis) {
    if (reduced[axis]) kept[axis] = 1;
    if (!reduced[axis] || keeps != 0) y.dims.push_back(kept[axis]);
  }
  const Ints strides = BroadcastStrides(kept, x.dims);
  std::vector<double> sums(ProductOf(kept), reduction.first);
  Ints position(x.dims.size(), 0);
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t to = 0;
    for (size_t axis = 0; axis < position.size(); ++axis) {
      to += position[axis] * strides[axis];
    }
    LENSLET_ASSIGN_OR_RETURN(const double number, ExactNumber(x, i));
    sums[to] = reduction.step(sums[to], number);
    if (!x.is_float() && !(std::abs(sums[to]) < 0x1p53)) {
      return Wrong("its result is out of the range of 53 bits");
    }
    for (size_t axis = position.size();
         axis-- > 0 && ++position[axis] == x.dims[axis];) {
      position[axis] = 0;
    }
  }
  const auto count = static_cast<double>(x.size() / ProductOf(kept));
  for (const double sum : sums) {
    if (x.is_float()) {
      y.Append(reduction.last(sum, count));
    } else {
      y.ints.push_back(WrappedTo(x.type, static_cast<int64_t>(sum)));
    }
  }
  return y;
}

}  // namespace

int64_t WorkOf(const NodeReader& node, ConstantInputs inputs) {
  const std::string& type = node.type();
  if (type == "Max" || type == "Min" || type == "Sum") {
    const absl::StatusOr<Ints> sizes = SizesOfAll(inputs);
    return sizes.ok()
               ? ProductOf(*sizes) * static_cast<int64_t>(inputs.size() - 1)
               : 0;
  }
  if ((type != "MatMul" && type != "Gemm") || !CheckGiven(inputs, 2).ok()) {
    return 0;
  }
  if (type == "MatMul") {
    const absl::StatusOr<Factors> factors = FactorsOf(*inputs[0], *inputs[1]);
    return factors.ok() ? ProductOf(factors->product) * factors->inner : 0;
  }
  const absl::StatusOr<int64_t> transposes = node.Int("transB", 0);
  const OnnxConstant& b = *inputs[1];
  if (!transposes.ok() || b.dims.size() != 2 || b.size() == 0) return 0;
  return inputs[0]->size() * b.dims[*transposes != 0 ? 0 : 1];
}

std::optional<ConstantOr> FoldSums(const NodeReader& node,
                                   ConstantInputs inputs) {
  if (node.type() == "MatMul") {
    const absl::Status given = CheckGiven(inputs, 2);
    return given.ok() ? MatMulConstant(*inputs[0], *inputs[1]) : given;
  }
  if (node.type() == "Gemm") return GemmConstant(node, inputs);
  const auto reduction =
      std::find_if(std::begin(kReductions), std::end(kReductions),
                   [&](const Reduction& x) { return x.type == node.type(); });
  if (reduction == std::end(kReductions)) return std::nullopt;
  return Reduce(node, *reduction, inputs);
}

}  // namespace lenslet
