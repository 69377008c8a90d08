// Aborts when an invariant of Lenslet's own is broken. What a caller, a file
// or a flag can cause is an absl::Status instead.

#ifndef LENSLET_BASE_CHECK_H_
#define LENSLET_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

// Aborts, naming the place, if `condition` is false. Always compiled in.
#define LENSLET_CHECK(condition)                                      \
  do {                                                                \
    if (!(condition)) [[unlikely]] {                                  \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, \
                   __LINE__, #condition);                             \
      std::abort();                                                   \
    }                                                                 \
  } while (false)

#endif  // LENSLET_BASE_CHECK_H_
