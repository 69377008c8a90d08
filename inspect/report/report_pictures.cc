#include "lenslet/inspect/report/report_pictures.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/thread_pool.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/png.h"
#include "lenslet/inspect/class_colors.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/inspect/explanation.h"
#include "lenslet/inspect/layer_pictures.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/view.h"
#include "lenslet/train/metrics.h"

namespace lenslet {
namespace {

// A page is to stay small enough to be sent to somebody.
constexpr int64_t kMaxFilters = 96;
constexpr int64_t kMaxChannels = 16;
constexpr int64_t kMaxLayers = 8;

// "test example 17"
std::string ExampleTitle(const ReportData& report, int64_t example) {
  return absl::StrCat(report.measured_on, " example ", example);
}

absl::StatusOr<ReportImage> Encode(const Tensor& image) {
  LENSLET_ASSIGN_OR_RETURN(std::string png, EncodePng(image));
  return ReportImage{.png = std::move(png),
                     .width = image.shape().dim(1),
                     .height = image.shape().dim(0)};
}

// Each of the first `count` maps as a picture.
absl::StatusOr<ReportLayerPictures> Encode(const LayerPicture& picture,
                                           ColorMap colors, int64_t count) {
  const View<const float> maps = picture.maps.view();
  const int64_t all = maps.shape().dim(0);
  const int64_t shown = std::min(all, count);
  const Shape shape = *Shape::Create(maps.shape().dims().subspan(1));
  ReportLayerPictures pictures = {.layer = picture.layer,
                                  .shows = picture.shows,
                                  .is_rgb = picture.is_rgb,
                                  .min = picture.range.min,
                                  .max = picture.range.max};
  if (shown < all) {
    absl::StrAppend(&pictures.shows, ", the first ", shown, " pictures");
  }
  for (int64_t i = 0; i < shown; ++i) {
    LENSLET_ASSIGN_OR_RETURN(
        ReportImage image,
        Encode(ColorImage(maps.Slice(i, i + 1).Reshape(shape), colors,
                          picture.range)));
    pictures.images.push_back(std::move(image));
  }
  return pictures;
}

// At most kMaxLayers of those whose pictures have something to see, the first
// and the last among them.
std::vector<const LayerPicture*> ChooseLayers(
    const std::vector<LayerPicture>& pictures) {
  std::vector<const LayerPicture*> all;
  for (const LayerPicture& picture : pictures) {
    const Shape& shape = picture.maps.shape();
    if (picture.kind == LayerPictureKind::kActivations &&
        shape.dim(1) * shape.dim(2) > 1) {
      all.push_back(&picture);
    }
  }
  const int64_t count = all.size();
  if (count <= kMaxLayers) return all;
  std::vector<const LayerPicture*> chosen;
  for (int64_t i = 0; i < kMaxLayers; ++i) {
    chosen.push_back(all[i * (count - 1) / (kMaxLayers - 1)]);
  }
  return chosen;
}

absl::Status AddFilters(const std::vector<LayerPicture>& pictures,
                        ReportData& report) {
  const auto filters = std::find_if(
      pictures.begin(), pictures.end(), [](const LayerPicture& picture) {
        return picture.kind == LayerPictureKind::kFilters;
      });
  if (filters == pictures.end()) return absl::OkStatus();
  LENSLET_ASSIGN_OR_RETURN(report.filters,
                           Encode(*filters, ColorMap::kDiverging, kMaxFilters));
  return absl::OkStatus();
}

}  // namespace

bool IsImage(const Shape& shape) {
  return shape.rank() == 3 && (shape.dim(2) == 1 || shape.dim(2) == 3) &&
         shape.elements() > 0;
}

absl::StatusOr<ReportImage> PictureOfNumbers(absl::Span<const float> numbers,
                                             const Shape& shape,
                                             const ValueRange& range) {
  const View<const float> image(numbers.data(), shape);
  return Encode(ColorImage(
      shape.dim(2) == 3 ? image : image.Reshape({shape.dim(0), shape.dim(1)}),
      ColorMap::kGray, range));
}

absl::StatusOr<std::optional<ReportImage>> PictureOf(const Tensor& example) {
  if (!IsImage(example.shape())) return std::nullopt;
  if (example.type() == ElementType::kUint8) return Encode(example);
  return PictureOfNumbers(example.span(), example.shape(),
                          FiniteRange(example.span()));
}

absl::Status AddMapPanel(const Dataset& dataset, int64_t example,
                         absl::Span<const float> scores, ReportData& report) {
  const Shape& shape = dataset.examples->target().shape;
  const int64_t classes = dataset.target_names.size();
  ExampleBatch batch;
  LENSLET_RETURN_IF_ERROR(batch.ReadTargets(*dataset.examples, {example}));
  std::vector<int32_t> predicted;
  for (int64_t i = 0; i < shape.elements(); ++i) {
    predicted.push_back(ArgMax(scores.subspan(i * classes, classes)));
  }
  LENSLET_ASSIGN_OR_RETURN(const Tensor input, dataset.Example(example));
  ReportPanel panel = {.title = ExampleTitle(report, example)};
  LENSLET_ASSIGN_OR_RETURN(panel.input, PictureOf(input));
  LENSLET_ASSIGN_OR_RETURN(
      panel.target,
      Encode(ClassImage(batch.classes(), shape.dim(0), shape.dim(1))));
  LENSLET_ASSIGN_OR_RETURN(
      panel.output, Encode(ClassImage(predicted, shape.dim(0), shape.dim(1))));
  report.panels.push_back(std::move(panel));
  return absl::OkStatus();
}

absl::Status AddImagePanel(const Dataset& dataset, int64_t example,
                           absl::Span<const float> outputs,
                           ReportData& report) {
  const Shape& shape = dataset.examples->target().shape;
  ExampleBatch batch;
  LENSLET_RETURN_IF_ERROR(batch.ReadTargets(*dataset.examples, {example}));
  const ValueRange range = FiniteRange(batch.values());
  LENSLET_ASSIGN_OR_RETURN(const Tensor input, dataset.Example(example));
  ReportPanel panel = {.title = ExampleTitle(report, example)};
  LENSLET_ASSIGN_OR_RETURN(panel.input, PictureOf(input));
  LENSLET_ASSIGN_OR_RETURN(panel.target,
                           PictureOfNumbers(batch.values(), shape, range));
  LENSLET_ASSIGN_OR_RETURN(panel.output,
                           PictureOfNumbers(outputs, shape, range));
  report.panels.push_back(std::move(panel));
  return absl::OkStatus();
}

absl::Status AddExplanations(const Graph& graph, const Parameters& parameters,
                             const Dataset& dataset,
                             absl::Span<const MistakenExample> mistakes,
                             int threads, ReportData& report) {
  if (mistakes.empty() || !CanExplain(graph)) return absl::OkStatus();
  const auto count = static_cast<int64_t>(mistakes.size());
  const int used = static_cast<int>(std::min<int64_t>(threads, count));
  std::vector<std::unique_ptr<Explainer>> explainers;
  for (int thread = 0; thread < used; ++thread) {
    LENSLET_ASSIGN_OR_RETURN(
        std::unique_ptr<Explainer> explainer,
        Explainer::Create(graph, parameters,
                          {.normalization = dataset.normalization}));
    explainers.push_back(std::move(explainer));
  }
  report.grad_cam_layer = explainers[0]->layer();
  report.occlusion_side = explainers[0]->side();
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<ThreadPool> pool,
                           ThreadPool::Create(used));
  std::vector<absl::Status> statuses(count);
  const auto explain = [&](int thread, int64_t i) -> absl::Status {
    LENSLET_ASSIGN_OR_RETURN(const Tensor image,
                             dataset.Example(mistakes[i].index));
    LENSLET_ASSIGN_OR_RETURN(
        const Explanation explanation,
        explainers[thread]->Explain(image, mistakes[i].predicted));
    LENSLET_ASSIGN_OR_RETURN(report.mistakes[i].grad_cam,
                             Encode(explanation.grad_cam_picture));
    LENSLET_ASSIGN_OR_RETURN(report.mistakes[i].occlusion,
                             Encode(explanation.occlusion_picture));
    return absl::OkStatus();
  };
  pool->ParallelFor(
      count, [&](int thread, int64_t i) { statuses[i] = explain(thread, i); });
  for (const absl::Status& status : statuses) LENSLET_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

absl::Status AddLayerPictures(const Graph& graph, const Parameters& parameters,
                              const Dataset& dataset,
                              absl::Span<const int64_t> examples,
                              ReportData& report) {
  for (const int64_t example : examples) {
    LENSLET_ASSIGN_OR_RETURN(const Tensor image, dataset.Example(example));
    if (image.type() != ElementType::kUint8 && !IsImage(image.shape())) break;
    std::string title = ExampleTitle(report, example);
    if (dataset.examples->target() == TargetSpec()) {
      LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> label,
                               dataset.Classes({example}));
      title = dataset.target_names[label[0]];
    }
    LENSLET_ASSIGN_OR_RETURN(
        const std::vector<LayerPicture> pictures,
        DrawLayers(graph, parameters, image,
                   {.normalization = dataset.normalization}));
    if (!report.filters) LENSLET_RETURN_IF_ERROR(AddFilters(pictures, report));
    LENSLET_ASSIGN_OR_RETURN(std::optional<ReportImage> input,
                             PictureOf(image));
    if (!input) continue;
    const std::vector<const LayerPicture*> chosen = ChooseLayers(pictures);
    if (chosen.empty()) continue;
    ReportActivations activations = {.label = std::move(title),
                                     .image = *std::move(input)};
    for (const LayerPicture* picture : chosen) {
      LENSLET_ASSIGN_OR_RETURN(ReportLayerPictures layer,
                               Encode(*picture, ColorMap::kGray, kMaxChannels));
      activations.layers.push_back(std::move(layer));
    }
    report.activations.push_back(std::move(activations));
  }
  return absl::OkStatus();
}

}  // namespace lenslet
