// A header of this workspace. It has the same path as a header in Lenslet's
// workspace.

#ifndef CONSUMER_BASE_CHECK_H_
#define CONSUMER_BASE_CHECK_H_

#include <cstdlib>

// Ends the program unless `holds`.
inline void Check(bool holds) {
  if (!holds) std::abort();
}

#endif  // CONSUMER_BASE_CHECK_H_
