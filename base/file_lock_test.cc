#include "lenslet/base/file_lock.h"

#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

TEST(FileLockTest, OneHolderAtATime) {
  const std::string path = EmptyTempFolder("file_lock_test") + "/lock";
  absl::StatusOr<FileLock> first = FileLock::Acquire(path);
  LENSLET_ASSERT_OK(first.status());
  EXPECT_THAT(FileLock::Acquire(path).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr(absl::StrCat(
                           path, ": is held by another process, ", getpid()))));
  std::optional<FileLock> moved = *std::move(first);
  EXPECT_FALSE(FileLock::Acquire(path).ok());
  moved.reset();
  LENSLET_EXPECT_OK(FileLock::Acquire(path).status());
}

TEST(FileLockTest, WhereThereIsNoFolder) {
  const std::string path = EmptyTempFolder("file_lock_test") + "/none/lock";
  EXPECT_THAT(FileLock::Acquire(path).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
}

}  // namespace
}  // namespace lenslet
