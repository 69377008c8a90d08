#include "lenslet/models/zoo.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/models/clips.h"
#include "lenslet/models/inception.h"
#include "lenslet/models/lenet.h"
#include "lenslet/models/lenet_1998.h"
#include "lenslet/models/lenet_3x3.h"
#include "lenslet/models/lenet_deep.h"
#include "lenslet/models/lenet_relu.h"
#include "lenslet/models/lenet_wide.h"
#include "lenslet/models/mlp.h"
#include "lenslet/models/modern.h"
#include "lenslet/models/nin.h"
#include "lenslet/models/residual.h"
#include "lenslet/models/spectrogram.h"
#include "lenslet/models/text.h"

namespace lenslet {
namespace {

struct ZooModel {
  const char* name;
  absl::string_view (*text)();
};

constexpr ZooModel kZoo[] = {
    {"clips", ClipsText},
    {"inception", InceptionText},
    {"lenet", LenetText},
    {"lenet_1998", Lenet1998Text},
    {"lenet_3x3", Lenet3x3Text},
    {"lenet_deep", LenetDeepText},
    {"lenet_relu", LenetReluText},
    {"lenet_wide", LenetWideText},
    {"mlp", MlpText},
    {"modern", ModernText},
    {"nin", NinText},
    {"residual", ResidualText},
    {"spectrogram", SpectrogramText},
    {"text", TextText},
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
