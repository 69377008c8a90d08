// Reads CSV files row by row.

#ifndef LENSLET_DATA_CSV_ROWS_H_
#define LENSLET_DATA_CSV_ROWS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lenslet {

// Calls `use(number, line)` for each line of a plain or gzip file, counted from
// 1, but for the first one if it is to be skipped, and empty ones at the end.
// Skips a byte order mark. Errors: LineReader's (data/line_reader.h) and those
// of `use`; InvalidArgument for an empty line before the last row.
absl::Status ForEachCsvRow(
    const std::string& path, bool skip_first,
    const std::function<absl::Status(int64_t, absl::string_view)>& use);

}  // namespace lenslet

#endif  // LENSLET_DATA_CSV_ROWS_H_
