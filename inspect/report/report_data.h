// What a report of a training run says. A section whose data is absent is left
// out of the page.

#ifndef LENSLET_INSPECT_REPORT_REPORT_DATA_H_
#define LENSLET_INSPECT_REPORT_REPORT_DATA_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lenslet/inspect/classification_report.h"
#include "lenslet/train/metrics.h"
#include "lenslet/train/runs/history.h"

namespace lenslet {

// A picture with as many pixels as the page enlarges.
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
};

// Pictures of what belongs to one layer.
struct ReportLayerPictures {
  std::string layer = {};
  std::string shows = {};  // "6 channels of 28 x 28"
  std::vector<ReportImage> images = {};
  // The smallest and largest number in them.
  double min = 0;
  double max = 0;
};

// An image, and what layers make of it.
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

struct ReportData {
  std::string title = {};        // The model's or the recipe's name.
  std::string description = {};  // The data, in a line.
  std::string date = {};         // Of the run, as it is to be read.

  // With the parameters that are saved, over whole sets.
  std::optional<Metrics> validation = {}, test = {};
  int64_t train_examples = 0;  // Here and below, 0: not known.
  double epochs = 0;
  double seconds = 0;
  double examples_per_second = 0;

  std::vector<MetricsRecord> history = {};

  // "test" or "validation": what the next members were measured on.
  std::string measured_on = "test";
  // Of its mistakes, those below are shown.
  std::optional<ClassificationReport> quality = {};
  std::vector<ReportMistake> mistakes = {};  // The most confident first.

  std::optional<ReportLayerPictures> filters = {};
  std::vector<ReportActivations> activations = {};

  std::string network_svg = {};  // An <svg> element, taken as it is.
  std::vector<ReportLayer> layers = {};

  std::string recipe = {};  // Text.
  // "CPU", "..." and so on.
  std::vector<std::pair<std::string, std::string>> machine = {};
};

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_REPORT_DATA_H_
