// A header of this workspace, at the path that one of Lenslet's has in its own.

#ifndef CONSUMER_BASE_CHECK_H_
#define CONSUMER_BASE_CHECK_H_

#include <cstdlib>

// Ends the program unless `holds`.
inline void Check(bool holds) {
  if (!holds) std::abort();
}

#endif  // CONSUMER_BASE_CHECK_H_
