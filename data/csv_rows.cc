#include "lenslet/data/csv_rows.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/csv_cell.h"

namespace lenslet {
namespace {

// Of a cell with line breaks. A mark too many would take the rest of the file.
constexpr size_t kMostQuotedBytes = size_t{1} << 20;

bool IsSeparator(char c) {
  return c == '\t' || (absl::ascii_ispunct(c) && c != '"');
}

bool IsEmpty(absl::string_view line, std::optional<char> separator) {
  return std::all_of(line.begin(), line.end(), [&](char c) {
    return absl::ascii_isspace(c) && c != separator;
  });
}

bool HasOnlySeparators(absl::string_view line, char separator) {
  return line.find(separator) != line.npos &&
         std::all_of(line.begin(), line.end(), [&](char c) {
           return absl::ascii_isspace(c) || c == separator;
         });
}

}  // namespace

absl::StatusOr<CsvRowReader> CsvRowReader::Open(const std::string& path,
                                                std::optional<char> separator,
                                                int64_t max_line_bytes) {
  LENSLET_ASSIGN_OR_RETURN(LineReader reader,
                           LineReader::Open(path, max_line_bytes));
  return CsvRowReader(path, separator, std::move(reader));
}

absl::Status CsvRowReader::CheckFirstLine() {
  if (absl::StartsWith(first_line_, "\xff\xfe") ||
      absl::StartsWith(first_line_, "\xfe\xff")) {
    return absl::InvalidArgumentError(absl::StrCat(
        path_, ": is UTF-16; expected UTF-8: save it as CSV UTF-8"));
  }
  if (first_line_.find('\0') != first_line_.npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ": is not text; expected a CSV file"));
  }
  absl::ConsumePrefix(&first_line_, "\xef\xbb\xbf");
  const size_t lone = first_line_.find('\r');
  if (lone != first_line_.npos && lone + 1 < first_line_.size() &&
      first_line_.find('"') == first_line_.npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_,
                     ": its lines end with carriage returns alone; expected "
                     "line feeds: save it with line ends of Unix or Windows"));
  }
  return absl::OkStatus();
}

absl::Status CsvRowReader::Join() {
  joined_ = std::string(first_line_);
  QuoteState state = QuoteState::kInside;
  while (state == QuoteState::kInside) {
    const bool is_long = joined_.size() - first_line_.size() > kMostQuotedBytes;
    bool more = false;
    if (!is_long) {
      LENSLET_ASSIGN_OR_RETURN(more, reader_.Next());
    }
    if (!more) {
      return absl::InvalidArgumentError(absl::StrCat(
          path_, ":", number_,
          ": a quotation mark opens a cell, and no other mark closes it",
          is_long ? " within 1 MiB" : "",
          "; close it, or remove the mark, or double it in a cell between "
          "marks"));
    }
    absl::StrAppend(&joined_, "\n", reader_.line());
    state = QuotesAfter(reader_.line(), separator(), /*is_inside=*/true);
  }
  if (state == QuoteState::kOutside) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path_, ":", number_,
      ": a quotation mark opens a cell that the next mark, in line ",
      reader_.number(),
      ", does not end; close it, or remove the mark, or double those that are "
      "text"));
}

absl::StatusOr<bool> CsvRowReader::LookAhead() {
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const bool more, reader_.Next());
    if (!more) return false;
    if (!IsEmpty(reader_.line(), separator_) &&
        !HasOnlySeparators(reader_.line(), *separator_)) {
      return true;
    }
  }
}

absl::StatusOr<bool> CsvRowReader::NextLine() {
  do {
    if (!is_ahead_) {
      LENSLET_ASSIGN_OR_RETURN(const bool more, reader_.Next());
      if (!more) {
        first_line_ = absl::string_view();
        number_ = reader_.number();
        return false;
      }
    }
    is_ahead_ = false;
    first_line_ = reader_.line();
    number_ = reader_.number();
    if (number_ == 1) LENSLET_RETURN_IF_ERROR(CheckFirstLine());
  } while (IsEmpty(first_line_, separator_));
  // What separates columns is known after the first row.
  if (!has_started_ || !HasOnlySeparators(first_line_, separator())) {
    return true;
  }
  separators_ = std::string(first_line_);
  LENSLET_ASSIGN_OR_RETURN(is_ahead_, LookAhead());
  first_line_ = separators_;
  return is_ahead_;
}

absl::StatusOr<bool> CsvRowReader::Next() {
  joined_.clear();
  LENSLET_ASSIGN_OR_RETURN(bool more, NextLine());
  if (!more) return false;
  if (!has_started_) {
    has_started_ = true;
    absl::string_view named = first_line_;
    if (absl::ConsumePrefix(&named, "sep=") && named.size() == 1 &&
        IsSeparator(named[0])) {
      if (!separator_.has_value()) separator_ = named[0];
      LENSLET_ASSIGN_OR_RETURN(more, NextLine());
      if (!more) return false;
    }
    if (!separator_.has_value()) separator_ = GuessSeparator(first_line_);
  }
  if (first_line_.find('\0') != first_line_.npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ":", number_, ": has a byte of 0; expected text"));
  }
  if (QuotesAfter(first_line_, separator(), /*is_inside=*/false) ==
      QuoteState::kInside) {
    LENSLET_RETURN_IF_ERROR(Join());
  }
  return true;
}

absl::StatusOr<char> FindCsvSeparator(const std::string& path,
                                      std::optional<char> separator) {
  if (separator.has_value()) return *separator;
  LENSLET_ASSIGN_OR_RETURN(CsvRowReader reader, CsvRowReader::Open(path));
  LENSLET_RETURN_IF_ERROR(reader.Next().status());
  return reader.separator();
}

absl::Status ForEachCsvRow(
    const std::string& path, char separator, bool skip_first,
    const std::function<absl::Status(int64_t, absl::string_view)>& use) {
  LENSLET_ASSIGN_OR_RETURN(CsvRowReader reader,
                           CsvRowReader::Open(path, separator));
  bool is_skipped = skip_first;
  while (true) {
    LENSLET_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) return absl::OkStatus();
    if (!is_skipped) {
      LENSLET_RETURN_IF_ERROR(use(reader.number(), reader.row()));
    }
    is_skipped = false;
  }
}

}  // namespace lenslet
