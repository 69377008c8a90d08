#include "lenslet/base/at_place.h"

#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

TEST(AtPlaceTest, KeepsTheCode) {
  EXPECT_THAT(AtPlace(absl::DataLossError("is cut off"), "a/file"),
              StatusIs(absl::StatusCode::kDataLoss, "a/file: is cut off"));
}

TEST(AtPlaceTest, LeavesOkAsItIs) {
  LENSLET_EXPECT_OK(AtPlace(absl::OkStatus(), "a/file"));
}

}  // namespace
}  // namespace lenslet
