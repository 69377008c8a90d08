// Elementwise functions of constants, computed in the type of their numbers.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/onnx/fold_functions.h"
#include "lenslet/onnx/import_errors.h"
#include "onnx/onnx.pb.h"

namespace lenslet {
namespace {

using DataType = onnx::TensorProto;
using IntOr = absl::StatusOr<int64_t>;

// Sums, products and quotients of float64 that are rounded to float32 or a
// smaller type are those of that type: it has more than twice their digits.
struct UnaryFunction {
  absl::string_view type;
  double (*of_floats)(double);
  // nullptr if it is of floats only.
  IntOr (*of_ints)(int64_t);
};

int64_t SignOf(int64_t x) { return (x > 0 ? 1 : 0) - (x < 0 ? 1 : 0); }

constexpr UnaryFunction kUnary[] = {
    {"Abs", [](double x) { return std::abs(x); },
     [](int64_t x) -> IntOr { return x < 0 ? -x : x; }},
    {"Ceil", [](double x) { return std::ceil(x); }, nullptr},
    {"Cos", [](double x) { return std::cos(x); }, nullptr},
    {"Erf", [](double x) { return std::erf(x); }, nullptr},
    {"Exp", [](double x) { return std::exp(x); }, nullptr},
    {"Floor", [](double x) { return std::floor(x); }, nullptr},
    {"Log", [](double x) { return std::log(x); }, nullptr},
    {"Neg", [](double x) { return -x; }, [](int64_t x) -> IntOr { return -x; }},
    {"Reciprocal", [](double x) { return 1 / x; }, nullptr},
    {"Relu", [](double x) { return x < 0 ? 0 : x; },
     [](int64_t x) -> IntOr { return std::max<int64_t>(x, 0); }},
    {"Round", [](double x) { return std::nearbyint(x); }, nullptr},
    {"Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }, nullptr},
    {"Sign",
     [](double x) {
       return static_cast<double>((x > 0 ? 1 : 0) - (x < 0 ? 1 : 0));
     },
     [](int64_t x) -> IntOr { return SignOf(x); }},
    {"Sin", [](double x) { return std::sin(x); }, nullptr},
    {"Sqrt", [](double x) { return std::sqrt(x); }, nullptr},
    {"Tanh", [](double x) { return std::tanh(x); }, nullptr},
};

absl::Status OfBatch() {
  return Wrong("it computes with the number of images, or with -2^63");
}

// The whole number, which fits 64 bits and is not the mark of the batch.
IntOr Checked(bool overflows, int64_t result) {
  if (overflows || result == kBatchSize) {
    return Wrong("its result is out of the range of int64");
  }
  return result;
}

IntOr Sum(int64_t a, int64_t b) {
  if (a == 0 || b == 0) return a == 0 ? b : a;
  if (a == kBatchSize || b == kBatchSize) return OfBatch();
  int64_t result = 0;
  const bool overflows = __builtin_add_overflow(a, b, &result);
  return Checked(overflows, result);
}

IntOr Difference(int64_t a, int64_t b) {
  if (b == 0) return a;
  if (a == kBatchSize || b == kBatchSize) return OfBatch();
  int64_t result = 0;
  const bool overflows = __builtin_sub_overflow(a, b, &result);
  return Checked(overflows, result);
}

IntOr ProductOfTwo(int64_t a, int64_t b) {
  if (a == 1 || b == 1) return a == 1 ? b : a;
  if (a == 0 || b == 0) return 0;
  if (a == kBatchSize || b == kBatchSize) return OfBatch();
  int64_t result = 0;
  const bool overflows = __builtin_mul_overflow(a, b, &result);
  return Checked(overflows, result);
}

IntOr Quotient(int64_t a, int64_t b) {
  if (b == 0) return Wrong("it divides by 0");
  if (b == 1) return a;
  if (a == kBatchSize || b == kBatchSize) return OfBatch();
  return a / b;
}

// Of two numbers that both are known, or of the number of images, which is
// above 0, and one that is not.
template <typename Comparison>
IntOr Compared(int64_t a, int64_t b, Comparison comparison) {
  if (a == kBatchSize && b <= 0 && b != kBatchSize) a = 1;
  if (b == kBatchSize && a <= 0 && a != kBatchSize) b = 1;
  if (a == kBatchSize || b == kBatchSize) return OfBatch();
  return comparison(a, b) ? 1 : 0;
}

template <typename Function>
IntOr OfKnown(int64_t a, int64_t b, Function function) {
  if (a == kBatchSize || b == kBatchSize) return OfBatch();
  return function(a, b);
}

enum class ResultType { kSame, kTruth };

struct BinaryFunction {
  absl::string_view type;
  ResultType result;
  // nullptr for types that it is not of.
  double (*of_floats)(double, double);
  IntOr (*of_ints)(int64_t, int64_t);
  bool is_of_truth = false;
};

constexpr BinaryFunction kBinary[] = {
    {"Add", ResultType::kSame, [](double a, double b) { return a + b; }, Sum},
    {"And", ResultType::kTruth, nullptr,
     [](int64_t a, int64_t b) -> IntOr { return a & b; }, true},
    {"Div", ResultType::kSame, [](double a, double b) { return a / b; },
     Quotient},
    {"Equal", ResultType::kTruth,
     [](double a, double b) { return a == b ? 1.0 : 0.0; },
     [](int64_t a, int64_t b) -> IntOr {
       return Compared(a, b, [](int64_t x, int64_t y) { return x == y; });
     },
     true},
    {"Greater", ResultType::kTruth,
     [](double a, double b) { return a > b ? 1.0 : 0.0; },
     [](int64_t a, int64_t b) -> IntOr {
       return Compared(a, b, [](int64_t x, int64_t y) { return x > y; });
     }},
    {"GreaterOrEqual", ResultType::kTruth,
     [](double a, double b) { return a >= b ? 1.0 : 0.0; },
     [](int64_t a, int64_t b) -> IntOr {
       return Compared(a, b, [](int64_t x, int64_t y) { return x >= y; });
     }},
    {"Less", ResultType::kTruth,
     [](double a, double b) { return a < b ? 1.0 : 0.0; },
     [](int64_t a, int64_t b) -> IntOr {
       return Compared(a, b, [](int64_t x, int64_t y) { return x < y; });
     }},
    {"LessOrEqual", ResultType::kTruth,
     [](double a, double b) { return a <= b ? 1.0 : 0.0; },
     [](int64_t a, int64_t b) -> IntOr {
       return Compared(a, b, [](int64_t x, int64_t y) { return x <= y; });
     }},
    {"Max", ResultType::kSame,
     [](double a, double b) { return std::isnan(a) || a > b ? a : b; },
     [](int64_t a, int64_t b) -> IntOr {
       return OfKnown(a, b,
                      [](int64_t x, int64_t y) { return std::max(x, y); });
     }},
    {"Min", ResultType::kSame,
     [](double a, double b) { return std::isnan(a) || a < b ? a : b; },
     [](int64_t a, int64_t b) -> IntOr {
       return OfKnown(a, b,
                      [](int64_t x, int64_t y) { return std::min(x, y); });
     }},
    // Of whole numbers, the remainder has the divisor's sign.
    {"Mod", ResultType::kSame,
     [](double a, double b) { return std::fmod(a, b); },
     [](int64_t a, int64_t b) -> IntOr {
       if (b == 0) return Wrong("it divides by 0");
       return OfKnown(a, b, [](int64_t x, int64_t y) {
         const int64_t rest = y == -1 ? 0 : x % y;
         return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
       });
     }},
    {"Mul", ResultType::kSame, [](double a, double b) { return a * b; },
     ProductOfTwo},
    {"Or", ResultType::kTruth, nullptr,
     [](int64_t a, int64_t b) -> IntOr { return a | b; }, true},
    {"Pow", ResultType::kSame,
     [](double a, double b) { return std::pow(a, b); }, nullptr},
    {"Sub", ResultType::kSame, [](double a, double b) { return a - b; },
     Difference},
};

template <typename Function, size_t kCount>
const Function* Find(const Function (&functions)[kCount],
                     absl::string_view type) {
  const auto found =
      std::find_if(std::begin(functions), std::end(functions),
                   [&](const Function& each) { return each.type == type; });
  return found == std::end(functions) ? nullptr : found;
}

absl::Status NotOf(int64_t type) {
  return Lacking(absl::StrCat("of constants of type ", ElementTypeName(type),
                              ", Lenslet does not compute it"));
}

// A whole number that a function has computed, in the type of its inputs.
IntOr InType(const BinaryFunction& function, int64_t type, int64_t number) {
  if (number == kBatchSize) return number;
  const int64_t wrapped = WrappedTo(type, number);
  if (wrapped != number && function.type == "Div") {
    return Wrong(absl::StrCat("its result, ", number,
                              ", is out of the range of ",
                              ElementTypeName(type)));
  }
  return wrapped;
}

// Visits all elements of an array of these sizes, with the index of each input
// that is repeated to it.
template <typename Visit>
absl::Status ForEach(const Ints& sizes, ConstantInputs inputs, Visit visit) {
  constexpr size_t kMaxInputs = 3;
  const size_t inner = sizes.empty() ? 0 : sizes.size() - 1;
  const int64_t columns = sizes.empty() ? 1 : sizes[inner];
  std::vector<Ints> strides;
  int64_t steps[kMaxInputs] = {};
  for (const OnnxConstant* input : inputs) {
    strides.push_back(BroadcastStrides(input->dims, sizes));
    if (!sizes.empty()) steps[strides.size() - 1] = strides.back()[inner];
  }
  const int64_t rows = columns == 0 ? 0 : ProductOf(sizes) / columns;
  Ints position(sizes.size(), 0);
  int64_t first[kMaxInputs] = {};
  for (int64_t r = 0; r < rows; ++r) {
    int64_t indices[kMaxInputs] = {first[0], first[1], first[2]};
    for (int64_t c = 0; c < columns; ++c) {
      LENSLET_RETURN_IF_ERROR(visit(indices));
      for (size_t i = 0; i < kMaxInputs; ++i) indices[i] += steps[i];
    }
    for (size_t axis = inner; axis-- > 0;) {
      const bool is_last = ++position[axis] == sizes[axis];
      for (size_t i = 0; i < strides.size(); ++i) {
        first[i] += strides[i][axis] * (is_last ? 1 - sizes[axis] : 1);
      }
      if (!is_last) break;
      position[axis] = 0;
    }
  }
  return absl::OkStatus();
}

// OnnxConstant::Append(), in line for the most frequent type.
void AppendTo(double number, OnnxConstant& y) {
  if (y.type == DataType::FLOAT) {
    y.floats.push_back(static_cast<float>(number));
  } else {
    y.Append(number);
  }
}

// Makes room for so many numbers.
void Reserve(int64_t count, OnnxConstant& y) {
  if (y.is_float()) {
    y.floats.reserve(count);
  } else {
    y.ints.reserve(count);
  }
}

ConstantOr Binary(const BinaryFunction& function, const OnnxConstant& a,
                  const OnnxConstant& b) {
  const bool is_power = function.type == "Pow";
  if (a.type != b.type && !is_power) {
    return Wrong(absl::StrCat("its inputs have types ", ElementTypeName(a.type),
                              " and ", ElementTypeName(b.type),
                              "; expected one type"));
  }
  const bool is_truth = a.type == DataType::BOOL;
  if ((a.is_float() ? function.of_floats == nullptr
                    : function.of_ints == nullptr) ||
      (is_truth && !function.is_of_truth) || a.type == DataType::UINT64) {
    return NotOf(a.type);
  }
  const std::vector<const OnnxConstant*> inputs = {&a, &b};
  LENSLET_ASSIGN_OR_RETURN(const Ints sizes, BroadcastSizes(a.dims, b.dims));
  LENSLET_RETURN_IF_ERROR(CheckSize(sizes, inputs));
  const bool is_comparison = function.result == ResultType::kTruth;
  OnnxConstant y{.dims = sizes,
                 .type = is_comparison ? int64_t{DataType::BOOL} : a.type};
  Reserve(ProductOf(sizes), y);
  const auto visit = [&](const int64_t* indices) -> absl::Status {
    if (!a.is_float()) {
      LENSLET_ASSIGN_OR_RETURN(
          int64_t number,
          function.of_ints(a.ints[indices[0]], b.ints[indices[1]]));
      if (!is_comparison) {
        LENSLET_ASSIGN_OR_RETURN(number, InType(function, a.type, number));
      }
      y.ints.push_back(number);
      return absl::OkStatus();
    }
    if (!b.is_float() && b.ints[indices[1]] == kBatchSize) return OfBatch();
    const double second = b.is_float()
                              ? b.NumberAt(indices[1])
                              : static_cast<double>(b.ints[indices[1]]);
    const double number = function.of_floats(a.NumberAt(indices[0]), second);
    if (is_comparison) {
      y.ints.push_back(static_cast<int64_t>(number));
    } else {
      AppendTo(number, y);
    }
    return absl::OkStatus();
  };
  LENSLET_RETURN_IF_ERROR(ForEach(sizes, inputs, visit));
  return y;
}

ConstantOr Unary(const UnaryFunction& function, const OnnxConstant& x) {
  OnnxConstant y{.dims = x.dims, .type = x.type};
  if (x.is_float()) {
    for (int64_t i = 0; i < x.size(); ++i) {
      y.Append(function.of_floats(x.NumberAt(i)));
    }
    return y;
  }
  if (function.of_ints == nullptr || x.type == DataType::BOOL ||
      x.type == DataType::UINT64) {
    return NotOf(x.type);
  }
  for (const int64_t number : x.ints) {
    if (number == kBatchSize) return OfBatch();
    LENSLET_ASSIGN_OR_RETURN(const int64_t result, function.of_ints(number));
    y.ints.push_back(WrappedTo(x.type, result));
  }
  return y;
}

// Of one input or more, one after another.
ConstantOr Repeated(const BinaryFunction& function, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(SizesOfAll(inputs).status());
  OnnxConstant y = *inputs[0];
  for (size_t i = 1; i < inputs.size(); ++i) {
    LENSLET_ASSIGN_OR_RETURN(y, Binary(function, y, *inputs[i]));
  }
  return y;
}

// From floats, to a type of whole numbers of at most 63 bits.
IntOr WholePart(double number, int64_t type) {
  // ONNX leaves the rest open.
  if (!(std::abs(number) < 9e18)) {
    return Wrong(absl::StrCat("a number has no whole part of type ",
                              ElementTypeName(type)));
  }
  const auto whole = static_cast<int64_t>(number);
  if (WrappedTo(type, whole) != whole ||
      (type == DataType::UINT64 && whole < 0)) {
    return Wrong(absl::StrCat("it makes ", whole, " of type ",
                              ElementTypeName(type),
                              "; expected a number that this type has"));
  }
  return whole;
}

ConstantOr CastConstant(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  LENSLET_ASSIGN_OR_RETURN(const int64_t to, node.Int("to", DataType::FLOAT));
  if (!IsConstantType(to)) {
    return Lacking(absl::StrCat("it makes constants of type ",
                                ElementTypeName(to),
                                "; expected floating-point or whole numbers"));
  }
  const OnnxConstant& x = *inputs[0];
  OnnxConstant y{.dims = x.dims, .type = to};
  if (x.type == DataType::UINT64 &&
      std::any_of(x.ints.begin(), x.ints.end(),
                  [](int64_t number) { return number < 0; })) {
    return NotOf(x.type);
  }
  for (int64_t i = 0; i < x.size(); ++i) {
    if (x.is_float() && y.is_float()) {
      y.Append(x.NumberAt(i));
    } else if (y.is_float()) {
      if (x.ints[i] == kBatchSize) return OfBatch();
      y.Append(to == DataType::FLOAT
                   ? static_cast<double>(static_cast<float>(x.ints[i]))
                   : static_cast<double>(x.ints[i]));
    } else if (to == DataType::BOOL) {
      y.ints.push_back(
          (x.is_float() ? x.NumberAt(i) != 0 : x.ints[i] != 0) ? 1 : 0);
    } else if (x.is_float()) {
      LENSLET_ASSIGN_OR_RETURN(const int64_t whole,
                               WholePart(x.NumberAt(i), to));
      y.ints.push_back(whole);
    } else {
      const int64_t number = x.ints[i];
      const bool is_size = to == DataType::INT64 || to == DataType::INT32;
      if (number == kBatchSize && !is_size) return OfBatch();
      y.ints.push_back(number == kBatchSize ? number : WrappedTo(to, number));
    }
  }
  return y;
}

ConstantOr WhereConstant(ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 3));
  const OnnxConstant& a = *inputs[1];
  const OnnxConstant& b = *inputs[2];
  if (inputs[0]->type != DataType::BOOL || a.type != b.type) {
    return Wrong(
        absl::StrCat("its inputs have types ", ElementTypeName(inputs[0]->type),
                     ", ", ElementTypeName(a.type), " and ",
                     ElementTypeName(b.type), "; expected bool and one type"));
  }
  LENSLET_ASSIGN_OR_RETURN(Ints sizes, BroadcastSizes(a.dims, b.dims));
  LENSLET_ASSIGN_OR_RETURN(sizes, BroadcastSizes(inputs[0]->dims, sizes));
  LENSLET_RETURN_IF_ERROR(CheckSize(sizes, inputs));
  OnnxConstant y{.dims = sizes, .type = a.type};
  const auto visit = [&](const int64_t* indices) -> absl::Status {
    const bool is_first = inputs[0]->ints[indices[0]] != 0;
    const OnnxConstant& from = is_first ? a : b;
    const int64_t i = indices[is_first ? 1 : 2];
    if (from.is_float()) {
      y.Append(from.NumberAt(i));
    } else {
      y.ints.push_back(from.ints[i]);
    }
    return absl::OkStatus();
  };
  LENSLET_RETURN_IF_ERROR(ForEach(sizes, inputs.subspan(0, 3), visit));
  return y;
}

ConstantOr ClipConstant(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  OnnxConstant y = *inputs[0];
  for (const auto& [i, attribute, function] :
       {std::tuple(size_t{1}, "min", "Max"), {size_t{2}, "max", "Min"}}) {
    OnnxConstant bound{.type = y.type};
    if (i < inputs.size() && inputs[i] != nullptr) {
      bound = *inputs[i];
    } else if (node.Has(attribute)) {
      LENSLET_ASSIGN_OR_RETURN(const float number, node.Float(attribute, 0));
      bound.Append(number);
    } else {
      continue;
    }
    if (bound.size() != 1) return Wrong("a bound is not one number");
    bound.dims = {};
    LENSLET_ASSIGN_OR_RETURN(y, Combined(function, y, bound));
  }
  return y;
}

ConstantOr NotConstant(ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 1));
  if (inputs[0]->type != DataType::BOOL) return NotOf(inputs[0]->type);
  OnnxConstant y = *inputs[0];
  for (int64_t& number : y.ints) number = 1 - number;
  return y;
}

// Mod of floats is C's fmod, and of whole numbers if it says so.
absl::Status CheckMod(const NodeReader& node, ConstantInputs inputs) {
  LENSLET_RETURN_IF_ERROR(CheckGiven(inputs, 2));
  LENSLET_ASSIGN_OR_RETURN(const int64_t fmod, node.Int("fmod", 0));
  if ((fmod != 0) != inputs[0]->is_float()) {
    return Lacking(absl::StrCat("it has fmod=", fmod, " of constants of type ",
                                ElementTypeName(inputs[0]->type),
                                "; expected 1 of floats, else 0"));
  }
  return absl::OkStatus();
}

}  // namespace

ConstantOr Combined(absl::string_view type, const OnnxConstant& a,
                    const OnnxConstant& b) {
  return Binary(*Find(kBinary, type), a, b);
}

std::optional<ConstantOr> FoldElementwise(const NodeReader& node,
                                          ConstantInputs inputs) {
  const std::string& type = node.type();
  if (type == "Cast") return CastConstant(node, inputs);
  if (type == "Where") return WhereConstant(inputs);
  if (type == "Clip") return ClipConstant(node, inputs);
  if (type == "Not") return NotConstant(inputs);
  if (const UnaryFunction* function = Find(kUnary, type)) {
    const absl::Status given = CheckGiven(inputs, 1);
    return given.ok() ? Unary(*function, *inputs[0]) : given;
  }
  if (type == "Sum") return Repeated(*Find(kBinary, "Add"), inputs);
  const BinaryFunction* function = Find(kBinary, type);
  if (function == nullptr) return std::nullopt;
  if (type == "Max" || type == "Min") return Repeated(*function, inputs);
  const absl::Status given =
      type == "Mod" ? CheckMod(node, inputs) : CheckGiven(inputs, 2);
  return given.ok() ? Binary(*function, *inputs[0], *inputs[1]) : given;
}

}  // namespace lenslet
