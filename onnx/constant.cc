#include "lenslet/onnx/constant.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/mapped_file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/text_format.h"
#include "lenslet/layers/graph.h"
#include "lenslet/onnx/count_text.h"

namespace lenslet {
namespace {

using Type = onnx::TensorProto;

float HalfToFloat(uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  const float sign = (half & 0x8000) != 0 ? -1.0f : 1.0f;
  if (exponent == 31) {
    return fraction != 0 ? std::numeric_limits<float>::quiet_NaN()
                         : sign * std::numeric_limits<float>::infinity();
  }
  if (exponent == 0)
    return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

float Bfloat16ToFloat(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

absl::StatusOr<int64_t> ElementsOf(const onnx::TensorProto& tensor,
                                   int64_t max_elements) {
  if (tensor.dims_size() > kMaxConstantAxes) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", AxesText(tensor.dims_size()),
                     "; expected at most ", kMaxConstantAxes));
  }
  int64_t elements = 1;
  for (const int64_t dim : tensor.dims()) {
    if (dim < 0 || (dim > 0 && elements > max_elements / dim)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "its shape is [", absl::StrJoin(tensor.dims(), ", "),
          "]; expected sizes of at least 0 and at most ", max_elements,
          " elements",
          max_elements < kMaxStoredNumbers ? " beside the constants before it"
                                           : ""));
    }
    elements *= dim;
  }
  return elements;
}

struct ExternalPlace {
  std::string location;
  int64_t offset = 0;
  std::optional<int64_t> length;
};

absl::StatusOr<ExternalPlace> PlaceOf(const onnx::TensorProto& tensor) {
  ExternalPlace place;
  for (const onnx::StringStringEntryProto& entry : tensor.external_data()) {
    int64_t number = 0;
    const bool is_number =
        absl::SimpleAtoi(entry.value(), &number) && number >= 0;
    if (entry.key() == "location") {
      place.location = entry.value();
    } else if (entry.key() == "offset" || entry.key() == "length") {
      if (!is_number) {
        return absl::InvalidArgumentError(absl::StrCat(
            "the ", entry.key(), " of its values is ",
            QuotedName(entry.value()), "; expected a number of at least 0"));
      }
      if (entry.key() == "offset") {
        place.offset = number;
      } else {
        place.length = number;
      }
    }
  }
  return place;
}

// The path of a file of values. A model may come from anyone: it must not read
// other files of its user.
absl::StatusOr<std::string> ExternalPath(const std::string& location,
                                         const std::string& folder) {
  const auto refuse = [&](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("its values are in ", QuotedName(location), ", ", why));
  };
  const std::filesystem::path relative(location);
  if (location.empty() || relative.is_absolute()) {
    return refuse("which is not a path in the model's folder");
  }
  std::error_code error;
  const std::filesystem::path root =
      std::filesystem::canonical(folder.empty() ? "." : folder, error);
  if (error) return refuse("but the model has no folder");
  const std::filesystem::path path =
      std::filesystem::weakly_canonical(root / relative, error);
  if (error) return refuse("which cannot be found");
  const std::filesystem::path inside = path.lexically_relative(root);
  if (inside.empty() || *inside.begin() == "..") {
    return refuse("which is outside the model's folder");
  }
  return path.string();
}

// The file of a tensor's values, and its bytes there.
struct ExternalValues {
  std::unique_ptr<MappedFile> file;
  absl::string_view bytes;
};

absl::StatusOr<ExternalValues> OpenExternal(const onnx::TensorProto& tensor,
                                            const std::string& folder,
                                            int64_t bytes) {
  LENSLET_ASSIGN_OR_RETURN(const ExternalPlace place, PlaceOf(tensor));
  LENSLET_ASSIGN_OR_RETURN(const std::string path,
                           ExternalPath(place.location, folder));
  LENSLET_ASSIGN_OR_RETURN(std::unique_ptr<MappedFile> file,
                           MappedFile::Open(path));
  const auto size = static_cast<int64_t>(file->bytes().size());
  if (place.length.value_or(bytes) != bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the length of its values is ",
                     CountText(*place.length, "byte"), "; its shape [",
                     absl::StrJoin(tensor.dims(), ", "), "] needs ", bytes));
  }
  if (place.offset > size || bytes > size - place.offset) {
    return absl::InvalidArgumentError(
        absl::StrCat("its values start at byte ", place.offset, " of ",
                     QuotedName(place.location), ", which has ", size,
                     " bytes; its shape needs ", bytes));
  }
  const absl::string_view values = file->bytes().substr(place.offset, bytes);
  return ExternalValues{.file = std::move(file), .bytes = values};
}

template <typename T>
T Element(absl::string_view bytes, int64_t i) {
  T value;
  std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
  return value;
}

// Where the elements of a type are, if they are not raw bytes.
enum class Field { kFloats, kDoubles, kInt32s, kInt64s, kUint64s };

struct TypeInfo {
  int size;  // Bytes of an element.
  bool is_float;
  Field field;
};

std::optional<TypeInfo> InfoOf(int type) {
  switch (type) {
    case Type::FLOAT:
      return TypeInfo{4, true, Field::kFloats};
    case Type::DOUBLE:
      return TypeInfo{8, true, Field::kDoubles};
    case Type::FLOAT16:
    case Type::BFLOAT16:
      return TypeInfo{2, true, Field::kInt32s};
    case Type::INT64:
      return TypeInfo{8, false, Field::kInt64s};
    case Type::INT32:
      return TypeInfo{4, false, Field::kInt32s};
    case Type::INT16:
    case Type::UINT16:
      return TypeInfo{2, false, Field::kInt32s};
    case Type::INT8:
    case Type::UINT8:
    case Type::BOOL:
      return TypeInfo{1, false, Field::kInt32s};
    case Type::UINT32:
      return TypeInfo{4, false, Field::kUint64s};
    case Type::UINT64:
      return TypeInfo{8, false, Field::kUint64s};
    default:
      return std::nullopt;
  }
}

// A type of floats: the bits of its significant digits, the exponent of its
// smallest number above 0, and its largest number.
struct FloatFormat {
  int bits;
  int smallest_exponent;
  double largest;
};

constexpr FloatFormat kFloat16 = {11, -24, 65504};
constexpr FloatFormat kBfloat16 = {8, -133, 0x1.fep127};

double RoundedIn(const FloatFormat& format, double number) {
  if (number == 0 || !std::isfinite(number)) return number;
  int exponent = 0;
  std::frexp(number, &exponent);
  const int last = std::max(exponent - format.bits, format.smallest_exponent);
  const double rounded =
      std::ldexp(std::nearbyint(std::ldexp(number, -last)), last);
  return std::abs(rounded) > format.largest
             ? std::copysign(std::numeric_limits<double>::infinity(), number)
             : rounded;
}

double FloatAt(int type, absl::string_view bytes, int64_t i) {
  switch (type) {
    case Type::DOUBLE:
      return Element<double>(bytes, i);
    case Type::FLOAT16:
      return HalfToFloat(Element<uint16_t>(bytes, i));
    case Type::BFLOAT16:
      return Bfloat16ToFloat(Element<uint16_t>(bytes, i));
    default:
      return Element<float>(bytes, i);
  }
}

int64_t IntAt(int type, absl::string_view bytes, int64_t i) {
  switch (type) {
    case Type::INT32:
      return Element<int32_t>(bytes, i);
    case Type::INT16:
      return Element<int16_t>(bytes, i);
    case Type::UINT16:
      return Element<uint16_t>(bytes, i);
    case Type::INT8:
      return Element<int8_t>(bytes, i);
    case Type::UINT8:
      return Element<uint8_t>(bytes, i);
    case Type::BOOL:
      return Element<uint8_t>(bytes, i) != 0 ? 1 : 0;
    case Type::UINT32:
      return Element<uint32_t>(bytes, i);
    default:  // Those of 64 bits.
      return Element<int64_t>(bytes, i);
  }
}

int64_t CountIn(const onnx::TensorProto& tensor, Field field) {
  switch (field) {
    case Field::kFloats:
      return tensor.float_data_size();
    case Field::kDoubles:
      return tensor.double_data_size();
    case Field::kInt32s:
      return tensor.int32_data_size();
    case Field::kInt64s:
      return tensor.int64_data_size();
    case Field::kUint64s:
      return tensor.uint64_data_size();
  }
  return 0;
}

double FloatIn(const onnx::TensorProto& tensor, Field field, int64_t i) {
  const int index = static_cast<int>(i);
  switch (field) {
    case Field::kFloats:
      return tensor.float_data(index);
    case Field::kDoubles:
      return tensor.double_data(index);
    default: {
      const auto bits = static_cast<uint16_t>(tensor.int32_data(index));
      return tensor.data_type() == Type::BFLOAT16 ? Bfloat16ToFloat(bits)
                                                  : HalfToFloat(bits);
    }
  }
}

int64_t IntIn(const onnx::TensorProto& tensor, Field field, int64_t i) {
  const int index = static_cast<int>(i);
  switch (field) {
    case Field::kInt64s:
      return tensor.int64_data(index);
    case Field::kUint64s:
      return static_cast<int64_t>(tensor.uint64_data(index));
    default:
      return tensor.int32_data(index);
  }
}

}  // namespace

std::vector<float> TransposeEach(absl::Span<const float> matrices,
                                 int64_t count, int64_t rows, int64_t columns) {
  std::vector<float> transposed(matrices.size());
  for (int64_t m = 0; m < count; ++m) {
    const int64_t first = m * rows * columns;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        transposed[first + c * rows + r] = matrices[first + r * columns + c];
      }
    }
  }
  return transposed;
}

bool IsFloatType(int64_t type) {
  return type == Type::UNDEFINED || type == Type::FLOAT ||
         type == Type::DOUBLE || type == Type::FLOAT16 ||
         type == Type::BFLOAT16;
}

bool IsConstantType(int64_t type) {
  return type >= 0 && type <= Type::DataType_MAX &&
         InfoOf(static_cast<int>(type)).has_value();
}

double RoundedTo(int64_t type, double number) {
  switch (type) {
    case Type::DOUBLE:
      return number;
    case Type::FLOAT16:
      return RoundedIn(kFloat16, number);
    case Type::BFLOAT16:
      return RoundedIn(kBfloat16, number);
    default:
      return static_cast<float>(number);
  }
}

int64_t WrappedTo(int64_t type, int64_t number) {
  switch (type) {
    case Type::INT8:
      return static_cast<int8_t>(number);
    case Type::UINT8:
      return static_cast<uint8_t>(number);
    case Type::INT16:
      return static_cast<int16_t>(number);
    case Type::UINT16:
      return static_cast<uint16_t>(number);
    case Type::INT32:
      return static_cast<int32_t>(number);
    case Type::UINT32:
      return static_cast<uint32_t>(number);
    default:
      return number;
  }
}

void OnnxConstant::Append(double number) {
  const double rounded = RoundedTo(type, number);
  floats.push_back(static_cast<float>(rounded));
  if (type == Type::DOUBLE) doubles.push_back(rounded);
}

std::string SizesText(const Ints& sizes) {
  const auto append = [](std::string* text, int64_t size) {
    absl::StrAppend(text, size == kBatchSize ? "batch" : absl::StrCat(size));
  };
  return absl::StrCat("[", absl::StrJoin(sizes, ", ", append), "]");
}

std::string ElementTypeName(int64_t type) {
  if (type < 0 || type > Type::DataType_MAX ||
      !onnx::TensorProto::DataType_IsValid(static_cast<int>(type))) {
    return absl::StrCat(type);
  }
  return absl::AsciiStrToLower(onnx::TensorProto::DataType_Name(
      static_cast<onnx::TensorProto::DataType>(type)));
}

bool IsWholeType(int64_t type) {
  return type == Type::UINT8 || type == Type::UINT16 || type == Type::INT16 ||
         type == Type::UINT32 || type == Type::INT32 || type == Type::UINT64 ||
         type == Type::INT64;
}

absl::StatusOr<OnnxConstant> ConstantOf(const onnx::TensorProto& tensor,
                                        const std::string& folder,
                                        int64_t max_numbers) {
  const std::optional<TypeInfo> info = InfoOf(tensor.data_type());
  if (!info) {
    return absl::InvalidArgumentError(absl::StrCat(
        "its elements have type ", ElementTypeName(tensor.data_type()),
        "; expected floating-point or whole numbers"));
  }
  LENSLET_ASSIGN_OR_RETURN(const int64_t elements,
                           ElementsOf(tensor, max_numbers));
  OnnxConstant constant;
  constant.dims = {tensor.dims().begin(), tensor.dims().end()};
  constant.type = tensor.data_type();

  ExternalValues external;
  absl::string_view raw = tensor.raw_data();
  bool is_raw = tensor.has_raw_data();
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    LENSLET_ASSIGN_OR_RETURN(
        external, OpenExternal(tensor, folder, elements * info->size));
    raw = external.bytes;
    is_raw = true;
  }
  const int64_t count = is_raw ? static_cast<int64_t>(raw.size()) / info->size
                               : CountIn(tensor, info->field);
  if (count != elements ||
      (is_raw && static_cast<int64_t>(raw.size()) % info->size != 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", CountText(count, "value"), "; its shape [",
                     absl::StrJoin(tensor.dims(), ", "), "] needs ", elements));
  }
  // Not before the count is known to be right: a shape costs nothing to write.
  if (info->is_float) {
    constant.floats.reserve(elements);
    for (int64_t i = 0; i < elements; ++i) {
      constant.Append(is_raw ? FloatAt(tensor.data_type(), raw, i)
                             : FloatIn(tensor, info->field, i));
    }
  } else {
    constant.ints.resize(elements);
    for (int64_t i = 0; i < elements; ++i) {
      constant.ints[i] = is_raw ? IntAt(tensor.data_type(), raw, i)
                                : IntIn(tensor, info->field, i);
    }
  }
  return constant;
}

}  // namespace lenslet
