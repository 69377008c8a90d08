#include "lenslet/base/text_places.h"

#include <string>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(TextPlacesTest, CountsLinesAndTabs) {
  const TextPlaces places("ab\n\tc\td\n");
  EXPECT_EQ(places.PlaceOf(1), (TextPlace{.line = 1, .column = 2}));
  EXPECT_EQ(places.PlaceOf(2), (TextPlace{.line = 1, .column = 3}));
  EXPECT_EQ(places.PlaceOf(3), (TextPlace{.line = 2, .column = 1}));
  EXPECT_EQ(places.PlaceOf(4), (TextPlace{.line = 2, .column = 9}));
  EXPECT_EQ(places.PlaceOf(6), (TextPlace{.line = 2, .column = 17}));
  EXPECT_EQ(places.PlaceOf(8), (TextPlace{.line = 3, .column = 1}));
}

TEST(TextPlacesTest, FindsTheOffsetOfEachPlace) {
  const std::string text = "ab\n\tc\td\t\n\n\t\tx";
  const TextPlaces places(text);
  for (size_t i = 0; i <= text.size(); ++i) {
    EXPECT_EQ(places.OffsetOf(places.PlaceOf(i)), i);
  }
}

TEST(TextPlacesTest, OtherPlacesAreNearTheirs) {
  const TextPlaces places("ab\n\tc\n");
  EXPECT_EQ(places.OffsetOf({.line = 1, .column = 10}), 2);
  // Inside the tab.
  EXPECT_EQ(places.OffsetOf({.line = 2, .column = 5}), 4);
  EXPECT_EQ(places.OffsetOf({.line = 9, .column = 1}), 6);
}

}  // namespace
}  // namespace lenslet
