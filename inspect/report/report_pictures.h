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
#include "lenslet/inspect/color_map.h"
#include "lenslet/inspect/report/report_data.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

// Returns a picture of an example. Absent unless the example is a gray or
// color image, [H, W, 1 or 3]. Numbers that are not bytes go from black, the
// smallest, to white. Errors: as EncodePng().
absl::StatusOr<std::optional<ReportImage>> PictureOf(const Tensor& example);

// Returns a picture of numbers of shape `shape`, for which IsImage() holds,
// from black, range.min, to white, range.max. Errors: as EncodePng().
absl::StatusOr<ReportImage> PictureOfNumbers(absl::Span<const float> numbers,
                                             const Shape& shape,
                                             const ValueRange& range);

// Whether the shape is [H, W, 1 or 3].
bool IsImage(const Shape& shape);

// Adds an example's input, map of classes and predicted classes to the report's
// panels. The data set's targets are classes of positions [H, W]; `scores` are
// the network's for the example. Errors: as EncodePng(), and those of reading
// the example.
absl::Status AddMapPanel(const Dataset& dataset, int64_t example,
                         absl::Span<const float> scores, ReportData& report);

// Adds an example's input, target and output. The data set's targets are values
// for whose shape IsImage() holds. Both pictures have the range of the target.
// Errors: as AddMapPanel().
absl::Status AddImagePanel(const Dataset& dataset, int64_t example,
                           absl::Span<const float> outputs, ReportData& report);

// Sets the pictures that explain the report's mistakes, which are those of the
// data set's examples with these indices and of these predicted classes. Works
// on up to `threads` of them at a time, at least 1. Leaves them out unless
// CanExplain() (inspect/explanation.h). Errors: as
// Explainer::Create() and EncodePng(), and those of reading the examples.
struct MistakenExample {
  int64_t index = 0;
  int64_t predicted = 0;
};
absl::Status AddExplanations(const Graph& graph, const Parameters& parameters,
                             const Dataset& dataset,
                             absl::Span<const MistakenExample> mistakes,
                             int threads, ReportData& report);

// Sets the report's `filters`, from the first layer that has any, and its
// `activations`, for the examples with these indices. If there are many
// filters, channels or layers, takes only some. Draws only inputs that
// DrawLayers() takes: bytes, and numbers for whose shape IsImage() holds.
// Errors: as DrawLayers().
absl::Status AddLayerPictures(const Graph& graph, const Parameters& parameters,
                              const Dataset& dataset,
                              absl::Span<const int64_t> examples,
                              ReportData& report);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_REPORT_PICTURES_H_
