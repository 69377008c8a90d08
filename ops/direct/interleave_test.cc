#include "lenslet/ops/direct/interleave.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lenslet/ops/testing/instruction_sets.h"

namespace lenslet {
namespace {

constexpr float kUntouched = -1;

TEST(InterleaveTest, WritesThePixelsAndNothingBehindThem) {
  ForEachInstructionSet([](const std::string& name) {
    SCOPED_TRACE(name);
    for (int64_t channels = 1; channels <= kMaxInterleavedChannels;
         ++channels) {
      for (const int64_t pixels : {1, 2, 15, 16, 17, 28, 33}) {
        const int64_t rows = 3;
        const int64_t row_stride = pixels + 2;
        const int64_t plane_stride = rows * row_stride + 16;
        std::vector<float> planes(channels * plane_stride);
        for (size_t i = 0; i < planes.size(); ++i) planes[i] = i;
        const int64_t size = rows * pixels * channels;
        std::vector<float> to(size + 16, kUntouched);
        Interleave({.data = planes.data(),
                    .plane_stride = plane_stride,
                    .row_stride = row_stride},
                   channels, rows, pixels, /*activation=*/{}, to.data());
        for (int64_t i = 0; i < size + 16; ++i) {
          const int64_t pixel = i / channels;
          ASSERT_EQ(to[i], i < size ? i % channels * plane_stride +
                                          pixel / pixels * row_stride +
                                          pixel % pixels
                                    : kUntouched)
              << channels << " channels, " << pixels << " pixels, float " << i;
        }
      }
    }
  });
}

}  // namespace
}  // namespace lenslet
