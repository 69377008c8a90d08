// Collects the text of a C file.

#ifndef LENSLET_CODEGEN_C_WRITER_H_
#define LENSLET_CODEGEN_C_WRITER_H_

#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// A finite float as a literal that reads back as the same bits.
inline std::string CLiteral(float x) {
  return x == 0 && !std::signbit(x) ? "0.0f" : absl::StrFormat("%af", x);
}

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

#endif  // LENSLET_CODEGEN_C_WRITER_H_
