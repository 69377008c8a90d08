#include "lenslet/models/zoo.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/named_text.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/models/zoo_texts.h"

namespace lenslet {

std::vector<std::string> ZooModelNames() {
  std::vector<std::string> names;
  for (const NamedText& model : ZooTexts()) names.push_back(model.name);
  return names;
}

absl::StatusOr<absl::string_view> FindZooModel(absl::string_view name) {
  for (const NamedText& model : ZooTexts()) {
    if (name == model.name) return model.text;
  }
  const std::vector<std::string> names = ZooModelNames();
  return absl::NotFoundError(
      absl::StrCat("the zoo has no model \"", name, "\"; expected one of: ",
                   absl::StrJoin(names, ", "), DidYouMean(name, names)));
}

std::string SuggestZooModel(absl::string_view name) {
  // Whose letters are nearer to those of lenet.
  if (absl::StartsWithIgnoreCase(name, "resnet")) {
    return DidYouMean("residual", {"residual"});
  }
  return DidYouMean(name, ZooModelNames());
}

}  // namespace lenslet
