// The report's sections on the network itself and on how it was trained.

#ifndef LENSLET_INSPECT_REPORT_INSIDE_H_
#define LENSLET_INSPECT_REPORT_INSIDE_H_

#include <string>

#include "lenslet/inspect/report/report_data.h"

namespace lenslet {

// Each function returns "" without its data.

// Pictures of filters.
std::string FiltersSection(const ReportData& data);
// Images, and pictures of the layers' activations for them.
std::string ActivationsSection(const ReportData& data);
// A drawing of the network, and a table of its layers.
std::string NetworkSection(const ReportData& data);
// The recipe's text, to repeat the run.
std::string RecipeSection(const ReportData& data);
std::string MachineSection(const ReportData& data);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_INSIDE_H_
