// Makes the report of a training run, a single HTML page.

#ifndef LENSLET_INSPECT_REPORT_REPORT_PAGE_H_
#define LENSLET_INSPECT_REPORT_REPORT_PAGE_H_

#include <string>

#include "absl/status/status.h"
#include "lenslet/inspect/report/report_data.h"

namespace lenslet {

// The page is self-contained, including Chart.js and pictures, and can be
// opened from a file. Its policy forbids loading anything else. All text except
// network_svg is escaped. The color scheme, light or dark, follows the
// reader's system.
std::string MakeReportPage(const ReportData& data);

// Writes the page to `path`. Errors: as WriteFileAtomically().
absl::Status WriteReport(const std::string& path, const ReportData& data);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_REPORT_PAGE_H_
