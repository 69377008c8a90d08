#include "lenslet/tensor/view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/tensor/fatal.h"

namespace lenslet::internal {

void FatalIndex(std::initializer_list<int64_t> indices, const Shape& shape) {
  const std::string index =
      absl::StrCat("index (", absl::StrJoin(indices, ", "), ")");
  const std::string tensor =
      absl::StrCat("a tensor of shape ", shape.ToString());
  if (static_cast<int>(indices.size()) != shape.rank()) {
    Fatal(absl::StrCat(index, " has ", indices.size(),
                       indices.size() == 1 ? " number; " : " numbers; ", tensor,
                       " needs ", shape.rank()));
  }
  Fatal(absl::StrCat(index, " is out of range for ", tensor));
}

void FatalSlice(int64_t begin, int64_t end, const Shape& shape) {
  Fatal(absl::StrCat("slice [", begin, ", ", end,
                     ") is out of range for a tensor of shape ",
                     shape.ToString()));
}

void FatalReshape(const Shape& from, const Shape& to) {
  Fatal(absl::StrCat("a tensor of shape ", from.ToString(), " has ",
                     from.elements(), " elements; shape ", to.ToString(),
                     " needs ", to.elements()));
}

}  // namespace lenslet::internal
