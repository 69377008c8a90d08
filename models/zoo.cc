#include "models/zoo.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/nearest_name.h"
#include "models/lenet.h"
#include "models/lenet_relu.h"
#include "models/mlp.h"

namespace lenslet {
namespace {

struct ZooModel {
  const char* name;
  absl::string_view (*text)();
};

constexpr ZooModel kZoo[] = {
    {"lenet", LenetText},
    {"lenet_relu", LenetReluText},
    {"mlp", MlpText},
};

}  // namespace

std::vector<std::string> ZooModelNames() {
  std::vector<std::string> names;
  for (const ZooModel& model : kZoo) names.push_back(model.name);
  return names;
}

absl::StatusOr<absl::string_view> FindZooModel(absl::string_view name) {
  for (const ZooModel& model : kZoo) {
    if (name == model.name) return model.text();
  }
  const std::vector<std::string> names = ZooModelNames();
  return absl::NotFoundError(
      absl::StrCat("the zoo has no model \"", name, "\", only ",
                   absl::StrJoin(names, ", "), DidYouMean(name, names)));
}

}  // namespace lenslet
