// Pieces of HTML.

#ifndef LENSLET_INSPECT_REPORT_HTML_H_
#define LENSLET_INSPECT_REPORT_HTML_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "lenslet/inspect/report/report_data.h"

namespace lenslet {

// Escapes text for an element's content or a quoted attribute. Control
// characters and bytes that are not UTF-8 become escapes such as "\x1b".
std::string EscapeHtml(absl::string_view text);

// Escapes JSON for a <script> element, so that no text in it can end the
// element or start a comment.
std::string JsonForScript(absl::string_view json);

// Formats a fraction in [0, 1] as "91.3 %", with a non-breaking space.
std::string Percent(double share, int digits = 1);

// Formats with four significant digits, or as "not finite".
std::string ShortNumber(double number);

// "48 s", "3 min 5 s", "2 h 10 min"
std::string Duration(double seconds);

// An <img> whose longer side has `side` CSS pixels. `alt` is plain text; leave
// it empty if the picture only repeats adjacent text.
std::string ImageHtml(const ReportImage& image, int64_t side,
                      absl::string_view alt);

// A cell of a table with a fraction in [0, 1] and a bar; a dash without one.
std::string ShareCell(std::optional<double> share);

// A box that scrolls content too wide for a phone, also by keyboard. `label` is
// plain text for screen readers.
std::string ScrollBoxHtml(absl::string_view label, absl::string_view content);

// A section of the page: a heading with an anchor, a line about the section,
// and the content. `title` and `about` are plain text; `about` may be empty.
std::string SectionHtml(absl::string_view id, absl::string_view title,
                        absl::string_view about, absl::string_view content);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_HTML_H_
