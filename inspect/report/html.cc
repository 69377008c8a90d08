#include "lenslet/inspect/report/html.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "lenslet/base/printable.h"
#include "lenslet/base/text_format.h"

namespace lenslet {

namespace {

constexpr char kNoBreakSpace[] = "\u00a0";

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  return absl::StrReplaceAll(PrintableLines(text), {{"&", "&amp;"},
                                                    {"<", "&lt;"},
                                                    {">", "&gt;"},
                                                    {"\"", "&quot;"},
                                                    {"'", "&#39;"}});
}

std::string JsonForScript(absl::string_view json) {
  return absl::StrReplaceAll(
      json, {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}});
}

std::string Percent(double share, int digits) {
  if (!std::isfinite(share)) return "not finite";
  return absl::StrFormat("%.*f%s%%", digits, 100 * share, kNoBreakSpace);
}

std::string ShortNumber(double number) {
  if (!std::isfinite(number)) return "not finite";
  return absl::StrFormat("%.4g", number);
}

std::string Duration(double seconds) {
  return DurationText(seconds, {.space = kNoBreakSpace});
}

std::string ImageHtml(const ReportImage& image, int64_t side,
                      absl::string_view alt) {
  const int64_t longer = std::max<int64_t>({image.width, image.height, 1});
  return absl::StrCat(
      "<img src=\"data:image/png;base64,", absl::Base64Escape(image.png),
      "\" width=\"", std::max<int64_t>(1, image.width * side / longer),
      "\" height=\"", std::max<int64_t>(1, image.height * side / longer),
      "\" alt=\"", EscapeHtml(alt), "\">");
}

std::string ShareCell(std::optional<double> share) {
  if (!share) return "<td class=\"none\">–</td>";
  return absl::StrFormat(
      "<td class=\"share\"><span class=\"bar\" style=\"--v:%.3f\">"
      "</span>%s</td>",
      *share, Percent(*share));
}

std::string ScrollBoxHtml(absl::string_view label, absl::string_view content) {
  return absl::StrCat("<div class=\"scroll\" tabindex=\"0\" role=\"region\" ",
                      "aria-label=\"", EscapeHtml(label), "\">\n", content,
                      "</div>\n");
}

std::string SectionHtml(absl::string_view id, absl::string_view title,
                        absl::string_view about, absl::string_view content) {
  return absl::StrCat(
      "<section id=\"", id, "\" aria-labelledby=\"", id, "-title\">\n<h2 id=\"",
      id, "-title\">", EscapeHtml(title), "</h2>\n",
      about.empty()
          ? ""
          : absl::StrCat("<p class=\"about\">", EscapeHtml(about), "</p>\n"),
      content, "</section>\n");
}

}  // namespace lenslet
