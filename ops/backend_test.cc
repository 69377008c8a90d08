#include "lenslet/ops/backend.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(BackendTest, NamesAreFoundAgain) {
  for (Backend backend : kBackends) {
    LENSLET_ASSERT_OK_AND_ASSIGN(Backend found, BackendByName(Name(backend)));
    EXPECT_EQ(found, backend);
  }
}

TEST(BackendTest, AnUnknownNameIsAnswered) {
  EXPECT_THAT(BackendByName("xnnpak"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("unknown backend \"xnnpak\"; expected one of: "
                                 "reference, xnnpack, lanes, direct; did you "
                                 "mean \"xnnpack\"?")));
}

}  // namespace
}  // namespace lenslet
