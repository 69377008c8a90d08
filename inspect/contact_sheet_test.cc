#include "lenslet/inspect/contact_sheet.h"

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

// A letter for each pixel: the black and the white end of gray, the middle
// between them, the background, NaN, and what is none of these.
std::string Letters(const Tensor& sheet) {
  std::string letters;
  const uint8_t* pixel = sheet.data<uint8_t>();
  for (int64_t y = 0; y < sheet.shape().dim(0); ++y) {
    for (int64_t x = 0; x < sheet.shape().dim(1); ++x, pixel += 3) {
      const Color color = {pixel[0], pixel[1], pixel[2]};
      letters += color == Color{0, 0, 0}                     ? '0'
                 : color == Color{255, 255, 255}             ? '1'
                 : color == Color{128, 128, 128}             ? '-'
                 : color == kNanColor                        ? 'n'
                 : color == ContactSheetOptions().background ? '.'
                                                             : '?';
    }
    letters += '\n';
  }
  return letters;
}

// Three pictures of 1 x 2 numbers:
//
//   0 1   1 0   0 0.5
TEST(ContactSheetTest, PutsEnlargedPicturesInRows) {
  const Tensor maps = Tensor::Of({3, 1, 2}, {0, 1, 1, 0, 0, 0.5});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor sheet,
      ContactSheet(maps.view(), {.columns = 2, .zoom = 2, .gap = 1}));
  EXPECT_EQ(Letters(sheet),
            "...........\n"
            ".0011.1100.\n"
            ".0011.1100.\n"
            "...........\n"
            ".00--......\n"
            ".00--......\n"
            "...........\n");
}

TEST(ContactSheetTest, ScalesByAllPicturesOrByEach) {
  const Tensor maps = Tensor::Of({2, 1, 3}, {0, 1, 2, -4, 3, 10});
  ContactSheetOptions options = {.columns = 1, .zoom = 1, .gap = 0};
  LENSLET_ASSERT_OK_AND_ASSIGN(Tensor sheet,
                               ContactSheet(maps.view(), options));
  EXPECT_EQ(Letters(sheet), "???\n0-1\n");
  options.scale_each = true;
  LENSLET_ASSERT_OK_AND_ASSIGN(sheet, ContactSheet(maps.view(), options));
  EXPECT_EQ(Letters(sheet), "0-1\n0-1\n");
}

TEST(ContactSheetTest, TakesColors) {
  const Tensor maps = Tensor::Of({1, 1, 3, 3}, {-1, -1, -1, 0, 0, 0, 1, 1, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor sheet, ContactSheet(maps.view(), {.zoom = 1, .gap = 0}));
  EXPECT_EQ(Letters(sheet), "0-1\n");
}

TEST(ContactSheetTest, IsWhiteAtZeroByTheDivergingMap) {
  const Tensor maps = Tensor::Of({1, 1, 3}, {-1, 0, 2});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Tensor sheet,
      ContactSheet(maps.view(),
                   {.colors = ColorMap::kDiverging, .zoom = 1, .gap = 0}));
  EXPECT_EQ(Letters(sheet), "?1?\n");
}

TEST(ContactSheetTest, TakesConstantsAndWhatIsNotFinite) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const Tensor maps =
      Tensor::Of({4, 1, 2}, {7, 7, kNan, kNan, kNan, 7, -kInf, kInf});
  for (const bool scale_each : {false, true}) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Tensor sheet,
        ContactSheet(
            maps.view(),
            {.scale_each = scale_each, .columns = 4, .zoom = 1, .gap = 0}));
    EXPECT_EQ(Letters(sheet), "--nnn-01\n");
  }
}

TEST(ContactSheetTest, ChoosesAGrid) {
  struct {
    Shape maps;
    int64_t columns, rows;
  } const kCases[] = {
      {{1, 8, 8}, 1, 1},     {{2, 8, 8}, 2, 1},    {{3, 8, 8}, 3, 1},
      {{6, 28, 28}, 3, 2},   {{7, 8, 8}, 4, 2},    {{16, 10, 10}, 4, 4},
      {{10, 1, 1}, 5, 2},    {{120, 1, 1}, 15, 8}, {{84, 1, 1}, 12, 7},
      {{16, 1, 100}, 1, 16}, {{64, 5, 5}, 8, 8},
  };
  for (const auto& c : kCases) {
    LENSLET_ASSERT_OK_AND_ASSIGN(
        const Tensor sheet,
        ContactSheet(Tensor(c.maps).view(), {.zoom = 1, .gap = 0}));
    EXPECT_EQ(sheet.shape(),
              Shape({c.rows * c.maps.dim(1), c.columns * c.maps.dim(2), 3}))
        << c.maps;
  }
}

TEST(ContactSheetTest, ChoosesAnEnlargement) {
  const auto shape = [](const Shape& maps) {
    return ContactSheet(Tensor(maps).view(), {.gap = 2})->shape();
  };
  // Three columns of 28 numbers, and four gaps: (640 - 8) / 84 = 7.5.
  EXPECT_EQ(shape({6, 28, 28}), Shape({2 * 28 * 7 + 6, 3 * 28 * 7 + 8, 3}));
  // At most 64.
  EXPECT_EQ(shape({1, 5, 5}), Shape({324, 324, 3}));
  // At least 1.
  EXPECT_EQ(shape({1, 700, 800}), Shape({704, 804, 3}));
}

TEST(ContactSheetTest, RefusesWhatItCannotShow) {
  const auto refusal = [](const Shape& maps,
                          const ContactSheetOptions& options) {
    const Tensor tensor(maps);
    const absl::StatusOr<Tensor> sheet = ContactSheet(tensor.view(), options);
    EXPECT_EQ(sheet.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(sheet.status().message());
  };
  for (const Shape& shape :
       {Shape{4, 4}, Shape{0, 4, 4}, Shape{1, 0, 4}, Shape{2, 4, 4, 2}}) {
    EXPECT_EQ(refusal(shape, {}),
              "the pictures' shape is " + shape.ToString() +
                  "; expected [n, height, width] or [n, height, width, 3], "
                  "with numbers");
  }
  EXPECT_EQ(refusal({1, 1, 1}, {.columns = -1}),
            "columns is -1; expected a number in [0, 16777216]");
  EXPECT_EQ(refusal({1, 1, 1}, {.zoom = -2}),
            "zoom is -2; expected a number in [0, 16777216]");
  EXPECT_EQ(refusal({1, 1, 1}, {.gap = 1 << 25}),
            "gap is 33554432; expected a number in [0, 16777216]");
  EXPECT_EQ(refusal({2, 64, 64}, {.zoom = 100}),
            "a sheet of 2 pictures of 64 x 64 numbers has more than 16777216 "
            "pixels, the maximum");
  EXPECT_THAT(refusal({1, 4096, 4096}, {}), HasSubstr("more than 16777216"));
  EXPECT_THAT(refusal({1, 1, 1}, {.zoom = 1 << 24, .gap = 1 << 24}),
              HasSubstr("more than 16777216"));
}

}  // namespace
}  // namespace lenslet
