// Windows for people.

#ifndef LENSLET_OPS_WINDOW_TEXT_H_
#define LENSLET_OPS_WINDOW_TEXT_H_

#include <string>

#include "lenslet/ops/window.h"

namespace lenslet {

// "5 x 5, stride 2, padding 1 x 2". Strides and dilations of 1, padding of 0
// and what is empty are left out.
std::string WindowText(const Window& window);

// "padding 2", "padding 0 before, 1 after"; "" for none.
std::string PaddingText(const Padding& padding);

}  // namespace lenslet

#endif  // LENSLET_OPS_WINDOW_TEXT_H_
