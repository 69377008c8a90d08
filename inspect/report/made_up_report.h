// Synthetic data of a training run, for tests of the page.

#ifndef LENSLET_INSPECT_REPORT_MADE_UP_REPORT_H_
#define LENSLET_INSPECT_REPORT_MADE_UP_REPORT_H_

#include "lenslet/inspect/report/report_data.h"

namespace lenslet {

// Returns data for every section: twenty epochs and ten classes. One class has
// a long name, and one a name with HTML special characters.
ReportData MadeUpReport();

// The same for other targets: two values; three labels, one of them with HTML
// special characters; a class of each pixel; values that are images.
ReportData MadeUpValueReport();
ReportData MadeUpLabelReport();
ReportData MadeUpMapReport();
ReportData MadeUpImageReport();

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_MADE_UP_REPORT_H_
