// The counterparts of status_macros.h for tests.
//
//   LENSLET_ASSERT_OK_AND_ASSIGN(Tensor y, Conv2d(x, filter, bias));
//   EXPECT_THAT(Conv2d(x, wrong, bias).status(),
//               StatusIs(absl::StatusCode::kInvalidArgument,
//                        HasSubstr("filter")));

#ifndef LENSLET_BASE_STATUS_MATCHERS_H_
#define LENSLET_BASE_STATUS_MATCHERS_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/status_macros.h"

namespace lenslet {
namespace internal {

inline const absl::Status& AsStatus(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& AsStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

}  // namespace internal

// Matches a Status or StatusOr that is OK.
MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  const absl::Status& status = internal::AsStatus(arg);
  *result_listener << "which is " << status.ToString();
  return status.ok();
}

// Matches a Status or StatusOr by its code and its message.
MATCHER_P2(StatusIs, code, message_matcher, "") {
  const absl::Status& status = internal::AsStatus(arg);
  *result_listener << "which is " << status.ToString();
  return status.code() == code &&
         ::testing::Matches(message_matcher)(std::string(status.message()));
}

}  // namespace lenslet

#define LENSLET_EXPECT_OK(expression) \
  EXPECT_THAT((expression), ::lenslet::IsOk())
#define LENSLET_ASSERT_OK(expression) \
  ASSERT_THAT((expression), ::lenslet::IsOk())

// Fails the test if `expression`, an absl::StatusOr<T>, is not OK; otherwise
// moves its value into `declaration`.
#define LENSLET_ASSERT_OK_AND_ASSIGN(declaration, ...)                 \
  LENSLET_ASSERT_OK_AND_ASSIGN_IMPL_(                                  \
      LENSLET_CONCATENATE_(lenslet_status_or_, __LINE__), declaration, \
      __VA_ARGS__)

#define LENSLET_ASSERT_OK_AND_ASSIGN_IMPL_(variable, declaration, ...) \
  auto variable = (__VA_ARGS__);                                       \
  LENSLET_ASSERT_OK(variable);                                         \
  declaration = *std::move(variable)

#endif  // LENSLET_BASE_STATUS_MATCHERS_H_
