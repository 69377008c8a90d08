#include "lenslet/data/fashion_mnist.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "fashion_mnist/runfile.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/split.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// How often each of the 10 labels occurs.
std::vector<int> LabelCounts(const Dataset& dataset) {
  std::vector<int> counts(10);
  const std::vector<int32_t> labels = *dataset.Classes();
  for (const int32_t label : labels) ++counts[label];
  return counts;
}

TEST(FashionMnistTest, LoadsTheTrainingImages) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               LoadFashionMnist("", Split::kTrain));
  EXPECT_EQ(dataset.Inputs()->shape(), Shape({60000, 28, 28, 1}));
  EXPECT_THAT(*dataset.Classes(AllIndices(10)),
              ElementsAre(9, 0, 0, 3, 0, 2, 7, 2, 5, 5));
  EXPECT_THAT(LabelCounts(dataset), Each(6000));
  EXPECT_THAT(dataset.target_names,
              ElementsAre("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                          "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"));
}

TEST(FashionMnistTest, LoadsTheTestImages) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               LoadFashionMnist("", Split::kTest));
  EXPECT_EQ(dataset.Inputs()->shape(), Shape({10000, 28, 28, 1}));
  EXPECT_THAT(LabelCounts(dataset), Each(1000));
}

// Without the variables by which Bazel tells a test where its runfiles are.
class FindFashionMnistTest : public ::testing::Test {
 protected:
  FindFashionMnistTest() {
    runfiles_ = std::getenv("RUNFILES_DIR");
    unsetenv("RUNFILES_DIR");
    if (const char* manifest = std::getenv("RUNFILES_MANIFEST_FILE")) {
      manifest_ = manifest;
      unsetenv("RUNFILES_MANIFEST_FILE");
    }
  }
  ~FindFashionMnistTest() override {
    setenv("RUNFILES_DIR", runfiles_.c_str(), 1);
    if (!manifest_.empty()) {
      setenv("RUNFILES_MANIFEST_FILE", manifest_.c_str(), 1);
    }
  }

  const std::string folder_ = EmptyTempFolder("find_fashion_mnist_test");
  std::string runfiles_;
  std::string manifest_;
};

TEST_F(FindFashionMnistTest, LooksBesideTheProgram) {
  const std::string program = folder_ + "/program";
  const std::string repository =
      "/" + std::filesystem::path(kFashionMnistRunfile).parent_path().string();
  std::filesystem::create_directory(program + ".runfiles");
  std::filesystem::create_directory_symlink(runfiles_ + repository,
                                            program + ".runfiles" + repository);
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string directory,
                               FindFashionMnist(program, folder_));
  EXPECT_EQ(directory, program + ".runfiles" + repository);
}

TEST_F(FindFashionMnistTest, LooksWhereTheSystemHasIt) {
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string directory,
                               FindFashionMnist(folder_ + "/program", folder_));
  EXPECT_EQ(directory, folder_);
  // Runfiles of a program that does not depend on the data.
  std::filesystem::create_directory(folder_ + "/program.runfiles");
  EXPECT_EQ(*FindFashionMnist(folder_ + "/program", folder_), folder_);
}

TEST_F(FindFashionMnistTest, SaysHowToGetIt) {
  EXPECT_THAT(
      FindFashionMnist("program", folder_ + "/none"),
      StatusIs(absl::StatusCode::kNotFound,
               AllOf(HasSubstr(folder_ + "/none: "), HasSubstr("\"program\""),
                     HasSubstr("apt-get install dataset-fashion-mnist"))));
}

}  // namespace
}  // namespace lenslet
