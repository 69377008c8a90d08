#include "lenslet/codegen/certificate.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

TEST(CertificateTest, JsonKeepsEverything) {
  const Certificate certificate{.version = "1",
                                .data = "d",
                                .recipe = "r",
                                .parameters = "p",
                                .self_test = "s",
                                .test_examples = 7,
                                .test_inputs = "i",
                                .test_scores = "t",
                                .files = {{"net.c", "c"}, {"net.h", "h"}}};
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Certificate read,
      CertificateFromJson(CertificateToJson(certificate).dump()));
  EXPECT_EQ(read.version, "1");
  EXPECT_EQ(read.data, "d");
  EXPECT_EQ(read.recipe, "r");
  EXPECT_EQ(read.parameters, "p");
  EXPECT_EQ(read.self_test, "s");
  EXPECT_EQ(read.test_examples, 7);
  EXPECT_EQ(read.test_inputs, "i");
  EXPECT_EQ(read.test_scores, "t");
  EXPECT_EQ(read.files, certificate.files);
}

TEST(CertificateTest, LeavesOutWhatIsNotKnown) {
  const std::string json = CertificateToJson({.version = "1"}).dump();
  EXPECT_EQ(json, "{\"lenslet_version\":\"1\"}");
}

TEST(CertificateTest, RejectsOtherTexts) {
  for (const char* text :
       {"", "{", "[]", "{}", "\xff", "{\"recipe\": \"r\"}", "3"}) {
    const absl::Status status = CertificateFromJson(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_TRUE(absl::StrContains(status.message(), "not a certificate"))
        << text << ": " << status;
  }
}

TEST(CertificateTest, RejectsMembersOfAnotherTypeOrName) {
  for (const char* text :
       {"{\"lenslet_version\": 1}",
        "{\"lenslet_version\": \"1\", \"recipe\": []}",
        "{\"lenslet_version\": \"1\", \"test_examples\": -1}",
        "{\"lenslet_version\": \"1\", \"test_examples\": 1.5}",
        "{\"lenslet_version\": \"1\", \"files\": \"net.c\"}",
        "{\"lenslet_version\": \"1\", \"files\": {\"net.c\": 1}}",
        "{\"lenslet_version\": \"1\", \"parametdrs\": \"p\"}"}) {
    EXPECT_EQ(CertificateFromJson(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

}  // namespace
}  // namespace lenslet
