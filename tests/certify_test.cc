// lenslet export --c, lenslet certify and lenslet verify, as a user runs them.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CertifyTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new std::string(EmptyTempFolder("certify_test"));
    const std::string recipe = WriteSmallRecipe(*folder_);
    EXPECT_EQ(Train(recipe, *folder_ + "/run").exit_code, 0);
    EXPECT_EQ(Run("export", {"run", "--c=net"}).exit_code, 0);
    EXPECT_EQ(Run("certify", {"run", "--c=net", "--json=net.json"}).exit_code,
              0);
  }
  static void TearDownTestSuite() { delete folder_; }

  static std::string Path(const std::string& name) {
    return *folder_ + "/" + name;
  }
  static std::string Contents(const std::string& name) {
    return ReadFile(Path(name)).value_or("");
  }
  static ProgramResult Run(const std::string& command,
                           const std::vector<std::string>& arguments) {
    return RunLenslet(
        command, arguments,
        absl::StrCat("export BUILD_WORKING_DIRECTORY='", *folder_, "';"));
  }
  void ExpectError(const std::string& command,
                   const std::vector<std::string>& arguments,
                   const std::string& error) const {
    const ProgramResult result = Run(command, arguments);
    EXPECT_NE(result.exit_code, 0) << error;
    EXPECT_THAT(result.err, AllOf(StartsWith("lenslet " + command + ": "),
                                  HasSubstr(error)));
  }

  static inline std::string* folder_ = nullptr;
};

TEST_F(CertifyTest, ExportWritesTheSameFilesAgain) {
  const std::string header = Contents("net.h");
  const std::string source = Contents("net.c");
  EXPECT_THAT(header, HasSubstr("int net_self_test(float* arena);"));
  EXPECT_THAT(source, HasSubstr("const char net_certificate[] ="));
  EXPECT_EQ(Run("export", {"run", "--c=net"}).exit_code, 0);
  EXPECT_EQ(Contents("net.h"), header);
  EXPECT_EQ(Contents("net.c"), source);
}

TEST_F(CertifyTest, ExportReplacesOnlyItsOwnFiles) {
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("mine.c"), "int main;"));
  ExpectError("export", {"run", "--c=mine"},
              "--c is mine.c, which Lenslet did not generate");
  EXPECT_EQ(Contents("mine.c"), "int main;");
  EXPECT_FALSE(FileExists(Path("mine.h")));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("old.weights"), "mine"));
  ExpectError("export", {"run", "--c=old", "--c_weights_apart"},
              "--c would replace old.weights");
  EXPECT_EQ(Contents("old.weights"), "mine");
  ExpectError("export", {"run", "--c=2net"}, "the name is \"2net\"");
}

TEST_F(CertifyTest, VerifyFindsEverythingAsCertified) {
  const ProgramResult result = Run("verify", {"net.json", "run", "--c=net"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* link :
       {"version", "noted training data", "recipe", "parameters",
        "scores of the self-test", "test examples", "scores of the test",
        "net.c", "net.h"}) {
    EXPECT_THAT(result.out, HasSubstr(link));
  }
  EXPECT_THAT(result.out, HasSubstr("10 digests checked, all as certified"));
}

TEST_F(CertifyTest, VerifyNamesTheLinkThatBroke) {
  std::string json = Contents("net.json");
  const std::string name = "\"parameters\": \"";
  const size_t at = json.find(name);
  ASSERT_NE(at, std::string::npos);
  char& digit = json[at + name.size()];
  digit = digit == '0' ? '1' : '0';
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("changed.json"), json));
  const ProgramResult result = Run("verify", {"changed.json", "run"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("parameters               DIFFERS"));
  EXPECT_THAT(result.out, HasSubstr("recipe                   as certified"));
  EXPECT_THAT(result.out, HasSubstr("net.c                    not checked"));
  EXPECT_THAT(result.err,
              HasSubstr("1 of 8 digests differ from the certificate"));
}

TEST_F(CertifyTest, VerifyChecksWeightsThatAreApart) {
  EXPECT_EQ(Run("export", {"run", "--c=apart", "--c_weights_apart"}).exit_code,
            0);
  EXPECT_EQ(
      Run("certify", {"run", "--c=apart", "--test=false", "--json=apart.json"})
          .exit_code,
      0);
  std::string weights = Contents("apart.weights");
  weights[0] ^= 1;
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("apart.weights"), weights));
  const ProgramResult result = Run("verify", {"apart.json", "--c=apart"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("apart.weights            DIFFERS"));
  ExpectError("verify", {"apart.json", "--c=net"},
              "apart.json does not certify a file net.c");
}

TEST_F(CertifyTest, TheScoresNeedNoDataIfTheyAreNotAskedFor) {
  const ProgramResult result = Run("certify", {"run", "--test=false"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("\"self_test\""),
                                Not(HasSubstr("\"test_scores\""))));
}

TEST_F(CertifyTest, NamesWhatIsWrong) {
  ExpectError("verify", {}, "there are 0 words");
  ExpectError("verify", {"net.json"}, "nothing to check");
  ExpectError("verify", {"net.h", "run"}, "net.h: not a certificate");
  ExpectError("verify", {"none.json", "run"}, "none.json");
  ExpectError("certify", {"lenet"}, "expected a checkpoint");
  ExpectError("certify", {"run", "--json=run/latest.ckpt"},
              "--json is run/latest.ckpt, which a run keeps there");
  ExpectError("certify", {"run", "--c=none"}, "none.h");
}

}  // namespace
}  // namespace lenslet
