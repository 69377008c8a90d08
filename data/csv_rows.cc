#include "lenslet/data/csv_rows.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/line_reader.h"

namespace lenslet {

absl::Status ForEachCsvRow(
    const std::string& path, bool skip_first,
    const std::function<absl::Status(int64_t, absl::string_view)>& use) {
  LENSLET_ASSIGN_OR_RETURN(LineReader reader, LineReader::Open(path));
  int64_t empty_line = 0;
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) return absl::OkStatus();
    absl::string_view line = reader.line();
    if (reader.number() == 1) {
      if (skip_first) continue;
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
    LENSLET_RETURN_IF_ERROR(use(reader.number(), line));
  }
}

}  // namespace lenslet
