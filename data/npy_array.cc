#include "lenslet/data/npy_array.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace {

struct NpyTypeName {
  absl::string_view description;  // In the file.
  NpyType type;
  absl::string_view name;
  int64_t size;
};

constexpr NpyTypeName kNpyTypes[] = {
    {"|b1", NpyType::kBool, "bool", 1},
    {"|i1", NpyType::kInt8, "int8", 1},
    {"<i2", NpyType::kInt16, "int16", 2},
    {"<i4", NpyType::kInt32, "int32", 4},
    {"<i8", NpyType::kInt64, "int64", 8},
    {"|u1", NpyType::kUint8, "uint8", 1},
    {"<u2", NpyType::kUint16, "uint16", 2},
    {"<u4", NpyType::kUint32, "uint32", 4},
    {"<u8", NpyType::kUint64, "uint64", 8},
    {"<f4", NpyType::kFloat32, "float32", 4},
    {"<f8", NpyType::kFloat64, "float64", 8},
};

const NpyTypeName& Find(NpyType type) {
  for (const NpyTypeName& known : kNpyTypes) {
    if (known.type == type) return known;
  }
  return kNpyTypes[0];
}

uint32_t LittleEndian(absl::string_view bytes) {
  uint32_t number = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    number = number << 8 | static_cast<uint8_t>(bytes[i - 1]);
  }
  return number;
}

std::string Shown(absl::string_view text) {
  constexpr size_t kMaxShown = 60;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kMaxShown)),
                      text.size() > kMaxShown ? "...\"" : "\"");
}

// A Python dictionary, as NumPy writes it:
//
//   {'descr': '<f4', 'fortran_order': False, 'shape': (60, 28), }
//
// Nothing else is understood, and nothing is executed.
class NpyHeader {
 public:
  NpyHeader(const std::string& path, absl::string_view text)
      : path_(path), whole_(text), text_(text) {}

  absl::Status Parse();

  const std::string& description() const { return description_; }
  bool fortran_order() const { return fortran_order_; }
  const std::vector<int64_t>& dims() const { return dims_; }

 private:
  absl::Status Wrong(absl::string_view expected) const {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": its header is ", Shown(whole_), "; expected ",
                     expected, ", as NumPy writes it"));
  }
  bool Take(absl::string_view symbol) {
    text_ = absl::StripLeadingAsciiWhitespace(text_);
    return absl::ConsumePrefix(&text_, symbol);
  }
  // Between single or double quotation marks, without escapes.
  absl::StatusOr<std::string> TakeText();
  absl::Status TakeDims();
  absl::Status TakeField(absl::string_view name);

  const std::string& path_;
  const absl::string_view whole_;
  absl::string_view text_;
  std::string description_;
  bool fortran_order_ = false;
  std::vector<int64_t> dims_;
  bool has_order_ = false;
  bool has_dims_ = false;
};

absl::StatusOr<std::string> NpyHeader::TakeText() {
  for (const absl::string_view mark : {"'", "\""}) {
    if (!Take(mark)) continue;
    const size_t end = text_.find(mark);
    if (end == text_.npos) break;
    const std::string text(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return text;
  }
  return Wrong("a text in quotation marks");
}

absl::Status NpyHeader::TakeDims() {
  if (!Take("(")) return Wrong("shape: (..., ...)");
  while (!Take(")")) {
    text_ = absl::StripLeadingAsciiWhitespace(text_);
    size_t digits = 0;
    while (digits < text_.size() && absl::ascii_isdigit(text_[digits])) {
      ++digits;
    }
    int64_t dim;
    if (!absl::SimpleAtoi(text_.substr(0, digits), &dim)) {
      return Wrong("whole numbers, not negative, in its shape");
    }
    if (static_cast<int64_t>(dims_.size()) == Shape::kMaxRank) {
      return Wrong(
          absl::StrCat("at most ", int64_t{Shape::kMaxRank}, " dimensions"));
    }
    dims_.push_back(dim);
    text_.remove_prefix(digits);
    if (Take(",")) continue;
    if (!Take(")")) return Wrong("commas between the numbers of its shape");
    break;
  }
  return absl::OkStatus();
}

absl::Status NpyHeader::TakeField(absl::string_view name) {
  if (name == "descr" && description_.empty()) {
    if (Take("[")) {
      return absl::InvalidArgumentError(
          absl::StrCat(path_,
                       ": has records of several fields; expected an array of "
                       "numbers"));
    }
    LENSLET_ASSIGN_OR_RETURN(description_, TakeText());
    return absl::OkStatus();
  }
  if (name == "fortran_order" && !has_order_) {
    has_order_ = true;
    fortran_order_ = Take("True");
    return fortran_order_ || Take("False") ? absl::OkStatus()
                                           : Wrong("True or False");
  }
  if (name == "shape" && !has_dims_) {
    has_dims_ = true;
    return TakeDims();
  }
  return Wrong("descr, fortran_order and shape, each once");
}

absl::Status NpyHeader::Parse() {
  if (!Take("{")) return Wrong("{'descr': ..., }");
  while (!Take("}")) {
    LENSLET_ASSIGN_OR_RETURN(const std::string name, TakeText());
    if (!Take(":")) return Wrong("a colon after each name");
    LENSLET_RETURN_IF_ERROR(TakeField(name));
    if (Take(",")) continue;
    if (!Take("}")) return Wrong("a comma after each field");
    break;
  }
  if (!absl::StripAsciiWhitespace(text_).empty() || description_.empty() ||
      !has_order_ || !has_dims_) {
    return Wrong("descr, fortran_order and shape, and nothing else");
  }
  return absl::OkStatus();
}

// The text of the header; moves `file` to what follows it.
absl::StatusOr<absl::string_view> TakeHeader(const std::string& path,
                                             absl::string_view& file) {
  constexpr absl::string_view kMagic = "\x93NUMPY";
  // NumPy itself takes far shorter ones only.
  constexpr uint32_t kMaxHeader = 1 << 20;
  const auto truncated = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ends within its header"));
  };
  if (!absl::ConsumePrefix(&file, kMagic)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is not a NumPy file; expected one of np.save()"));
  }
  if (file.size() < 2) return truncated();
  const int version = static_cast<uint8_t>(file[0]);
  if (version < 1 || version > 3) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has version ", version,
                     " of NumPy's format; expected 1, 2 or 3"));
  }
  file.remove_prefix(2);
  const size_t length_bytes = version == 1 ? 2 : 4;
  if (file.size() < length_bytes) return truncated();
  const uint32_t length = LittleEndian(file.substr(0, length_bytes));
  file.remove_prefix(length_bytes);
  if (length > kMaxHeader) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has a header of ", length,
                     " bytes; expected at most ", kMaxHeader));
  }
  if (file.size() < length) return truncated();
  const absl::string_view header = file.substr(0, length);
  file.remove_prefix(length);
  return header;
}

absl::StatusOr<NpyType> ParseType(const std::string& path,
                                  absl::string_view description) {
  for (const NpyTypeName& known : kNpyTypes) {
    if (description == known.description) return known.type;
  }
  if (description.find_first_of("USO") != description.npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": has text or objects of type ", Shown(description),
        "; expected numbers; of names of classes, save the numbers "
        "np.unique(y, return_inverse=True)[1]"));
  }
  // As floats, classes would be values.
  const bool are_whole = description.find_first_of("iu") != description.npos;
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": has numbers of type ", Shown(description),
      "; expected integers, float32, float64 or bool, little-endian; convert "
      "them with astype(\"",
      are_whole ? "<i8" : "<f4", "\")"));
}

}  // namespace

absl::string_view Name(NpyType type) { return Find(type).name; }

int64_t SizeOf(NpyType type) { return Find(type).size; }

absl::StatusOr<NpyArray> ParseNpy(const std::string& path,
                                  absl::string_view file) {
  LENSLET_ASSIGN_OR_RETURN(const absl::string_view text,
                           TakeHeader(path, file));
  NpyHeader header(path, text);
  LENSLET_RETURN_IF_ERROR(header.Parse());
  NpyArray array;
  LENSLET_ASSIGN_OR_RETURN(array.type, ParseType(path, header.description()));
  const absl::StatusOr<Shape> shape = Shape::Create(header.dims());
  if (!shape.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", shape.status().message()));
  }
  array.shape = *shape;
  if (header.fortran_order() && shape->rank() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": has an array in Fortran order; expected C order; convert it "
        "with np.ascontiguousarray()"));
  }
  const int64_t size = MultiplySizes(shape->elements(), SizeOf(array.type));
  if (static_cast<int64_t>(file.size()) != size) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": has ", file.size(), " bytes after its header; expected ", size,
        ", for ", Name(array.type), " of shape ", shape->ToString()));
  }
  array.bytes = file;
  return array;
}

}  // namespace lenslet
