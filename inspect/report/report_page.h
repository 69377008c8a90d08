// The report of a training run, as one page of HTML.

#ifndef LENSLET_INSPECT_REPORT_REPORT_PAGE_H_
#define LENSLET_INSPECT_REPORT_REPORT_PAGE_H_

#include <string>

#include "absl/status/status.h"
#include "lenslet/inspect/report/report_data.h"

namespace lenslet {

// The page holds all that it needs, Chart.js and pictures too, and forbids
// itself to load anything else; it can be opened from a file. All text is taken
// as text, whatever characters it has, but for network_svg. Light and dark
// follow the reader's system.
std::string MakeReportPage(const ReportData& data);

// Writes the page to `path`. Errors: as WriteFileAtomically().
absl::Status WriteReport(const std::string& path, const ReportData& data);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_REPORT_PAGE_H_
