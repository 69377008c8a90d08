#include "lenslet/base/text_format.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(CountTextTest, OneIsSingular) {
  EXPECT_EQ(CountText(0, "input"), "0 inputs");
  EXPECT_EQ(CountText(1, "input"), "1 input");
  EXPECT_EQ(CountText(11, "input"), "11 inputs");
}

TEST(WithCommasTest, GroupsDigitsByThree) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1000), "1,000");
  EXPECT_EQ(WithCommas(1234567), "1,234,567");
}

TEST(WithCommasTest, KeepsTheSign) {
  EXPECT_EQ(WithCommas(-999), "-999");
  EXPECT_EQ(WithCommas(-1000), "-1,000");
  EXPECT_EQ(WithCommas(std::numeric_limits<int64_t>::min()),
            "-9,223,372,036,854,775,808");
}

TEST(RoundedWithCommasTest, TakesAnyNumber) {
  EXPECT_EQ(RoundedWithCommas(1832.5), "1,833");
  EXPECT_EQ(RoundedWithCommas(-0.25), "0");
  EXPECT_EQ(RoundedWithCommas(999999999999999.0), "999,999,999,999,999");
  EXPECT_EQ(RoundedWithCommas(1e15), "1e+15");
  EXPECT_EQ(RoundedWithCommas(-2.5e17), "-2.5e+17");
  EXPECT_EQ(RoundedWithCommas(-NAN), "nan");
  EXPECT_EQ(RoundedWithCommas(-INFINITY), "-inf");
}

TEST(NumberTextTest, LargeNumbersHaveNoDecimals) {
  EXPECT_EQ(NumberText(0.47114, 4, 6), "0.4711");
  EXPECT_EQ(NumberText(0.47114, 3, 4), "0.471");
  EXPECT_EQ(NumberText(9999.9, 4, 6), "9999.9000");
  EXPECT_EQ(NumberText(10000, 4, 6), "10000");
  EXPECT_EQ(NumberText(-123456.5, 4, 6), "-123456");
  EXPECT_EQ(NumberText(123456.5, 4, 4), "1.235e+05");
  EXPECT_EQ(NumberText(1e7, 4, 6), "1e+07");
}

TEST(NumberTextTest, NamesWhatIsNotFinite) {
  EXPECT_EQ(NumberText(NAN, 4, 6), "nan");
  EXPECT_EQ(NumberText(-NAN, 4, 4), "nan");
  EXPECT_EQ(NumberText(INFINITY, 4, 6), "inf");
  EXPECT_EQ(NumberText(-INFINITY, 4, 4), "-inf");
}

TEST(DurationTextTest, HasOneOrTwoUnits) {
  EXPECT_EQ(DurationText(0), "0.0 s");
  EXPECT_EQ(DurationText(4.25), "4.2 s");
  EXPECT_EQ(DurationText(48.4), "48 s");
  // Rounded before it is split: not "60 s".
  EXPECT_EQ(DurationText(59.6), "1 min");
  EXPECT_EQ(DurationText(185), "3 min 5 s");
  EXPECT_EQ(DurationText(7800), "2 h 10 min");
  EXPECT_EQ(DurationText(7259), "2 h");
  EXPECT_EQ(DurationText(1e300), "277777777777 h 46 min");
}

TEST(DurationTextTest, FollowsTheFormat) {
  constexpr DurationFormat kSteady = {.tenths = false, .zeros = true};
  EXPECT_EQ(DurationText(4.25, kSteady), "4 s");
  EXPECT_EQ(DurationText(59.6, kSteady), "1 min 0 s");
  EXPECT_EQ(DurationText(3600, kSteady), "1 h 0 min");
  EXPECT_EQ(DurationText(4.25, {.space = "_"}), "4.2_s");
  EXPECT_EQ(DurationText(185, {.space = "_"}), "3_min 5_s");
}

TEST(DurationTextTest, NamesWhatIsNoDuration) {
  for (const double seconds : {-1.0, double{NAN}, double{INFINITY}}) {
    EXPECT_EQ(DurationText(seconds), "not finite") << seconds;
  }
}

TEST(CsvCellTest, QuotesTextsThatNeedIt) {
  EXPECT_EQ(CsvCell(""), "");
  EXPECT_EQ(CsvCell("a b;'c'"), "a b;'c'");
  EXPECT_EQ(CsvCell("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvCell(std::string("a\nb")), "\"a\nb\"");
  EXPECT_EQ(CsvCell(std::string("a\rb")), "\"a\rb\"");
  EXPECT_EQ(CsvCell("no, \"really\""), "\"no, \"\"really\"\"\"");
}

TEST(CsvCellTest, NumbersAreReadBackAsTheSame) {
  EXPECT_EQ(CsvCell(int64_t{-1234567}), "-1234567");
  EXPECT_EQ(CsvCell(0.1), "0.1");
  EXPECT_EQ(CsvCell(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(CsvCell(-NAN), "nan");
  EXPECT_EQ(CsvCell(-INFINITY), "-inf");
}

TEST(CsvCellTest, NumbersCanHaveFewerDigits) {
  EXPECT_EQ(CsvCell(1.0 / 3, 9), "0.333333333");
  EXPECT_EQ(CsvCell(60000.0, 9), "60000");
  EXPECT_EQ(CsvCell(-NAN, 9), "nan");
}

TEST(CsvCellTest, WhatIsAbsentIsEmpty) {
  EXPECT_EQ(CsvCell(std::optional<double>()), "");
  EXPECT_EQ(CsvCell(std::optional<double>(), 9), "");
  EXPECT_EQ(CsvCell(std::optional(0.5)), "0.5");
  EXPECT_EQ(CsvCell(std::optional(1.0 / 3), 9), "0.333333333");
}

TEST(CsvCellTest, TruthHasAWord) {
  EXPECT_EQ(CsvCell(true), "true");
  EXPECT_EQ(CsvCell(false), "false");
}

}  // namespace
}  // namespace lenslet
