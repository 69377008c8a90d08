// Aborts if an internal invariant of Lenslet is broken. Errors that a caller, a
// file or a flag can cause are reported as an absl::Status instead.

#ifndef LENSLET_BASE_CHECK_H_
#define LENSLET_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

// Aborts with the file and line if `condition` is false. Always compiled in.
#define LENSLET_CHECK(condition)                                      \
  do {                                                                \
    if (!(condition)) [[unlikely]] {                                  \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, \
                   __LINE__, #condition);                             \
      std::abort();                                                   \
    }                                                                 \
  } while (false)

#endif  // LENSLET_BASE_CHECK_H_
