#include "lenslet/ops/backend.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/nearest_name.h"

namespace lenslet {

absl::string_view Name(Backend backend) {
  switch (backend) {
    case Backend::kReference:
      return "reference";
    case Backend::kXnnpack:
      return "xnnpack";
    case Backend::kLanes:
      return "lanes";
    case Backend::kDirect:
      return "direct";
  }
  return "unknown";
}

absl::Status NoFusion(Backend backend) {
  return absl::UnimplementedError(absl::StrCat("kernels of ", Name(backend),
                                               " do not compute that as well"));
}

absl::StatusOr<Backend> BackendByName(absl::string_view name) {
  std::vector<std::string> names;
  for (Backend backend : kBackends) {
    if (Name(backend) == name) return backend;
    names.emplace_back(Name(backend));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown backend \"", name, "\"; expected one of: ",
                   absl::StrJoin(names, ", "), DidYouMean(name, names)));
}

}  // namespace lenslet
