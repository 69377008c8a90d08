#include "lenslet/base/field_names.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "lenslet/base/field_name.pb.h"
#include "lenslet/base/nearest_name.h"

namespace lenslet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Longer names are no typing mistakes.
constexpr size_t kLongestName = 100;

std::string Plain(absl::string_view name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", ""}});
}

// Whether one of the names is `name`. `Names` holds strings.
template <typename Names>
bool Has(const Names& names, absl::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& one) {
    return Plain(one) == Plain(name);
  });
}

std::vector<std::string> AlsoCalled(const FieldDescriptor& field) {
  std::vector<std::string> names;
  for (int i = 0; i < field.options().ExtensionSize(also_called); ++i) {
    names.push_back(field.options().GetExtension(also_called, i));
  }
  return names;
}

}  // namespace

std::string SuggestField(absl::string_view name, const Descriptor& type) {
  std::vector<std::string> known;
  for (int i = 0; i < type.field_count(); ++i) {
    known.push_back(type.field(i)->name());
  }
  if (known.empty()) return ", which has no fields";
  if (name.size() <= kLongestName) {
    for (int i = 0; i < type.options().ExtensionSize(hint); ++i) {
      const NameHint& about = type.options().GetExtension(hint, i);
      if (Has(about.name(), name)) return absl::StrCat("; ", about.text());
    }
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (Has(AlsoCalled(field), name)) {
        return absl::StrCat("; did you mean \"", field.name(), "\"?");
      }
    }
    const std::string did_you_mean = DidYouMean(name, known);
    if (!did_you_mean.empty()) return did_you_mean;
  }
  return absl::StrCat("; expected one of: ", absl::StrJoin(known, ", "));
}

std::string HintAboutValue(absl::string_view text,
                           const FieldDescriptor& field) {
  const std::string plain = absl::StrReplaceAll(text, {{"\"", ""}, {"'", ""}});
  for (int i = 0; i < field.options().ExtensionSize(value_hint); ++i) {
    const NameHint& about = field.options().GetExtension(value_hint, i);
    if (Has(about.name(), plain)) return about.text();
  }
  return "";
}

}  // namespace lenslet
