// What a network looks like inside, and what it was made with.

#ifndef LENSLET_INSPECT_REPORT_INSIDE_H_
#define LENSLET_INSPECT_REPORT_INSIDE_H_

#include <string>

#include "lenslet/inspect/report/report_data.h"

namespace lenslet {

// Each is empty without its data.

// Pictures of filters.
std::string FiltersSection(const ReportData& data);
// Images, and pictures of what layers make of them.
std::string ActivationsSection(const ReportData& data);
// The network drawn, and its layers as a table.
std::string NetworkSection(const ReportData& data);
// The text that the run can be repeated with.
std::string RecipeSection(const ReportData& data);
std::string MachineSection(const ReportData& data);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_INSIDE_H_
