// How sure a network is of images that are none of its classes: of ten classes
// it has to choose one, and it was never shown anything else.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/random.h"
#include "lenslet/lenslet.h"
#include "lenslet/tensor/slice.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

constexpr int64_t kImages = 2000;
constexpr int64_t kClasses = 10;

// What is done to each pixel of an image.
using Change = uint8_t (*)(uint8_t pixel, Random& random);

uint8_t Nothing(uint8_t pixel, Random&) { return pixel; }
uint8_t Negative(uint8_t pixel, Random&) {
  return static_cast<uint8_t>(255 - pixel);
}
uint8_t Noise(uint8_t, Random& random) {
  return static_cast<uint8_t>(random.Below(256));
}
uint8_t BlackOrWhite(uint8_t, Random& random) {
  return random.Below(2) == 0 ? 0 : 255;
}
uint8_t HalfNoise(uint8_t pixel, Random& random) {
  return static_cast<uint8_t>((pixel + random.Below(256)) / 2);
}

// The first kImages of the images.
Tensor Changed(const Tensor& images, Change change) {
  Tensor changed = Slice(images, {{0, kImages}});
  Random random(/*seed=*/0);
  for (uint8_t& pixel : changed.span<uint8_t>()) pixel = change(pixel, random);
  return changed;
}

// The largest of the classes' probabilities: exp(score), divided by the sum of
// all classes'. The largest score is taken off first, so that nothing
// overflows.
double Confidence(absl::Span<const float> scores) {
  const float best = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (float score : scores) sum += std::exp(score - best);
  return 1 / sum;
}

// Of each image.
std::vector<double> Confidences(const Network& network, const Tensor& images) {
  std::vector<float> scores(kImages * kClasses);
  LENSLET_CHECK(
      network.Predict(images.span<uint8_t>(), absl::MakeSpan(scores)).ok());
  std::vector<double> confidences;
  for (int64_t i = 0; i < kImages; ++i) {
    confidences.push_back(
        Confidence(absl::MakeSpan(scores).subspan(i * kClasses, kClasses)));
  }
  return confidences;
}

void PrintReport(const char* name, absl::Span<const double> confidences) {
  double sum = 0;
  double above_half = 0;
  double above_most = 0;
  for (double confidence : confidences) {
    sum += confidence;
    above_half += confidence > 0.5;
    above_most += confidence > 0.9;
  }
  std::printf("%-24s %6.2f %11.2f %11.2f\n", name, sum / kImages,
              above_half / kImages, above_most / kImages);
}

void Main() {
  const TrainAndTest data = FashionMnist().value();
  Network lenet = Network::FromModel("lenet_relu").value();
  Train(lenet, data.train, {.epochs = 3, .batch_size = 64}).value();
  std::printf("LeNet with ReLU, test accuracy %.2f\n\n",
              Evaluate(lenet, data.test).value().accuracy);

  struct Row {
    const char* name;
    Change change;
  };
  constexpr std::array<Row, 5> kRows = {{
      {"test images", Nothing},
      {"half image, half noise", HalfNoise},
      {"negatives", Negative},
      {"noise", Noise},
      {"black and white noise", BlackOrWhite},
  }};
  std::printf("confidence in the best class, of 2,000 images\n");
  std::printf("%-24s %6s %11s %11s\n", "", "mean", "above 0.5", "above 0.9");
  const Tensor images = data.test.Inputs().value();
  for (const Row& row : kRows) {
    PrintReport(row.name, Confidences(lenet, Changed(images, row.change)));
  }
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
