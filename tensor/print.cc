#include "lenslet/tensor/print.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/check.h"

namespace lenslet {
namespace {

// Which entries of a dimension are shown; -1 stands for "...".
std::vector<int64_t> ShownIndices(int64_t size, bool abbreviated,
                                  int64_t edge) {
  std::vector<int64_t> shown;
  const bool gap = abbreviated && size > 2 * edge;
  for (int64_t i = 0; i < size; ++i) {
    if (gap && i == edge) {
      shown.push_back(-1);
      i = size - edge;
    }
    shown.push_back(i);
  }
  return shown;
}

// The shown elements' offsets, in order.
void CollectOffsets(const Shape& shape, bool abbreviated, int64_t edge,
                    int axis, int64_t offset, std::vector<int64_t>& offsets) {
  if (axis == shape.rank()) {
    offsets.push_back(offset);
    return;
  }
  for (int64_t i : ShownIndices(shape.dim(axis), abbreviated, edge)) {
    if (i < 0) continue;
    CollectOffsets(shape, abbreviated, edge, axis + 1,
                   offset * shape.dim(axis) + i, offsets);
  }
}

// `next` returns the shown elements' texts in order.
void Append(const Shape& shape, bool abbreviated, int64_t edge, int axis,
            const std::function<std::string()>& next, std::string& out) {
  if (axis == shape.rank()) {
    out += next();
    return;
  }
  // Rows are divided by line breaks, matrices by empty lines.
  const int inner_axes = shape.rank() - axis - 1;
  const std::string separator =
      inner_axes == 0 ? " "
                      : absl::StrCat(std::string(inner_axes, '\n'),
                                     std::string(axis + 1, ' '));
  out += "[";
  bool first = true;
  for (int64_t i : ShownIndices(shape.dim(axis), abbreviated, edge)) {
    if (!first) out += separator;
    first = false;
    if (i < 0) {
      out += "...";
    } else {
      Append(shape, abbreviated, edge, axis + 1, next, out);
    }
  }
  out += "]";
}

// The number with `precision` digits after the point, without the zeros at its
// end.
std::string Fixed(float value, int precision) {
  if (!std::isfinite(value)) {
    return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  }
  std::string text = absl::StrFormat("%.*f", precision, value);
  if (precision == 0) return text + ".";
  while (text.back() == '0') text.pop_back();
  return text;
}

// The numbers' texts, all of one width, with their decimal points in line.
std::vector<std::string> FormatAll(const std::vector<float>& values,
                                   int precision) {
  float largest = 0;
  float smallest = INFINITY;
  for (float value : values) {
    if (!std::isfinite(value) || value == 0) continue;
    largest = std::max(largest, std::abs(value));
    smallest = std::min(smallest, std::abs(value));
  }
  std::vector<std::string> texts;
  const bool exponent =
      largest >= 1e8f ||
      (largest > 0 && (smallest < 1e-4f || largest / smallest > 1e3f) &&
       smallest < 0.5f * std::pow(10.0f, -precision));
  size_t whole_width = 0;
  size_t fraction_width = 0;
  size_t other_width = 0;  // Of nan and inf, which have no decimal point.
  for (float value : values) {
    texts.push_back(exponent && std::isfinite(value)
                        ? absl::StrFormat("%.*e", precision, value)
                        : Fixed(value, precision));
    const size_t size = texts.back().size();
    const size_t point = texts.back().find('.');
    if (point == std::string::npos) {
      other_width = std::max(other_width, size);
    } else {
      whole_width = std::max(whole_width, point);
      fraction_width = std::max(fraction_width, size - point);
    }
  }
  const size_t width = std::max(whole_width + fraction_width, other_width);
  for (std::string& text : texts) {
    const size_t point = text.find('.');
    if (point != std::string::npos) {
      text.append(fraction_width - (text.size() - point), ' ');
    }
    text.insert(0, width - text.size(), ' ');
  }
  return texts;
}

template <typename T>
std::vector<std::string> FormatAll(const std::vector<T>& values, int) {
  std::vector<std::string> texts;
  size_t width = 0;
  for (T value : values) {
    texts.push_back(absl::StrCat(static_cast<int>(value)));
    width = std::max(width, texts.back().size());
  }
  for (std::string& text : texts) {
    text = std::string(width - text.size(), ' ') + text;
  }
  return texts;
}

template <typename T>
std::string Print(View<const T> view, const PrintOptions& options) {
  LENSLET_CHECK(options.edge >= 1);
  const bool abbreviated = view.size() > options.threshold;
  std::vector<int64_t> offsets;
  if (view.size() > 0) {
    CollectOffsets(view.shape(), abbreviated, options.edge, 0, 0, offsets);
  }
  std::vector<T> values;
  for (int64_t offset : offsets) values.push_back(view[offset]);
  const std::vector<std::string> texts = FormatAll(values, options.precision);
  if (view.size() == 0) return "[]";
  std::string out;
  auto text = texts.begin();
  Append(
      view.shape(), abbreviated, options.edge, 0, [&] { return *text++; }, out);
  return out;
}

}  // namespace

std::string ToString(View<const float> view, const PrintOptions& options) {
  return Print(view, options);
}
std::string ToString(View<const uint8_t> view, const PrintOptions& options) {
  return Print(view, options);
}

std::string ToString(const Tensor& tensor, const PrintOptions& options) {
  switch (tensor.type()) {
    case ElementType::kFloat32:
      return ToString(tensor.view<float>(), options);
    case ElementType::kUint8:
      return ToString(tensor.view<uint8_t>(), options);
  }
  return "";
}

std::ostream& operator<<(std::ostream& os, const Tensor& tensor) {
  return os << ToString(tensor);
}

}  // namespace lenslet
