#include "lenslet/data/compute_normalization.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/examples.h"

namespace lenslet {
namespace {

// Of the bytes of one channel.
struct ByteSums {
  uint64_t values = 0;
  uint64_t squares = 0;

  // Of an example: `bytes` points to its first one of the channel.
  void Add(const uint8_t* bytes, int64_t size, int64_t channels) {
    // As many squares as 32 bits have room for: vectors add twice as many.
    const int64_t chunk = 60000 * channels;
    for (int64_t begin = 0; begin < size; begin += chunk) {
      const int64_t end = std::min(begin + chunk, size);
      uint32_t chunk_values = 0, chunk_squares = 0;
      for (int64_t i = begin; i < end; i += channels) {
        const uint32_t x = bytes[i];
        chunk_values += x;
        chunk_squares += x * x;
      }
      values += chunk_values;
      squares += chunk_squares;
    }
  }

  double Mean(int64_t count) const {
    return static_cast<double>(values) / static_cast<double>(count) / 255;
  }

  double Deviation(int64_t count) const {
    // n^2 times the variance.
    __extension__ using Wide = unsigned __int128;
    const Wide spread =
        Wide{static_cast<uint64_t>(count)} * squares - Wide{values} * values;
    return std::sqrt(static_cast<double>(spread)) / static_cast<double>(count) /
           255;
  }
};

// Of the numbers of one channel.
struct NumberSums {
  int64_t seen = 0;
  double mean = 0;
  double squares = 0;  // Of differences from the mean.

  void Add(const float* numbers, int64_t size, int64_t channels) {
    for (int64_t i = 0; i < size; i += channels) {
      const double difference = numbers[i] - mean;
      mean += difference / static_cast<double>(++seen);
      squares += difference * (numbers[i] - mean);
    }
  }

  double Mean(int64_t) const { return mean; }
  double Deviation(int64_t count) const {
    return std::sqrt(squares / static_cast<double>(count));
  }
};

template <typename Sums, typename T>
absl::StatusOr<Normalization> Compute(const Dataset& dataset) {
  constexpr size_t kAtOnce = 64;
  const int64_t size = dataset.example_shape().elements();
  const int64_t channels = dataset.channels();
  std::vector<Sums> sums(channels);
  const std::vector<int64_t> all = AllIndices(dataset.size());
  dataset.examples->WillRead(all);
  ExampleBatch batch;
  for (size_t first = 0; first < all.size(); first += kAtOnce) {
    LENSLET_RETURN_IF_ERROR(batch.ReadInputs(
        *dataset.examples, absl::MakeConstSpan(all).subspan(first, kAtOnce)));
    for (const void* input : batch.inputs()) {
      for (int64_t channel = 0; channel < channels; ++channel) {
        sums[channel].Add(static_cast<const T*>(input) + channel,
                          size - channel, channels);
      }
    }
  }
  const int64_t count = dataset.size() * size / channels;
  Normalization normalization;
  for (const Sums& of_channel : sums) {
    const float deviation = static_cast<float>(of_channel.Deviation(count));
    normalization.mean.push_back(static_cast<float>(of_channel.Mean(count)));
    normalization.deviation.push_back(deviation > 0 ? deviation : 1.0f);
  }
  return normalization;
}

}  // namespace

absl::StatusOr<Normalization> ComputeNormalization(const Dataset& dataset) {
  const int64_t elements =
      MultiplySizes(dataset.size(), dataset.example_shape().elements());
  LENSLET_CHECK(elements >= 1 && elements < int64_t{1} << 47);
  return dataset.examples->type() == ElementType::kUint8
             ? Compute<ByteSums, uint8_t>(dataset)
             : Compute<NumberSums, float>(dataset);
}

}  // namespace lenslet
