// Parts of libstdc++ for a shared library that uses no streams and whose
// exceptions never leave it. Headers that include <iostream> prepare the
// standard streams, which need all of libstdc++'s locales, for characters of
// each kind; and the handler of uncaught exceptions prints their types, for
// which it has a parser of mangled names.

#include <cstdlib>
#include <exception>
#include <ios>

namespace std {

ios_base::Init::Init() {}
ios_base::Init::~Init() {}

// What <iostream> refers to instead, from gcc 13 on.
void ios_base_library_init();
void ios_base_library_init() {}

}  // namespace std

namespace __cxxabiv1 {

extern std::terminate_handler __terminate_handler;
std::terminate_handler __terminate_handler = std::abort;

}  // namespace __cxxabiv1
