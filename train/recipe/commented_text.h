// Writes texts in protobuf's form.

#ifndef LENSLET_TRAIN_RECIPE_COMMENTED_TEXT_H_
#define LENSLET_TRAIN_RECIPE_COMMENTED_TEXT_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/wrap_text.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Text in protobuf's form, with comments.
class CommentedText {
 public:
  void Comment(absl::string_view text) {
    const std::string start = absl::StrCat(indent_, "# ");
    absl::StrAppend(&text_, WrapText(text, start, start));
  }
  void EmptyLine() { text_ += "\n"; }
  void Line(absl::string_view line) {
    absl::StrAppend(&text_, indent_, line, "\n");
  }
  void Open(absl::string_view field) {
    Line(absl::StrCat(field, " {"));
    indent_ += "  ";
  }
  void Close() {
    indent_.resize(indent_.size() - 2);
    Line("}");
  }
  const std::string& text() const { return text_; }

 private:
  std::string indent_;
  std::string text_;
};

// In quotation marks. Characters that could control a terminal are escaped,
// too.
std::string Quoted(absl::string_view text);

// "[28, 28, 1]"
std::string ListText(const Shape& shape);

}  // namespace lenslet

#endif  // LENSLET_TRAIN_RECIPE_COMMENTED_TEXT_H_
