#include "lenslet/benchmarks/peers/examples.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/data/mnist.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet::peers {

absl::StatusOr<Dataset> LoadExamples(const std::string& data_folder,
                                     int64_t count, int64_t image_size,
                                     int64_t channels) {
  LENSLET_ASSIGN_OR_RETURN(Dataset all, LoadMnist(data_folder, Split::kTrain));
  const int64_t height = all.image_shape().dim(0);
  const int64_t width = all.image_shape().dim(1);
  if (count == all.size() && image_size == height && image_size == width &&
      channels == 1) {
    return all;
  }
  count = std::min(count, all.size());
  Dataset examples;
  LENSLET_ASSIGN_OR_RETURN(
      examples.images,
      Tensor::Create(ElementType::kUint8,
                     {count, image_size, image_size, channels}));
  LENSLET_ASSIGN_OR_RETURN(examples.labels,
                           Tensor::Create(ElementType::kUint8, {count}));
  const int64_t top = (image_size - height) / 2;
  const int64_t left = (image_size - width) / 2;
  for (int64_t row = 0; row < count * height; ++row) {
    const uint8_t* from = all.images.data<uint8_t>() + row * width;
    const int64_t first_pixel =
        (row / height * image_size + top + row % height) * image_size + left;
    uint8_t* to = examples.images.data<uint8_t>() + first_pixel * channels;
    for (int64_t i = 0; i < width; ++i) {
      std::fill_n(to + i * channels, channels, from[i]);
    }
  }
  std::copy_n(all.labels.data<uint8_t>(), count,
              examples.labels.data<uint8_t>());
  examples.class_names = std::move(all.class_names);
  return examples;
}

FloatExamples::FloatExamples(const Dataset& dataset)
    : pixels(dataset.image_shape().elements()),
      images(dataset.size() * pixels + Tensor::kExtraBytes / sizeof(float)),
      labels(dataset.size()) {
  std::vector<int64_t> indices(dataset.size());
  std::iota(indices.begin(), indices.end(), 0);
  CopyImages(dataset, indices, images.data());
  CopyLabels(dataset, indices, labels.data());
}

ExampleOrder::ExampleOrder(int64_t size, int64_t batch, uint64_t seed)
    : size_(size),
      batch_(batch),
      seed_(seed),
      batches_(ShuffledIndices(size, seed, /*epoch=*/0), batch) {}

absl::Span<const int64_t> ExampleOrder::NextBatch() {
  if (next_ == batches_.count()) {
    batches_ = Batches(ShuffledIndices(size_, seed_, ++epoch_), batch_);
    next_ = 0;
  }
  return batches_.batch(next_++);
}

}  // namespace lenslet::peers
