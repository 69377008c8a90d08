// A class for each pixel: finds the squares and disks in noisy pictures. The
// pictures are drawn when they are read; a data set needs no files or arrays.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lenslet/base/random.h"
#include "lenslet/lenslet.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

constexpr int64_t kSide = 24;
constexpr int64_t kPixels = kSide * kSide;

// A square or a disk somewhere in the picture.
struct Thing {
  explicit Thing(Random& random)
      : kind(static_cast<int32_t>(1 + random.Below(2))),
        radius(4 + random.Below(4)),
        row(radius + random.Below(kSide - 2 * radius)),
        column(radius + random.Below(kSide - 2 * radius)) {}

  bool Covers(int64_t pixel) const {
    const int64_t y = pixel / kSide - row, x = pixel % kSide - column;
    return kind == 1 ? std::abs(y) < radius && std::abs(x) < radius
                     : y * y + x * x < radius * radius;
  }

  int32_t kind;  // The class: 1 or 2.
  int64_t radius, row, column;
};

class Drawings : public Examples {
 public:
  Drawings(int64_t size, uint64_t seed) : size_(size), seed_(seed) {}

  int64_t size() const override { return size_; }
  Shape shape() const override { return {kSide, kSide, 1}; }
  ElementType type() const override { return ElementType::kFloat32; }
  TargetSpec target() const override { return {.shape = {kSide, kSide}}; }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    for (size_t n = 0; n < indices.size(); ++n) {
      Random random(seed_, indices[n]);
      const Thing thing(random);
      float* pixels = batch.Input<float>(n);
      for (int64_t i = 0; i < kPixels; ++i) {
        pixels[i] =
            static_cast<float>(thing.Covers(i) + 0.8 * random.Uniform());
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    for (size_t n = 0; n < indices.size(); ++n) {
      Random random(seed_, indices[n]);
      const Thing thing(random);
      int32_t* classes = batch.classes().data() + n * kPixels;
      for (int64_t i = 0; i < kPixels; ++i) {
        classes[i] = thing.Covers(i) ? thing.kind : 0;
      }
    }
    return absl::OkStatus();
  }

 private:
  const int64_t size_;
  const uint64_t seed_;
};

Dataset MakeDrawings(int64_t size, uint64_t seed) {
  return {.examples = std::make_shared<Drawings>(size, seed),
          .target_names = {"ground", "square", "disk"}};
}

// Halves the picture twice, so that a position sees a whole thing, and doubles
// it twice.
Network MakeNetwork() {
  using namespace layers;  // NOLINT: a list of layers.
  return Network::Sequential(
             {kSide, kSide, 1},
             {Conv2d(16, 3, {.padding = 1}), BatchNorm(), Relu(), MaxPool2d(2),
              Conv2d(32, 3, {.padding = 1}), BatchNorm(), Relu(), MaxPool2d(2),
              Conv2d(32, 3, {.padding = 1}), BatchNorm(), Relu(),
              ConvTranspose2d(16, 2, {.stride = 2}), Relu(),
              ConvTranspose2d(3, 2, {.stride = 2})})
      .value();
}

// The picture's map and the network's, side by side.
void Draw(const Network& network, const Dataset& drawings, int64_t n) {
  const Tensor picture = drawings.Example(n).value();
  std::vector<float> scores(3 * kPixels);
  if (!network.Predict(picture.span(), absl::MakeSpan(scores)).ok()) return;
  ExampleBatch batch;
  if (!batch.ReadTargets(*drawings.examples, {n}).ok()) return;
  for (int64_t row = 0; row < kSide; row += 2) {
    std::string line, found;
    for (int64_t i = row * kSide; i < (row + 1) * kSide; ++i) {
      line += ".#o"[batch.classes()[i]];
      found += ".#o"[ArgMax(absl::MakeSpan(scores).subspan(3 * i, 3))];
    }
    std::cout << line << "   " << found << "\n";
  }
  std::cout << "\n";
}

void Main() {
  const Dataset train = MakeDrawings(2000, /*seed=*/1);
  const Dataset test = MakeDrawings(300, /*seed=*/2);
  Network network = MakeNetwork();
  Train(network, train,
        {.epochs = 6,
         .batch_size = 20,
         .learning_rate = 0.005,
         .optimizer = {.kind = OptimizerKind::kAdam}})
      .value();
  for (const int64_t n : {0, 3}) Draw(network, test, n);
  std::printf("pixels of the right class %.2f\n",
              Measure(network, test).value().accuracy());
}

}  // namespace
}  // namespace lenslet

int main() { lenslet::Main(); }
