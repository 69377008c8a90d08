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

TEST_F(CertifyTest, ExportedCodeTakesRowsAndReturnsAClass) {
  const ProgramResult result =
      Run("export", {"run", "--c=rows", "--c_rows", "--c_class_only"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("row by row: the first 1 of 2 steps"));
  EXPECT_THAT(Contents("rows.h"), AllOf(HasSubstr("int rows_push_row("),
                                        HasSubstr("int rows_class("),
                                        Not(HasSubstr("rows_scores("))));
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
  ExpectError("export", {"run", "--c=2net"}, "--c: the name is \"2net\"");
}

TEST_F(CertifyTest, VerifyFindsEverythingAsCertified) {
  const ProgramResult result = Run("verify", {"net.json", "run", "--c=net"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* link :
       {"version", "training data", "its digest in the run", "recipe",
        "parameters", "scores of the self-test", "test examples",
        "scores of the test", "net.c", "net.h"}) {
    EXPECT_THAT(result.out, HasSubstr(link));
  }
  EXPECT_THAT(result.out, HasSubstr("11 links checked, all as certified"));
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
              HasSubstr("1 of 9 links is not as certified: parameters"));
}

TEST_F(CertifyTest, VerifyReadsTheTrainingData) {
  // As WriteSmallRecipe() names it, but for the noise.
  const ProgramResult other = Run(
      "verify", {"net.json", "run", "--test=false",
                 "--data=synthetic { shape: [8, 8, 1] classes: 3 "
                 "train_examples: 400 noise: 0.7 } validation_fraction: 0.2"});
  EXPECT_NE(other.exit_code, 0);
  EXPECT_THAT(other.out, HasSubstr("training data            DIFFERS"));
  EXPECT_THAT(other.out, HasSubstr("its digest in the run    as certified"));
  EXPECT_THAT(other.out, HasSubstr("test examples            not checked"));
  EXPECT_THAT(other.err,
              HasSubstr("1 of 6 links is not as certified: training data"));
}

TEST_F(CertifyTest, VerifyChecksTheRestIfDataCannotBeRead) {
  const ProgramResult result =
      Run("verify", {"net.json", "run", "--data_dir=none"});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("training data            CANNOT BE READ"));
  EXPECT_THAT(result.out, HasSubstr("parameters               as certified"));
  EXPECT_THAT(result.err, HasSubstr("training data, test examples"));
  EXPECT_EQ(Run("verify", {"net.json", "run", "--data_dir=none", "--test=false",
                           "--training_data=false"})
                .exit_code,
            0);
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

TEST_F(CertifyTest, VerifyNamesLinksThatTheCertificateLacks) {
  std::string json = Contents("net.json");
  const size_t at = json.find("  \"parameters\"");
  ASSERT_NE(at, std::string::npos);
  json.erase(at, json.find('\n', at) + 1 - at);
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("short.json"), json));
  const ProgramResult result = Run("verify", {"short.json", "run"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("parameters               not in the certificate"));
}

TEST_F(CertifyTest, CertifiesOnlyFilesOfTheNetwork) {
  std::string source = Contents("net.c");
  const std::string name = "kExpected[] =\n      \"";
  const size_t at = source.find(name);
  ASSERT_NE(at, std::string::npos);
  // The digest is also in the certificate inside.
  const std::string digest = source.substr(at + name.size(), 64);
  const std::string other(64, '0');
  for (size_t i = 0; (i = source.find(digest, i)) != std::string::npos;) {
    source.replace(i, 64, other);
  }
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("other.c"), source));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("other.h"), Contents("net.h")));
  ExpectError("certify", {"run", "--c=other"},
              "--c: other.c is of another network");
  EXPECT_EQ(Run("export", {"run", "--c=cut", "--c_weights_apart"}).exit_code,
            0);
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("cut.weights"),
                                        Contents("cut.weights").substr(4)));
  ExpectError("certify", {"run", "--c=cut"},
              "cut.weights does not have the weights of this network");
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
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("notes.txt"), "dear diary"));
  ExpectError("certify", {"run", "--json=notes.txt"},
              "--json is notes.txt, which is no certificate");
  ExpectError("certify", {"run", "--c=none"}, "none.c");
}

}  // namespace
}  // namespace lenslet
