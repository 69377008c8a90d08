#include "lenslet/benchmarks/peers/examples.h"

#include <algorithm>
#include <utility>

#include "lenslet/base/check.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/mnist.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet::peers {

absl::StatusOr<Dataset> LoadExamples(const std::string& data_folder,
                                     int64_t count, int64_t image_size,
                                     int64_t channels) {
  LENSLET_ASSIGN_OR_RETURN(Dataset all, LoadMnist(data_folder, Split::kTrain));
  const int64_t height = all.example_shape().dim(0);
  const int64_t width = all.example_shape().dim(1);
  if (count == all.size() && image_size == height && image_size == width &&
      channels == 1) {
    return all;
  }
  count = std::min(count, all.size());
  ExampleArrays arrays;
  LENSLET_ASSIGN_OR_RETURN(
      arrays.inputs, Tensor::Create(ElementType::kUint8,
                                    {count, image_size, image_size, channels}));
  LENSLET_ASSIGN_OR_RETURN(arrays.targets,
                           Tensor::Create(ElementType::kUint8, {count}));
  const int64_t top = (image_size - height) / 2;
  const int64_t left = (image_size - width) / 2;
  LENSLET_ASSIGN_OR_RETURN(const Tensor images, all.Inputs());
  LENSLET_ASSIGN_OR_RETURN(const std::vector<int32_t> labels, all.Classes());
  for (int64_t row = 0; row < count * height; ++row) {
    const uint8_t* from = images.data<uint8_t>() + row * width;
    const int64_t first_pixel =
        (row / height * image_size + top + row % height) * image_size + left;
    uint8_t* to = arrays.inputs.data<uint8_t>() + first_pixel * channels;
    for (int64_t i = 0; i < width; ++i) {
      std::fill_n(to + i * channels, channels, from[i]);
    }
  }
  std::copy_n(labels.begin(), count, arrays.targets.data<uint8_t>());
  return MakeDataset(std::move(arrays), std::move(all.target_names));
}

FloatExamples::FloatExamples(const Dataset& dataset)
    : pixels(dataset.example_shape().elements()),
      images(dataset.size() * pixels + Tensor::kExtraBytes / sizeof(float)),
      labels(dataset.Classes().value()) {
  LENSLET_CHECK(ReadInputs(dataset, AllIndices(dataset.size()), Layout::kImages,
                           images.data())
                    .ok());
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
