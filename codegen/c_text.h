// Parts of C code.

#ifndef LENSLET_CODEGEN_C_TEXT_H_
#define LENSLET_CODEGEN_C_TEXT_H_

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// The variables of positions and loops along the three spatial axes.
inline constexpr const char* kAxisNames[3] = {"d", "h", "w"};

// A finite float as a literal that reads back as the same bits.
inline std::string CLiteral(float x) {
  return x == 0 && !std::signbit(x) ? "0.0f" : absl::StrFormat("%af", x);
}

// "x", "x - 3", "x + 3"
inline std::string Plus(absl::string_view x, int64_t number) {
  if (number == 0) return std::string(x);
  return number < 0 ? absl::StrCat(x, " - ", -number)
                    : absl::StrCat(x, " + ", number);
}

// "x", "x * 3"
inline std::string Times(absl::string_view x, int64_t factor) {
  return factor == 1 ? std::string(x) : absl::StrCat(x, " * ", factor);
}

// Collects the lines of a file.
class CWriter {
 public:
  // Appends a line of these parts, indented.
  template <typename... Parts>
  void Line(const Parts&... parts) {
    if constexpr (sizeof...(parts) > 0) {
      absl::StrAppend(&text_, std::string(2 * depth_, ' '), parts...);
    }
    text_ += '\n';
  }

  // Appends a line that ends with "{", and indents those after it.
  template <typename... Parts>
  void Open(const Parts&... parts) {
    Line(parts..., " {");
    ++depth_;
  }
  void OpenBlock() {
    Line("{");
    ++depth_;
  }

  // Ends the indentation with a line "}".
  void Close() {
    --depth_;
    Line("}");
  }

  // Appends whole lines as they are.
  void Text(absl::string_view lines) { absl::StrAppend(&text_, lines); }

  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
  int depth_ = 0;
};

}  // namespace lenslet

#endif  // LENSLET_CODEGEN_C_TEXT_H_
