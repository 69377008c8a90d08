// Macros that return an error to the caller.
//
//   absl::Status Save(...) {
//     LENSLET_RETURN_IF_ERROR(Check(...));
//     LENSLET_ASSIGN_OR_RETURN(Tensor weights, Load(...));
//     ...
//   }

#ifndef LENSLET_BASE_STATUS_MACROS_H_
#define LENSLET_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Evaluates `expression`, an absl::Status, and returns it if it is not OK.
#define LENSLET_RETURN_IF_ERROR(expression)                               \
  do {                                                                    \
    if (absl::Status lenslet_status = (expression); !lenslet_status.ok()) \
      return lenslet_status;                                              \
  } while (false)

// Evaluates `expression`, an absl::StatusOr<T>, and returns its status if that
// is not OK; otherwise moves its value into `declaration`.
#define LENSLET_ASSIGN_OR_RETURN(declaration, ...)                     \
  LENSLET_ASSIGN_OR_RETURN_IMPL_(                                      \
      LENSLET_CONCATENATE_(lenslet_status_or_, __LINE__), declaration, \
      __VA_ARGS__)

#define LENSLET_ASSIGN_OR_RETURN_IMPL_(variable, declaration, ...) \
  auto variable = (__VA_ARGS__);                                   \
  if (!variable.ok()) return std::move(variable).status();         \
  declaration = *std::move(variable)

#define LENSLET_CONCATENATE_(a, b) LENSLET_CONCATENATE_IMPL_(a, b)
#define LENSLET_CONCATENATE_IMPL_(a, b) a##b

#endif  // LENSLET_BASE_STATUS_MACROS_H_
