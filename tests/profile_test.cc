// lenslet profile, as a user runs it.

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kFailure = 1;
constexpr int kUsage = 2;

// Of a run as small as can be.
ProgramResult Profile(std::vector<std::string> arguments) {
  arguments.push_back("--repeats=1");
  arguments.push_back("--batch_size=16");
  return RunLenslet("profile", arguments);
}

void ExpectOneLine(const ProgramResult& result, int exit_code,
                   const std::string& message) {
  EXPECT_EQ(result.exit_code, exit_code) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err,
              AllOf(StartsWith("lenslet profile: "), HasSubstr(message)));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
      << result.err;
}

// Words have one spatial dimension, clips three.
TEST(ProfileToolTest, TakesModelsOfOtherThanImages) {
  for (const char* model : {"text", "clips"}) {
    const ProgramResult result = Profile({model});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("100.0 %"));
  }
}

TEST(ProfileToolTest, PrintsEachLayersTimeAndSpeed) {
  const ProgramResult result = Profile({});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out,
              ContainsRegex("^layer +type +kernel +forward us +GFLOP/s +"
                            "backward us +GFLOP/s +total us +share\n"
                            "read images +[0-9.]+ +[0-9.]+ %\n"
                            "conv1 +Conv2d +lanes +[0-9.]+ +[0-9.]+ +[0-9.]+ +"
                            "[0-9.]+ +[0-9.]+ +[0-9.]+ %\n"
                            "sigmoid1 +Sigmoid +in conv1\n"
                            "pool1 +AvgPool2d +in conv1\n"));
  EXPECT_THAT(result.out, ContainsRegex("\nflatten +Flatten +.none needed.\n"));
  EXPECT_THAT(result.out,
              ContainsRegex("\nloss +[0-9.]+ +[0-9.]+ %\n(prepare .*\n)?"
                            "rest +[0-9.]+ +[0-9.]+ %\n"
                            "total +[0-9.]+ .* 100[.]0 %\n"
                            "\n[0-9,]+ examples/s trained on 1 thread "
                            "\\(lanes\\), in blocks of 16;\n"
                            "the fastest of 1 batches of 16\n$"));
}

TEST(ProfileToolTest, GoesForwardOnly) {
  const ProgramResult result =
      Profile({"--training=false", "--backend=xnnpack", "mlp"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, ContainsRegex(" Linear +xnnpack +[0-9.]+ +[0-9.]+ +"
                                        "[0-9.]+ +[0-9.]+ %\n"));
  EXPECT_THAT(result.out, HasSubstr(" examples/s classified on 1 thread"));
  EXPECT_THAT(result.out, Not(HasSubstr("prepare")));
}

TEST(ProfileToolTest, HelpExplainsColumnsAndFlags) {
  const ProgramResult result = Profile({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* word :
       {"forward us", "GFLOP/s", "share", "[MODEL]", "--backend", "--block",
        "--batch_size", "--repeats", "--training BOOL [true]"}) {
    EXPECT_THAT(result.out, HasSubstr(word));
  }
}

TEST(ProfileToolTest, AWrongFlagIsOneLineAndExitCode2) {
  ExpectOneLine(Profile({"--epochs=3"}), kUsage, "unknown flag --epochs");
  ExpectOneLine(Profile({"--block=0"}), kUsage,
                "--block is 0; expected a number of at least 1");
  ExpectOneLine(Profile({"--training=maybe"}), kUsage,
                "--training is \"maybe\"; expected true or false");
  ExpectOneLine(
      Profile({"--backend=direct"}), kUsage,
      "--backend is direct, which cannot train; expected --training=false");
  ExpectOneLine(Profile({"--backend=cuda"}), kUsage,
                "--backend: unknown backend \"cuda\"");
}

TEST(ProfileToolTest, AWrongModelIsOneLineAndExitCode1) {
  ExpectOneLine(Profile({"lenett"}), kFailure, "did you mean \"lenet\"?");
}

}  // namespace
}  // namespace lenslet
