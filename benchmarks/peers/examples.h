// The images and labels that all peers train on, and their order.

#ifndef LENSLET_BENCHMARKS_PEERS_EXAMPLES_H_
#define LENSLET_BENCHMARKS_PEERS_EXAMPLES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset.h"

namespace lenslet::peers {

// Returns the first `count` training images of Fashion-MNIST, each in the
// middle of a black square of `image_size` pixels, which is at least 28, and
// each pixel in all `channels`. Errors: LoadMnist()'s.
absl::StatusOr<Dataset> LoadExamples(const std::string& data_folder,
                                     int64_t count, int64_t image_size,
                                     int64_t channels);

// A data set as floats in [0, 1], for libraries that read those.
struct FloatExamples {
  explicit FloatExamples(const Dataset& dataset);

  int64_t size() const { return static_cast<int64_t>(labels.size()); }
  const float* image(int64_t i) const { return images.data() + i * pixels; }

  int64_t pixels;  // Numbers of an image.
  // One after the other, and what XNNPACK may read behind the last.
  std::vector<float> images;
  std::vector<int32_t> labels;
};

// Deals out batches, epoch after epoch, in Lenslet's order; the last batch of
// an epoch has what is left.
class ExampleOrder {
 public:
  ExampleOrder(int64_t size, int64_t batch, uint64_t seed);

  // Valid until the next call.
  absl::Span<const int64_t> NextBatch();

 private:
  const int64_t size_;
  const int64_t batch_;
  const uint64_t seed_;
  int64_t epoch_ = 0;
  int64_t next_ = 0;
  Batches batches_;
};

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_EXAMPLES_H_
