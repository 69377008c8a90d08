// A test of surveys, with files in a folder.

#ifndef LENSLET_DATA_TESTING_SURVEY_FIXTURE_H_
#define LENSLET_DATA_TESTING_SURVEY_FIXTURE_H_

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/survey.h"

namespace lenslet {

class SurveyFixture : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& bytes) {
    const std::string path = Path(name);
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }
  void WriteGray(const std::string& name, int64_t height = 4,
                 int64_t width = 4) {
    Write(name, absl::StrCat("P5 ", width, " ", height, " 255\n",
                             std::string(height * width, 'x')));
  }
  // Of pixels of one color.
  void WriteColor(const std::string& name, const std::string& pixel) {
    std::string pixels;
    for (int i = 0; i < 16; ++i) pixels += pixel;
    Write(name, absl::StrCat("P6 4 4 255\n", pixels));
  }
  std::string Path(const std::string& name) { return folder_ + "/" + name; }
  absl::StatusOr<DataSurvey> Survey(const std::string& name = "data",
                                    const std::string& target = "") {
    return SurveyData(Path(name), target);
  }
  // That the survey of `data` fails, and that its message has these parts.
  void ExpectError(const std::string& found, const std::string& expected) {
    EXPECT_THAT(
        Survey().status(),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 ::testing::AllOf(::testing::StartsWith(Path("data") + found),
                                  ::testing::HasSubstr(expected))));
  }
  // Two classes of an image each.
  void WriteTwoClasses() {
    WriteGray("data/a/1.pgm");
    WriteGray("data/b/1.pgm");
  }

  const std::string folder_ = EmptyTempFolder("survey_test");
};

}  // namespace lenslet

#endif  // LENSLET_DATA_TESTING_SURVEY_FIXTURE_H_
