#include "lenslet/benchmarks/peers/workload.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet::peers {
namespace {

using ::testing::HasSubstr;

TEST(WorkloadTest, ArgumentsMakeTheSameSettings) {
  const WorkerSettings settings = {.workload = {.model = "modern",
                                                .activation = Activation::kRelu,
                                                .width = 2,
                                                .image_size = 64,
                                                .channels = 3,
                                                .batch = 32,
                                                .threads = 3,
                                                .seed = 4,
                                                .examples = 100},
                                   .variant = "nhwc",
                                   .data_folder = "/a=b"};
  std::vector<std::string> arguments = ToArguments(settings);
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  LENSLET_ASSERT_OK_AND_ASSIGN(const WorkerSettings parsed,
                               ParseWorkerSettings(pointers));
  EXPECT_EQ(ToArguments(parsed), arguments);
  EXPECT_EQ(parsed.data_folder, "/a=b");
}

TEST(WorkloadTest, RefusesWhatItDoesNotKnow) {
  for (std::string argument :
       {"batch=0", "batch=x", "activation=tanh", "colour=1", "relu"}) {
    std::vector<char*> arguments = {argument.data()};
    EXPECT_THAT(
        ParseWorkerSettings(arguments),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(argument)));
  }
}

}  // namespace
}  // namespace lenslet::peers
