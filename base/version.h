// Lenslet's version, as written into its files.

#ifndef LENSLET_BASE_VERSION_H_
#define LENSLET_BASE_VERSION_H_

namespace lenslet {

inline constexpr char kVersion[] = "0.5";

}  // namespace lenslet

#endif  // LENSLET_BASE_VERSION_H_
