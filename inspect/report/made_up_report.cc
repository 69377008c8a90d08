#include "lenslet/inspect/report/made_up_report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/data/png.h"
#include "lenslet/inspect/class_colors.h"
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
                             .probability = 0.999 - 0.004 * i,
                             .grad_cam = Picture(28, i + 1),
                             .occlusion = Picture(28, i + 2)});
  }
  data.grad_cam_layer = "conv2";
  data.occlusion_side = 7;
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

namespace {

// Without what depends on the targets.
ReportData WithoutTargets() {
  ReportData data = MadeUpReport();
  data.quality.reset();
  data.mistakes.clear();
  for (MetricsRecord& record : data.history) {
    record.train_accuracy.reset();
    record.validation_accuracy.reset();
    record.test_accuracy.reset();
  }
  data.validation = data.test = Metrics{.examples = 3000, .loss_sum = 320};
  return data;
}

// A number in [-1, 1] that looks random.
float Noise(int64_t i) {
  return static_cast<float>(std::sin(static_cast<double>(i * i % 7919) * 12.9));
}

ReportPanel Panel(int64_t i) {
  return {.title = absl::StrCat("test example ", i),
          .input = Picture(28, i),
          .target = Picture(28, i + 1),
          .output = Picture(28, i + 2)};
}

}  // namespace

ReportData MadeUpValueReport() {
  ReportData data = WithoutTargets();
  data.examples_name = "examples";
  data.filters.reset();
  data.activations.clear();
  std::vector<float> targets, outputs;
  for (int64_t i = 0; i < 3000; ++i) {
    for (int64_t v = 0; v < 2; ++v) {
      targets.push_back(20 + 10 * Noise(7 * i + v) + 5 * Noise(i));
      outputs.push_back(targets.back() + 3 * Noise(3 * i + v) * Noise(i + v));
    }
  }
  const std::vector<std::string> names = {"price in 1000 <dollars>", "days"};
  const auto report = MakeValueReport(outputs, targets, names);
  LENSLET_CHECK(report.ok());
  data.values = *report;
  data.validation->values = data.test->values = report->errors;
  for (int64_t v = 0; v < 2; ++v) {
    ReportScatter scatter = {.name = names[v],
                             .residual_min = -3,
                             .residual_width = 0.2,
                             .residuals = std::vector<int64_t>(30)};
    for (int64_t i = v; i < 4000; i += 2) {
      scatter.points.emplace_back(targets[i], outputs[i]);
      ++scatter.residuals[std::clamp<int64_t>(
          (outputs[i] - targets[i] + 3) / 0.2, 0, 29)];
    }
    data.scatters.push_back(std::move(scatter));
  }
  for (MetricsRecord& record : data.history) {
    record.train_mean_absolute_error = 1 + record.train_loss.value();
    record.validation_mean_absolute_error = 1 + record.validation_loss.value();
    record.test_mean_absolute_error = 1 + record.test_loss.value();
    record.validation_r2 = 1 - record.validation_loss.value();
    record.test_r2 = 1 - record.test_loss.value();
  }
  return data;
}

ReportData MadeUpLabelReport() {
  ReportData data = WithoutTargets();
  std::vector<float> targets, scores;
  for (int64_t i = 0; i < 9000; ++i) {
    targets.push_back(Noise(i) > 0.3 ? 1 : 0);
    scores.push_back(4 * targets.back() - 2 + 3 * Noise(5 * i));
  }
  const auto report =
      MakeLabelReport(scores, targets, {"sea", "sky </script><b>", "sun"});
  LENSLET_CHECK(report.ok());
  data.labels = *report;
  data.test->labels = data.validation->labels = report->metrics.micro();
  data.test->exact = data.validation->exact = report->metrics.exact;
  for (MetricsRecord& record : data.history) {
    record.train_f1 = 1 - record.train_loss.value() / 4;
    record.validation_f1 = 1 - record.validation_loss.value() / 4;
    record.test_f1 = 1 - record.test_loss.value() / 4;
    record.train_exact_match = 1 - record.train_loss.value() / 2;
    record.validation_exact_match = 1 - record.validation_loss.value() / 2;
    record.test_exact_match = 1 - record.test_loss.value() / 2;
    record.validation_auc = 1 - record.validation_loss.value() / 8;
    record.test_auc = 1 - record.test_loss.value() / 8;
  }
  return data;
}

ReportData MadeUpMapReport() {
  ReportData data = WithoutTargets();
  constexpr int64_t kSide = 28;
  const std::vector<std::string> names = {"ground", "disk", "square & frame",
                                          "triangle"};
  std::vector<int32_t> classes;
  std::vector<float> scores;
  for (int64_t n = 0; n < 4; ++n) {
    for (int64_t i = 0; i < kSide * kSide; ++i) {
      const double x = i % kSide - 9.0 - 2 * n, y = i / kSide - 12.0;
      const int32_t c = std::hypot(x, y) < 7              ? 1
                        : std::abs(x - 9) + y / 2 < 4 + n ? 2
                        : y > 9 && x < 0                  ? 3
                                                          : 0;
      classes.push_back(c);
      for (int64_t k = 0; k < 4; ++k) {
        scores.push_back((k == c ? 1 : 0) + 0.75 * Noise(n + 4 * i + k));
      }
    }
  }
  const auto report = MakePositionReport(scores, classes, 4, names);
  LENSLET_CHECK(report.ok());
  data.positions = *report;
  data.test->predictions = data.validation->predictions = report->positions;
  data.test->correct = data.validation->correct = report->correct;
  constexpr int64_t kPixels = kSide * kSide;
  for (int64_t n = 0; n < 4; ++n) {
    ReportPanel panel = Panel(n);
    const auto map = [&](absl::Span<const int32_t> of_pixels) {
      const auto png = EncodePng(ClassImage(of_pixels, kSide, kSide));
      LENSLET_CHECK(png.ok());
      return ReportImage{.png = *png, .width = kSide, .height = kSide};
    };
    std::vector<int32_t> predicted;
    for (int64_t i = 0; i < kPixels; ++i) {
      predicted.push_back(ArgMax(
          absl::MakeConstSpan(scores).subspan((n * kPixels + i) * 4, 4)));
    }
    panel.target =
        map(absl::MakeConstSpan(classes).subspan(n * kPixels, kPixels));
    panel.output = map(predicted);
    data.panels.push_back(std::move(panel));
  }
  for (MetricsRecord& record : data.history) {
    record.train_accuracy = 1 - record.train_loss.value() / 4;
    record.validation_accuracy = 1 - record.validation_loss.value() / 4;
    record.test_accuracy = 1 - record.test_loss.value() / 4;
  }
  return data;
}

ReportData MadeUpImageReport() {
  ReportData data = MadeUpValueReport();
  const std::string name = "all values";
  data.examples_name = "images";
  data.scatters.resize(1);
  data.scatters[0].name = name;
  for (int64_t i = 0; i < 6; ++i) data.panels.push_back(Panel(i));
  return data;
}

}  // namespace lenslet
