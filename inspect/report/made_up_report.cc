#include "lenslet/inspect/report/made_up_report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/check.h"
#include "lenslet/data/png.h"
#include "lenslet/inspect/classification_report.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train/metrics.h"

namespace lenslet {
namespace {

// A ring, whose radius and place depend on `seed`.
ReportImage Picture(int64_t side, int64_t seed) {
  Tensor image(*Shape::Create({side, side, 1}), ElementType::kUint8);
  const double center = side / 2.0 + std::sin(seed) * side / 6;
  const double radius = side * (0.2 + 0.02 * (seed % 8));
  for (int64_t y = 0; y < side; ++y) {
    for (int64_t x = 0; x < side; ++x) {
      const double distance = std::hypot(x - center, y - side / 2.0) - radius;
      image.data<uint8_t>()[y * side + x] = static_cast<uint8_t>(
          std::clamp(255 - 90 * std::abs(distance), 0.0, 255.0));
    }
  }
  const auto png = EncodePng(image);
  LENSLET_CHECK(png.ok());
  return {.png = *png, .width = side, .height = side};
}

ReportLayerPictures Pictures(const std::string& layer, int64_t count,
                             int64_t side) {
  ReportLayerPictures pictures = {
      .layer = layer,
      .shows = absl::StrCat(count, " channels of ", side, " x ", side),
      .min = -0.5103,
      .max = 2.41};
  for (int64_t i = 0; i < count; ++i) {
    pictures.images.push_back(Picture(side, i));
  }
  return pictures;
}

void AddHistory(ReportData& data) {
  for (int i = 1; i <= 20; ++i) {
    const double rest = std::exp(-i / 5.0);
    data.history.push_back(
        {.step = 215 * i,
         .epoch = static_cast<double>(i),
         .learning_rate = 0.05 * (1 + std::cos(3.14159 * i / 20)),
         .train_loss = 0.18 + 1.4 * rest,
         .train_accuracy = 0.93 - 0.4 * rest,
         .validation_loss = 0.25 + 1.3 * rest + 0.008 * std::sin(2 * i),
         .validation_accuracy = 0.915 - 0.38 * rest + 0.004 * std::sin(i),
         .test_loss = 0.27 + 1.3 * rest + 0.008 * std::cos(i),
         .test_accuracy = 0.91 - 0.38 * rest + 0.004 * std::cos(2 * i),
         .seconds = 2.4 * i,
         .examples_per_second = 114538.5,
         .end_of_epoch = true});
  }
}

void AddClasses(ReportData& data) {
  const std::vector<std::string> names = {
      "T-shirt/top", "Trouser",
      "Pullover",    "Dress",
      "Coat",        "Sandal </script><b>&amp;",
      "Shirt",       "Sneaker with a rather long name",
      "Bag",         "Ankle boot"};
  const int64_t count = names.size();
  ClassificationReport& report = data.quality.emplace();
  report.examples = 10000;
  for (int64_t i = 0; i < count; ++i) {
    std::vector<int64_t> row(count, 0);
    int64_t wrong = 0;
    for (int64_t j = 0; j < count; ++j) {
      if (i != j && (i + j) % 3 == 0) row[j] = (7 * i + 11 * j) % 90;
      wrong += row[j];
    }
    row[i] = 1000 - wrong;
    report.confusion.push_back(row);
    const double recall = row[i] / 1000.0;
    report.classes.push_back({.name = names[i],
                              .support = 1000,
                              .precision = recall - 0.02,
                              .recall = recall,
                              .f1 = recall - 0.01});
  }
  // As of a class that is never given.
  report.classes[1].precision = std::nullopt;
  report.macro_precision = 0.86;
  report.macro_recall = 0.87;
  report.macro_f1 = 0.865;
  for (int64_t i = 0; i < 12; ++i) {
    data.mistakes.push_back({.image = Picture(28, i),
                             .label = names[i % count],
                             .prediction = names[(i + 3) % count],
                             .probability = 0.999 - 0.004 * i});
  }
}

void AddCalibration(ReportData& data) {
  data.quality->expected_calibration_error = 0.0184;
  for (int i = 0; i < 15; ++i) {
    CalibrationBin bin;
    bin.lower = i / 15.0;
    bin.upper = (i + 1) / 15.0;
    if (i > 2) {
      const double middle = (i + 0.5) / 15;
      bin.count = 3 * i * i * i;
      bin.mean_confidence = middle;
      bin.accuracy = middle - 0.06 * std::sin(middle * 3);
    }
    data.quality->calibration.push_back(bin);
  }
}

}  // namespace

ReportData MadeUpReport() {
  ReportData data = {
      .title = "lenet <modern>",
      .description = "Fashion-MNIST",
      .date = "1 March 2025, 14:05",
      .validation = Metrics{.examples = 5000,
                            .loss_sum = 1256,
                            .predictions = 5000,
                            .correct = 4579},
      .test = Metrics{.examples = 10000,
                      .loss_sum = 2702,
                      .predictions = 10000,
                      .correct = 9134},
      .train_examples = 55000,
      .epochs = 20,
      .seconds = 48.3,
      .examples_per_second = 114538.5,
  };
  AddHistory(data);
  AddClasses(data);
  AddCalibration(data);
  data.filters = Pictures("conv1", 6, 5);
  data.filters->shows = "6 filters of 5 x 5 x 1";
  for (const char* label : {"Ankle boot", "Pullover"}) {
    data.activations.push_back(
        {.label = label,
         .image = Picture(28, data.activations.size()),
         .layers = {Pictures("conv1", 6, 28), Pictures("relu1", 6, 28),
                    Pictures("pool1", 6, 14), Pictures("conv2", 16, 10)}});
  }
  data.network_svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"620\" height=\"60\" "
      "role=\"img\" aria-label=\"conv1, pool1, linear1\" fill=\"none\" "
      "stroke=\"currentColor\"><rect x=\"1\" y=\"10\" width=\"140\" "
      "height=\"40\" rx=\"8\"/><path d=\"M141 30h98\"/><rect x=\"239\" "
      "y=\"10\" width=\"140\" height=\"40\" rx=\"8\"/><path d=\"M379 "
      "30h98\"/><rect x=\"477\" y=\"10\" width=\"140\" height=\"40\" "
      "rx=\"8\"/></svg>\n";
  data.layers = {
      {"conv1", "Conv2d", "28 x 28 x 6", 156, 117600, "lanes"},
      {"relu1", "Relu", "28 x 28 x 6", 0, 0, "lanes"},
      {"pool1", "MaxPool2d", "14 x 14 x 6", 0, 0, "lanes"},
      {"conv2", "Conv2d", "10 x 10 x 16", 2416, 240000, "lanes"},
      {"flatten", "Flatten", "400", 0, 0, "(none needed)"},
      {"linear1", "Linear", "120", 48120, 48000, "lanes"},
      {"linear2", "Linear", "10", 850, 840, "lanes"},
  };
  data.recipe =
      "name: \"lenet <modern>\"\nmodel: \"lenet_relu\"\ndata { fashion_mnist "
      "{} "
      "validation_fraction: 0.08333333333333333 }\nbatch_size: 256\nepochs: "
      "20\noptimizer { kind: ADAMW weight_decay: 0.01 }\nlearning_rate: 0.1\n";
  data.machine = {{"CPU", "AMD EPYC 7B13, 2 of 2 threads"},
                  {"Memory", "23.5 GiB"},
                  {"System", "Debian GNU/Linux 12 (bookworm)"},
                  {"Compiler", "GCC 12.2.0"},
                  {"Backend", "lanes"}};
  return data;
}

}  // namespace lenslet
