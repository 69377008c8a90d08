// The data of a training run's report. The page omits sections whose data is
// absent.

#ifndef LENSLET_INSPECT_REPORT_REPORT_DATA_H_
#define LENSLET_INSPECT_REPORT_REPORT_DATA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lenslet/inspect/classification_report.h"
#include "lenslet/inspect/label_report.h"
#include "lenslet/inspect/position_report.h"
#include "lenslet/inspect/value_report.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/runs/history.h"
#include "lenslet/train/runs/run_notes.h"

namespace lenslet {

// A picture. The page enlarges its pixels.
struct ReportImage {
  std::string png = {};  // A file's bytes.
  int64_t width = 0;
  int64_t height = 0;
};

struct ReportMistake {
  ReportImage image = {};
  std::string label = {};
  std::string prediction = {};
  double probability = 0;  // Of the prediction.
  // What speaks for the prediction (inspect/explanation.h).
  std::optional<ReportImage> grad_cam = {};
  std::optional<ReportImage> occlusion = {};
};

// Pictures of one layer's filters or activations.
struct ReportLayerPictures {
  std::string layer = {};
  std::string shows = {};  // "6 channels of 28 x 28"
  // Whether the pictures have a red, a green and a blue number for each pixel.
  bool is_rgb = false;
  std::vector<ReportImage> images = {};
  // The smallest and largest number in the pictures.
  double min = 0;
  double max = 0;
};

// An image, and the layers' activations for it.
struct ReportActivations {
  std::string label = {};
  ReportImage image = {};
  std::vector<ReportLayerPictures> layers = {};
};

struct ReportLayer {
  std::string name = {};
  std::string type = {};
  std::string output = {};  // "28 x 28 x 6"
  int64_t parameters = 0;
  int64_t multiply_adds = 0;
  std::string kernel = {};
};

// True and predicted numbers of a value.
struct ReportScatter {
  std::string name = {};
  // At most kMaxScatterPoints, spread evenly over the examples: the true number
  // and the predicted one.
  std::vector<std::pair<float, float>> points = {};
  // How many predictions are too high by how much, in bins of equal width, of
  // all examples. Bin i begins at residual_min + i * residual_width.
  double residual_min = 0;
  double residual_width = 0;
  std::vector<int64_t> residuals = {};
};
inline constexpr int64_t kMaxScatterPoints = 2000;

// An example of which input, target and output are pictures.
struct ReportPanel {
  std::string title = {};
  std::optional<ReportImage> input = {};
  ReportImage target = {};
  ReportImage output = {};
};

struct ReportData {
  std::string title = {};        // The model's name.
  std::string description = {};  // The data, in a line.
  // The test examples' source, if it is another one.
  std::string test_description = {};
  std::string date = {};  // Of the run, as shown.

  // Measured with the saved parameters, over whole sets.
  std::optional<Metrics> validation = {}, test = {};
  // What the page calls examples.
  std::string examples_name = "images";
  int64_t train_examples = 0;  // Here and below, 0: unknown.
  double epochs = 0;
  double seconds = 0;
  double examples_per_second = 0;

  std::vector<MetricsRecord> history = {};
  std::vector<RunNote> notes = {};

  // "test" or "validation": the set that the next members are measured on.
  std::string measured_on = "test";
  // `mistakes` has the mistakes in `quality` that the page shows.
  std::optional<ClassificationReport> quality = {};
  std::vector<ReportMistake> mistakes = {};  // The most confident first.
  // Of the explanations of mistakes: the layer that Grad-CAM reads, and the
  // side of the square that hides pixels.
  std::string grad_cam_layer = {};
  int64_t occlusion_side = 0;

  // For other targets than a class of each example.
  std::optional<ValueReport> values = {};
  std::vector<ReportScatter> scatters = {};
  std::optional<LabelReport> labels = {};
  std::optional<PositionReport> positions = {};
  // Of maps of classes, and of values that are images.
  std::vector<ReportPanel> panels = {};

  std::optional<ReportLayerPictures> filters = {};
  std::vector<ReportActivations> activations = {};

  std::string network_svg = {};  // An <svg> element, inserted unescaped.
  std::vector<ReportLayer> layers = {};

  std::string recipe = {};  // Text.
  // "CPU", "..." and so on.
  std::vector<std::pair<std::string, std::string>> machine = {};
};

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_REPORT_DATA_H_
