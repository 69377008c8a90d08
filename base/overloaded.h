// One visitor of several functions, for std::visit().
//
//   std::visit(Overloaded{[](int i) { ... }, [](const Shape& s) { ... }}, v);

#ifndef LENSLET_BASE_OVERLOADED_H_
#define LENSLET_BASE_OVERLOADED_H_

namespace lenslet {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace lenslet

#endif  // LENSLET_BASE_OVERLOADED_H_
