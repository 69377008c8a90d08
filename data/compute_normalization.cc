#include "lenslet/data/compute_normalization.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "lenslet/base/check.h"

namespace lenslet {
namespace {

struct Sums {
  uint64_t values = 0;
  uint64_t squares = 0;
};

// Of one channel.
Sums SumsOf(const uint8_t* bytes, int64_t size, int64_t channels) {
  // As many squares as 32 bits have room for: vectors add twice as many.
  const int64_t chunk = 60000 * channels;
  Sums sums;
  for (int64_t begin = 0; begin < size; begin += chunk) {
    const int64_t end = std::min(begin + chunk, size);
    uint32_t values = 0, squares = 0;
    for (int64_t i = begin; i < end; i += channels) {
      const uint32_t x = bytes[i];
      values += x;
      squares += x * x;
    }
    sums.values += values;
    sums.squares += squares;
  }
  return sums;
}

}  // namespace

Normalization ComputeNormalization(const Dataset& dataset) {
  const int64_t size = dataset.images.shape().elements();
  LENSLET_CHECK(size >= 1 && size < int64_t{1} << 47);
  const int64_t channels = dataset.channels();
  const uint64_t count = static_cast<uint64_t>(size / channels);
  Normalization normalization;
  for (int64_t channel = 0; channel < channels; ++channel) {
    const Sums sums = SumsOf(dataset.images.data<uint8_t>() + channel,
                             size - channel, channels);
    // n^2 times the variance of bytes.
    __extension__ using Wide = unsigned __int128;
    const Wide spread =
        Wide{count} * sums.squares - Wide{sums.values} * sums.values;
    const double n = static_cast<double>(count);
    normalization.mean.push_back(
        static_cast<float>(static_cast<double>(sums.values) / n / 255));
    normalization.deviation.push_back(
        spread == 0 ? 1.0f
                    : static_cast<float>(
                          std::sqrt(static_cast<double>(spread)) / n / 255));
  }
  return normalization;
}

}  // namespace lenslet
