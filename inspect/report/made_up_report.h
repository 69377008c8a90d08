// Data of a training run that never was, for tests of the page.

#ifndef LENSLET_INSPECT_REPORT_MADE_UP_REPORT_H_
#define LENSLET_INSPECT_REPORT_MADE_UP_REPORT_H_

#include "lenslet/inspect/report/report_data.h"

namespace lenslet {

// Every section has data. Ten classes, one of them with a long name and one
// with characters that mean something in HTML; twenty epochs.
ReportData MadeUpReport();

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_MADE_UP_REPORT_H_
