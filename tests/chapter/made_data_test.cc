// The exercises of the book's section "Convolutional neural networks (LeNet)"
// that programs of examples/ show on data which they make.

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::ContainsRegex;

// What a program of examples/ prints.
std::string OutputOf(const std::string& example) {
  const ProgramResult result = RunProgram("examples/" + example, {});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

// The number at the end of the line that starts so; -1 without such a line.
double NumberAfter(absl::string_view output, absl::string_view start) {
  for (const absl::string_view line : absl::StrSplit(output, '\n')) {
    if (line.substr(0, start.size()) != start) continue;
    double number = -1;
    EXPECT_TRUE(
        absl::SimpleAtod(line.substr(line.find_last_of(' ') + 1), &number));
    return number;
  }
  ADD_FAILURE() << "no line starts with " << std::string(start);
  return -1;
}

// 1-D convolution on an audio spectrogram trains.
//
// Four kinds of sound: guesses are right for a quarter of them. Rising and
// falling tones differ only in what follows what.
TEST(MadeDataTest, ConvolutionOverASpectrogram) {
  const std::string output = OutputOf("sound");
  EXPECT_GT(NumberAfter(output, "kernel over 3 frames"), 0.9);
  EXPECT_LT(NumberAfter(output, "kernel over 1 frame:"), 0.9);
}

// 1-D convolution over a sentence, with max-over-time pooling, trains.
TEST(MadeDataTest, ConvolutionOverASentence) {
  const std::string output = OutputOf("words");
  EXPECT_GT(NumberAfter(output, "widths 1, 2, 3"), 0.9);
  // Single words do not tell praise from complaint here.
  EXPECT_LT(NumberAfter(output, "widths 1  "), 0.65);
}

// Can a network learn max(a,b)? 1000 pairs from 0 to 20000; SGD against Adam;
// input scaling.
TEST(MadeDataTest, LearningAMaximum) {
  const std::string output = OutputOf("learning_a_maximum");
  const double mean = NumberAfter(output, "always the mean");
  EXPECT_THAT(output,
              ContainsRegex("SGD, rate 0.1, numbers as they are +diverges"));
  EXPECT_LT(NumberAfter(output, "SGD, rate 0.1, numbers divided by 20000"),
            mean / 10);
  EXPECT_LT(NumberAfter(output, "Adam, rate 0.01, numbers as they are"),
            mean / 10);
  EXPECT_LT(NumberAfter(output, "Adam, rate 0.01, numbers divided by 20000"),
            mean / 10);
  EXPECT_EQ(NumberAfter(output, "relu(a - b) + b"), 0);
}

}  // namespace
}  // namespace lenslet
