#include "lenslet/models/load_model.h"

#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/models/model_text.h"
#include "lenslet/models/zoo.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

std::string TempPath(const std::string& name) {
  return ::testing::TempDir() + "/" + name;
}

TEST(LoadModelTest, TakesANameOfTheZoo) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, LoadModel("lenet"));
  EXPECT_EQ(text.model.name(), "LeNet");
  EXPECT_EQ(text.locations.file_name, "models/lenet.textproto");
}

TEST(LoadModelTest, TakesAPath) {
  const std::string path = TempPath("mine.textproto");
  LENSLET_ASSERT_OK(WriteFileAtomically(path, "name: \"mine\""));
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText text, LoadModel(path));
  EXPECT_EQ(text.model.name(), "mine");
  EXPECT_EQ(text.locations.file_name, path);
}

TEST(LoadModelTest, TheZooComesBeforeAFileInTheWorkingFolder) {
  ASSERT_EQ(chdir(::testing::TempDir().c_str()), 0);
  LENSLET_ASSERT_OK(WriteFileAtomically("mlp", "name: \"my mlp\""));
  LENSLET_ASSERT_OK(WriteFileAtomically("plain", "name: \"plain\""));
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText zoo, LoadModel("mlp"));
  EXPECT_EQ(zoo.model.name(), "Multilayer perceptron");
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText mine, LoadModel("./mlp"));
  EXPECT_EQ(mine.model.name(), "my mlp");
  LENSLET_ASSERT_OK_AND_ASSIGN(const ModelText plain, LoadModel("plain"));
  EXPECT_EQ(plain.model.name(), "plain");
}

TEST(LoadModelTest, RejectsWhatIsNeitherANameNorAFile) {
  EXPECT_THAT(
      LoadModel("lenet5"),
      StatusIs(absl::StatusCode::kNotFound,
               "\"lenet5\" is neither a model of the zoo nor a file; did you "
               "mean \"lenet\"?"));
  EXPECT_THAT(
      LoadModel("xyzzy"),
      StatusIs(absl::StatusCode::kNotFound,
               absl::StrCat("\"xyzzy\" is neither a model of the zoo nor a "
                            "file; expected a model file or one of: ",
                            absl::StrJoin(ZooModelNames(), ", "))));
  EXPECT_THAT(
      LoadModel(""),
      StatusIs(absl::StatusCode::kNotFound,
               HasSubstr("one of: alexnet_small, clips, densenet_small")));
}

TEST(LoadModelTest, RejectsAPathWithoutAFile) {
  EXPECT_THAT(LoadModel("no/such/model"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("no/such/model: No such file")));
  EXPECT_THAT(LoadModel("lenet.textproto"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("lenet.textproto: No such file")));
}

TEST(LoadModelTest, RejectsWhatIsNotARegularFile) {
  EXPECT_THAT(LoadModel(::testing::TempDir()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("is not a regular file")));
}

TEST(LoadModelTest, RejectsALongFileWithoutReadingIt) {
  const std::string path = TempPath("long.textproto");
  LENSLET_ASSERT_OK(WriteFileAtomically(path, ""));
  ASSERT_EQ(truncate(path.c_str(), int64_t{1} << 40), 0);
  EXPECT_THAT(LoadModel(path),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       path + ": has 1099511627776 bytes or more; expected at "
                              "most 4194304"));
}

TEST(LoadModelTest, ErrorsInAFileNameIt) {
  const std::string path = TempPath("broken.textproto");
  LENSLET_ASSERT_OK(WriteFileAtomically(path, "name: \"a\"\nlayr {}"));
  EXPECT_THAT(
      LoadModel(path),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          path +
              ":2:1: models have no field \"layr\"; did you mean \"layer\"?"));
}

}  // namespace
}  // namespace lenslet
