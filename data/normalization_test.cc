#include "lenslet/data/normalization.h"

#include <limits>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/data/normalization_proto.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<float> Normalized(const std::vector<uint8_t>& bytes,
                              int64_t channels,
                              const Normalization& normalization) {
  std::vector<float> out(bytes.size());
  NormalizePixels(bytes, channels, normalization, out.data());
  return out;
}

TEST(NormalizePixelsTest, DividesBy255WithoutANormalization) {
  EXPECT_THAT(Normalized({0, 51, 255}, 3, {}), ElementsAre(0, 0.2f, 1));
}

// Vectors of bytes, and what is left of them.
TEST(NormalizePixelsTest, DividesAllBytesBy255) {
  std::vector<uint8_t> bytes(256 + 7);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  const std::vector<float> numbers = Normalized(bytes, 1, {});
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(numbers[i], static_cast<float>(bytes[i]) / 255.0f) << i;
  }
}

TEST(NormalizePixelsTest, TakesEachChannelsOrOneForAll) {
  EXPECT_THAT(Normalized({0, 255, 255, 0}, 2,
                         {.mean = {0.5f, 0.25f}, .deviation = {0.5f, 0.25f}}),
              ElementsAre(-1, 3, 1, -1));
  EXPECT_THAT(Normalized({0, 255, 255, 0}, 2,
                         {.mean = {0.5f}, .deviation = {0.5f, 0.25f}}),
              ElementsAre(-1, 2, 1, -2));
  EXPECT_THAT(
      Normalized({0, 255, 255}, 3, {.mean = {0.5f}, .deviation = {0.25f}}),
      ElementsAre(-2, 2, 2));
}

TEST(NormalizeNumbersTest, TakesEachChannelsOrOneForAll) {
  const std::vector<float> numbers = {1, -10, 300, 0.5f};
  const auto normalized = [&](const Normalization& normalization) {
    std::vector<float> out(5, -99);
    NormalizeNumbers(numbers, /*channels=*/2, normalization, out.data());
    return out;
  };
  EXPECT_THAT(normalized({}), ElementsAre(1, -10, 300, 0.5f, -99));
  EXPECT_THAT(normalized({.mean = {100, 0.5f}, .deviation = {2, 0.25f}}),
              ElementsAre(-49.5f, -42, 100, 0, -99));
  EXPECT_THAT(normalized({.mean = {1}, .deviation = {0.5f}}),
              ElementsAre(0, -22, 598, -1, -99));
}

TEST(NormalizationProtoTest, GoesThereAndBack) {
  const Normalization normalization = {.mean = {0.1f, 0.2f},
                                       .deviation = {0.3f}};
  const Normalization back =
      NormalizationFromProto(NormalizationToProto(normalization));
  EXPECT_EQ(back.mean, normalization.mean);
  EXPECT_EQ(back.deviation, normalization.deviation);
  EXPECT_TRUE(NormalizationFromProto({}).empty());
}

TEST(CheckNormalizationTest, AcceptsOneOrEachChannels) {
  LENSLET_EXPECT_OK(CheckNormalization({}, {28, 28, 3}));
  LENSLET_EXPECT_OK(
      CheckNormalization({.mean = {0}, .deviation = {1, 2, 3}}, {28, 28, 3}));
  LENSLET_EXPECT_OK(
      CheckNormalization({.mean = {-1, 0, 1}, .deviation = {1}}, {3}));
}

TEST(CheckNormalizationTest, NamesTheField) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<std::pair<Normalization, const char*>> cases = {
      {{.mean = {1, 2}, .deviation = {1}},
       "normalization.mean has 2 numbers; expected 1 or 3, the channels of "
       "images of shape [28, 28, 3]"},
      {{.mean = {1}, .deviation = {1, 2}},
       "normalization.deviation has 2 numbers; expected 1 or 3"},
      {{.mean = {1}}, "normalization.deviation has 0 numbers"},
      {{.deviation = {1}}, "normalization.mean has 0 numbers"},
      {{.mean = {infinity}, .deviation = {1}},
       "normalization.mean is inf; expected a finite number"},
      {{.mean = {0}, .deviation = {0}},
       "normalization.deviation is 0; expected a positive number"},
      {{.mean = {0}, .deviation = {-1}},
       "normalization.deviation is -1; expected a positive number"},
      {{.mean = {0}, .deviation = {infinity}},
       "normalization.deviation is inf; expected a positive number"},
  };
  for (const auto& [normalization, text] : cases) {
    EXPECT_THAT(CheckNormalization(normalization, {28, 28, 3}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text)));
  }
}

}  // namespace
}  // namespace lenslet
