#include "lenslet/data/csv.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/utf8.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/csv_cell.h"
#include "lenslet/data/line_reader.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

// Where an error is.
struct Place {
  const std::string& path;
  int64_t line;
  int64_t column;  // From 0.
};

// `value` is what is wrong there.
absl::Status ValueError(const Place& place, absl::string_view value,
                        absl::string_view expected) {
  constexpr size_t kMaxShown = 40;
  return absl::InvalidArgumentError(absl::StrCat(
      place.path, ":", place.line, ": column ", place.column + 1, " is \"",
      absl::CHexEscape(value.substr(0, kMaxShown)),
      value.size() > kMaxShown ? "...\"" : "\"", "; expected ", expected));
}

absl::Status CheckOptions(const CsvOptions& options) {
  const Shape& shape = options.image_shape;
  // A column more, for the label, must still be countable.
  if (shape.rank() < 1 || shape.rank() >= Shape::kMaxRank ||
      shape.elements() < 1 ||
      shape.elements() == std::numeric_limits<int64_t>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat("image_shape is ", shape.ToString(), "; expected 1 to ",
                     Shape::kMaxRank - 1, " dimensions, and none of them 0"));
  }
  if (options.label_column < 0 || options.label_column > shape.elements()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "label_column is ", options.label_column, "; expected a number in [0, ",
        shape.elements(), "], up to the number of pixels of image_shape ",
        shape.ToString()));
  }
  if (options.class_names.size() > kMaxClasses) {
    return absl::InvalidArgumentError(
        absl::StrCat("class_names has ", options.class_names.size(),
                     " names; expected at most ", kMaxClasses));
  }
  return absl::OkStatus();
}

absl::Status CheckColumns(const std::string& path, int64_t number,
                          absl::string_view line, const CsvOptions& options) {
  const int64_t columns = std::count(line.begin(), line.end(), ',') + 1;
  const int64_t pixels = options.image_shape.elements();
  if (columns == pixels + 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, ":", number, ": has ", columns, " columns, too ",
      columns < pixels + 1 ? "few" : "many", "; expected ", pixels + 1,
      ": the label and ", pixels, " pixels of an image of shape ",
      options.image_shape.ToString(),
      line.find('"') == line.npos
          ? ""
          : " (commas within quotes also separate columns)"));
}

// Calls `use(number, line)` for each row, whose columns are as many as there
// should be.
absl::Status ForEachRow(
    const std::string& path, const CsvOptions& options,
    const std::function<absl::Status(int64_t, absl::string_view)>& use) {
  LENSLET_ASSIGN_OR_RETURN(LineReader reader, LineReader::Open(path));
  int64_t empty_line = 0;
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) return absl::OkStatus();
    absl::string_view line = reader.line();
    if (reader.number() == 1) {
      if (options.has_header) continue;
      line = absl::StripPrefix(line, "\xef\xbb\xbf");
    }
    if (absl::StripAsciiWhitespace(line).empty()) {
      if (empty_line == 0) empty_line = reader.number();
      continue;
    }
    if (empty_line != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ":", empty_line, ": is empty, but line ", reader.number(),
          " is not; only lines at the end may be empty"));
    }
    LENSLET_RETURN_IF_ERROR(CheckColumns(path, reader.number(), line, options));
    LENSLET_RETURN_IF_ERROR(use(reader.number(), line));
  }
}

// Without blanks and quotation marks around it.
absl::StatusOr<absl::string_view> Unquote(const Place& place,
                                          absl::string_view text) {
  if (const auto inner = UnquotedCell(text)) return *inner;
  return ValueError(place, absl::StripAsciiWhitespace(text),
                    "quotation marks only at both ends, and no comma between "
                    "them");
}

absl::StatusOr<uint8_t> ParsePixel(const Place& place, absl::string_view text) {
  if (const std::optional<uint8_t> pixel = ParseByte(text)) return *pixel;
  LENSLET_ASSIGN_OR_RETURN(text, Unquote(place, text));
  if (const std::optional<uint8_t> pixel = ParseByte(text)) return *pixel;
  return ValueError(
      place, text,
      absl::StrCat("a whole number from 0 to 255",
                   place.line == 1 ? " (a header needs has_header)" : ""));
}

// Gives each label that comes a number, the words in the order in which they
// come.
class Labels {
 public:
  // The labels are indices of `class_names`, unless there are none.
  explicit Labels(absl::Span<const std::string> class_names)
      : class_names_(class_names) {}

  absl::StatusOr<uint8_t> Parse(const Place& place, absl::string_view text) {
    LENSLET_ASSIGN_OR_RETURN(text, Unquote(place, text));
    if (!class_names_.empty()) return Find(place, text);
    const bool is_number = LooksLikeNumber(text);
    if (first_line_ == 0) {
      first_line_ = place.line;
      are_numbers_ = is_number;
    }
    if (text.empty()) return ValueError(place, text, "a label");
    if (is_number != are_numbers_) {
      return ValueError(
          place, text,
          absl::StrCat(
              are_numbers_ ? "a number" : "a word that is not a number",
              ", like the label in line ", first_line_));
    }
    return is_number ? ParseNumber(place, text) : ParseWord(place, text);
  }

  // Returns the classes' names, and makes `labels`, which Parse() returned,
  // their indices.
  std::vector<std::string> Finish(absl::Span<uint8_t> labels) const {
    if (!class_names_.empty()) {
      return {class_names_.begin(), class_names_.end()};
    }
    std::vector<std::string> names;
    if (are_numbers_) {
      for (int i = 0; i <= largest_; ++i) names.push_back(absl::StrCat(i));
      return names;
    }
    std::vector<uint8_t> index(words_.size());
    for (const auto& [word, number] : words_) {
      index[number] = static_cast<uint8_t>(names.size());
      names.push_back(word);
    }
    for (uint8_t& label : labels) label = index[label];
    return names;
  }

 private:
  absl::StatusOr<uint8_t> Find(const Place& place,
                               absl::string_view text) const {
    // Numbers may begin with zeros.
    const std::optional<uint8_t> number = ParseByte(text);
    const std::string name =
        number.has_value() ? absl::StrCat(*number) : std::string(text);
    const auto found =
        std::find(class_names_.begin(), class_names_.end(), name);
    if (found == class_names_.end()) {
      return ValueError(place, text,
                        absl::StrCat("one of the ", class_names_.size(),
                                     " classes of the training examples, \"",
                                     class_names_.front(), "\" to \"",
                                     class_names_.back(), "\""));
    }
    return static_cast<uint8_t>(found - class_names_.begin());
  }

  absl::StatusOr<uint8_t> ParseNumber(const Place& place,
                                      absl::string_view text) {
    const std::optional<uint8_t> number = ParseByte(text);
    if (!number.has_value()) {
      return ValueError(place, text,
                        "a label that is a whole number from 0 to "
                        "255");
    }
    largest_ = std::max(largest_, *number);
    return *number;
  }

  absl::StatusOr<uint8_t> ParseWord(const Place& place,
                                    absl::string_view text) {
    if (const auto found = words_.find(text); found != words_.end()) {
      return found->second;
    }
    if (!IsValidUtf8(text)) {
      return ValueError(place, text, "a label that is UTF-8");
    }
    if (words_.size() == kMaxClasses) {
      return ValueError(
          place, text,
          absl::StrCat("one of the ", kMaxClasses,
                       " labels above it, the most that a file may have"));
    }
    const auto number = static_cast<uint8_t>(words_.size());
    words_.emplace(text, number);
    return number;
  }

  const absl::Span<const std::string> class_names_;
  int64_t first_line_ = 0;
  bool are_numbers_ = true;
  uint8_t largest_ = 0;
  std::map<std::string, uint8_t, std::less<>> words_;
};

// Reads a row whose columns were counted: `pixels` has room for all but one.
absl::Status ParseRow(Place place, absl::string_view line, int64_t label_column,
                      Labels& labels, uint8_t* label, uint8_t* pixels) {
  for (place.column = 0;; ++place.column) {
    const size_t end = line.find(',');
    const absl::string_view text = line.substr(0, end);
    if (place.column == label_column) {
      LENSLET_ASSIGN_OR_RETURN(*label, labels.Parse(place, text));
    } else {
      LENSLET_ASSIGN_OR_RETURN(*pixels++, ParsePixel(place, text));
    }
    if (end == line.npos) return absl::OkStatus();
    line.remove_prefix(end + 1);
  }
}

}  // namespace

absl::StatusOr<Dataset> LoadCsv(const std::string& path,
                                const CsvOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckOptions(options));
  // Memory is asked for when the file is known to have as many values.
  int64_t rows = 0;
  LENSLET_RETURN_IF_ERROR(
      ForEachRow(path, options, [&](int64_t, absl::string_view) {
        ++rows;
        return absl::OkStatus();
      }));
  if (rows == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is empty; expected rows of numbers",
                     options.has_header ? " after the header" : ""));
  }
  ExampleArrays arrays;
  LENSLET_ASSIGN_OR_RETURN(const Shape shape,
                           options.image_shape.WithOuter(rows));
  for (const auto& [tensor, its_shape] :
       {std::pair(&arrays.inputs, shape),
        std::pair(&arrays.targets, Shape({rows}))}) {
    absl::StatusOr<Tensor> created =
        Tensor::Create(ElementType::kUint8, its_shape);
    if (!created.ok()) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, ": ", created.status().message()));
    }
    *tensor = *std::move(created);
  }

  const absl::Status changed = absl::DataLossError(absl::StrCat(
      path, ": changed while it was read; it had ", rows, " rows at first"));
  Labels labels(options.class_names);
  uint8_t* const first_label = arrays.targets.data<uint8_t>();
  uint8_t* const first_pixel = arrays.inputs.data<uint8_t>();
  int64_t row = 0;
  LENSLET_RETURN_IF_ERROR(
      ForEachRow(path, options, [&](int64_t number, absl::string_view line) {
        if (row == rows) return changed;
        const absl::Status status =
            ParseRow({.path = path, .line = number, .column = 0}, line,
                     options.label_column, labels, first_label + row,
                     first_pixel + row * options.image_shape.elements());
        ++row;
        return status;
      }));
  if (row != rows) return changed;
  std::vector<std::string> names =
      labels.Finish(absl::MakeSpan(first_label, rows));
  return MakeDataset(std::move(arrays), std::move(names));
}

}  // namespace lenslet
