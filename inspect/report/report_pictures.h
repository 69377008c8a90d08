// Makes the pictures of a report.

#ifndef LENSLET_INSPECT_REPORT_REPORT_PICTURES_H_
#define LENSLET_INSPECT_REPORT_REPORT_PICTURES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/dataset.h"
#include "lenslet/inspect/report/report_data.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns a picture of an example. Absent unless the example is a gray or
// color image, [H, W, 1 or 3]. Errors: as EncodePng().
absl::StatusOr<std::optional<ReportImage>> PictureOf(const Tensor& example);

// Sets the report's `filters`, from the first layer that has any, and its
// `activations`, for the examples with these indices. If there are many
// filters, channels or layers, takes only some. Errors: as DrawLayers().
absl::Status AddLayerPictures(const Graph& graph, const Parameters& parameters,
                              const Dataset& dataset,
                              absl::Span<const int64_t> examples,
                              ReportData& report);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_REPORT_PICTURES_H_
