// Numbers for people.

#ifndef LENSLET_BASE_NUMBER_TEXT_H_
#define LENSLET_BASE_NUMBER_TEXT_H_

#include <cstdint>
#include <string>

namespace lenslet {

// "117,600", "-1,234"
std::string WithCommas(int64_t number);

}  // namespace lenslet

#endif  // LENSLET_BASE_NUMBER_TEXT_H_
