// Pieces of HTML.

#ifndef LENSLET_INSPECT_REPORT_HTML_H_
#define LENSLET_INSPECT_REPORT_HTML_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "lenslet/inspect/report/report_data.h"

namespace lenslet {

// The text, for an element's content or an attribute in quotes. Control
// characters and bytes that are not UTF-8 become escapes such as "\x1b".
std::string EscapeHtml(absl::string_view text);

// JSON so that no text in it ends the <script> element around it, or starts a
// comment there.
std::string JsonForScript(absl::string_view json);

// "91.3 %" of a share in [0, 1], with a space that does not break.
std::string Percent(double share, int digits = 1);

// Four significant digits; "not finite".
std::string ShortNumber(double number);

// "48 s", "3 min 5 s", "2 h 10 min"
std::string Duration(double seconds);

// <img>, `side` CSS pixels at its longer side. `alt` is plain text; empty for
// a picture that repeats what stands beside it.
std::string ImageHtml(const ReportImage& image, int64_t side,
                      absl::string_view alt);

// A box that its content, too wide for a phone, is scrolled in, with the
// keyboard too. `label` is plain text, for those who do not see it.
std::string ScrollBoxHtml(absl::string_view label, absl::string_view content);

// A section of the page: a heading that can be linked to, a line about it, and
// the content. `title` and `about` are plain text; `about` may be empty.
std::string SectionHtml(absl::string_view id, absl::string_view title,
                        absl::string_view about, absl::string_view content);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_HTML_H_
