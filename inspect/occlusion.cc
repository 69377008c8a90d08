#include "lenslet/inspect/occlusion.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lenslet/base/bad_value.h"
#include "lenslet/base/check.h"
#include "lenslet/base/denormals.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/layers/fastest_backend.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

// Images that the network processes together.
constexpr int64_t kOccluded = 16;

// Where squares begin: the last one ends at or after the border.
std::vector<int64_t> Starts(int64_t size, int64_t side, int64_t stride) {
  std::vector<int64_t> starts = {0};
  while (starts.back() + side < size) starts.push_back(starts.back() + stride);
  return starts;
}

// The softmax of one row of scores.
std::vector<double> ProbabilitiesOf(const float* scores, int64_t classes) {
  const double largest = *std::max_element(scores, scores + classes);
  std::vector<double> probabilities(classes);
  double sum = 0;
  for (int64_t k = 0; k < classes; ++k) {
    probabilities[k] = std::exp(scores[k] - largest);
    sum += probabilities[k];
  }
  for (double& probability : probabilities) probability /= sum;
  return probabilities;
}

// What the network gets for a hidden pixel.
std::vector<float> GrayPixel(const Tensor& image,
                             const OcclusionOptions& options) {
  const int64_t channels = image.shape().dim(2);
  std::vector<float> pixel(channels);
  if (image.type() == ElementType::kUint8) {
    NormalizePixels(std::vector<uint8_t>(channels, options.gray), channels,
                    options.normalization, pixel.data());
    return pixel;
  }
  const ValueRange range = FiniteRange(image.span());
  const std::vector<float> middle(channels, (range.min + range.max) / 2);
  NormalizeNumbers(middle, channels, options.normalization, pixel.data());
  return pixel;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Occlusion>> Occlusion::Create(
    const Graph& graph, const Parameters& parameters,
    const OcclusionOptions& options) {
  const Shape& output = graph.ShapeOfValue(graph.output_value());
  if (graph.inputs().size() != 1 || graph.inputs()[0].shape.rank() != 3 ||
      output.rank() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "occlusion maps need a model with one input of shape [height, width, "
        "channels] and one row of scores; this one has ",
        graph.inputs().size(), " inputs, the first of shape ",
        graph.inputs()[0].shape.ToString(), ", and an output of shape ",
        output.ToString()));
  }
  const Shape& shape = graph.inputs()[0].shape;
  std::unique_ptr<Occlusion> occlusion(new Occlusion(options));
  OcclusionOptions& o = occlusion->options_;
  if (o.side == 0) {
    o.side = std::max<int64_t>(std::min(shape.dim(0), shape.dim(1)) / 4, 1);
  }
  if (o.side < 1) return BadValue("side", o.side, "at least 1");
  if (o.stride == 0) o.stride = std::max<int64_t>(o.side / 4, 1);
  if (o.stride < 1 || o.stride > o.side) {
    return BadValue("stride", o.stride,
                    absl::StrCat("a number in [1, ", o.side, "], the side"));
  }
  LENSLET_RETURN_IF_ERROR(CheckNormalization(o.normalization, shape));
  InferenceBackends backends = FastestForInference(graph, kOccluded);
  LENSLET_ASSIGN_OR_RETURN(
      occlusion->executor_,
      Executor::Create(graph, parameters,
                       {.backend = backends.backend,
                        .layer_backends = std::move(backends.layer_backends),
                        .substitutes = std::move(backends.substitutes),
                        .images = kOccluded}));
  return occlusion;
}

std::vector<double> Occlusion::Probabilities(const Tensor& image) {
  FlushDenormals flush;
  const Shape& shape = image.shape();
  NormalizeImage(image, shape.dim(2), options_.normalization,
                 executor_->input().data());
  executor_->Forward(1);
  const View<const float> scores = executor_->output();
  return ProbabilitiesOf(scores.data(), scores.shape().dim(1));
}

absl::StatusOr<Tensor> Occlusion::Map(const Tensor& image, int64_t label) {
  const Shape& shape = image.shape();
  const int64_t height = shape.dim(0), width = shape.dim(1);
  const int64_t channels = shape.dim(2), elements = shape.elements();
  const std::vector<int64_t> rows =
      Starts(height, options_.side, options_.stride);
  const std::vector<int64_t> columns =
      Starts(width, options_.side, options_.stride);
  LENSLET_ASSIGN_OR_RETURN(
      Tensor map, Tensor::Create(ElementType::kFloat32, {height, width}));
  std::vector<double> sums(height * width), counts(height * width);
  std::vector<float> shown(elements);
  NormalizeImage(image, channels, options_.normalization, shown.data());
  const std::vector<float> gray = GrayPixel(image, options_);
  FlushDenormals flush;
  // Picture 0 is the whole image; the others have squares.
  const int64_t squares = static_cast<int64_t>(rows.size() * columns.size());
  const auto square = [&](int64_t i, auto visit) {
    const int64_t top = rows[i / columns.size()];
    const int64_t left = columns[i % columns.size()];
    for (int64_t y = top; y < std::min(top + options_.side, height); ++y) {
      for (int64_t x = left; x < std::min(left + options_.side, width); ++x) {
        visit(y * width + x);
      }
    }
  };
  double whole = 0;
  for (int64_t first = 0; first <= squares; first += kOccluded) {
    const int64_t count = std::min(kOccluded, squares + 1 - first);
    for (int64_t n = 0; n < count; ++n) {
      float* input = executor_->input().data() + n * elements;
      std::copy(shown.begin(), shown.end(), input);
      if (first + n == 0) continue;
      square(first + n - 1, [&](int64_t pixel) {
        std::copy(gray.begin(), gray.end(), input + pixel * channels);
      });
    }
    executor_->Forward(count);
    const View<const float> scores = executor_->output();
    const int64_t classes = scores.shape().dim(1);
    for (int64_t n = 0; n < count; ++n) {
      const double probability =
          ProbabilitiesOf(scores.data() + n * classes, classes)[label];
      if (first + n == 0) {
        whole = probability;
        continue;
      }
      square(first + n - 1, [&](int64_t pixel) {
        sums[pixel] += whole - probability;
        ++counts[pixel];
      });
    }
  }
  for (int64_t pixel = 0; pixel < height * width; ++pixel) {
    map.data()[pixel] = static_cast<float>(sums[pixel] / counts[pixel]);
  }
  return map;
}

}  // namespace lenslet
