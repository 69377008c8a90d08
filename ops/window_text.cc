#include "lenslet/ops/window_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/ops/axes.h"

namespace lenslet {
namespace {

bool IsFilledWith(const Axes& axes, int64_t value) {
  return std::all_of(axes.begin(), axes.end(),
                     [value](int64_t number) { return number == value; });
}

// "2" for {2, 2}, "1 x 2", "0" for none.
std::string ShortText(const Axes& axes) {
  if (axes.empty()) return "0";
  return IsFilledWith(axes, axes[0]) ? absl::StrCat(axes[0])
                                     : absl::StrJoin(axes, " x ");
}

}  // namespace

std::string PaddingText(const Padding& padding) {
  const std::string before = ShortText(padding.before);
  const std::string after = ShortText(padding.after);
  if (before != after) {
    return absl::StrCat("padding ", before, " before, ", after, " after");
  }
  return before == "0" ? "" : absl::StrCat("padding ", before);
}

std::string WindowText(const Window& window) {
  std::vector<std::string> parts = {absl::StrJoin(window.kernel, " x ")};
  if (!IsFilledWith(window.stride, 1)) {
    parts.push_back(absl::StrCat("stride ", ShortText(window.stride)));
  }
  if (!IsFilledWith(window.dilation, 1)) {
    parts.push_back(absl::StrCat("dilation ", ShortText(window.dilation)));
  }
  if (std::string padding = PaddingText(window.padding); !padding.empty()) {
    parts.push_back(std::move(padding));
  }
  return absl::StrJoin(parts, ", ");
}

}  // namespace lenslet
