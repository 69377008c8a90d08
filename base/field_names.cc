#include "lenslet/base/field_names.h"

#include <algorithm>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
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
    return IsSameName(one, name);
  });
}

bool IsCalled(const FieldDescriptor& field, absl::string_view name) {
  if (IsSameName(field.name(), name)) return true;
  for (int i = 0; i < field.options().ExtensionSize(also_called); ++i) {
    if (IsSameName(field.options().GetExtension(also_called, i), name)) {
      return true;
    }
  }
  return false;
}

// Calls `found` with the fields on the way to each field that is in a message
// in `type`, or in a message in that, and not in `type` itself.
void ForEachInside(
    const Descriptor& type, std::vector<const FieldDescriptor*> way,
    absl::FunctionRef<void(const std::vector<const FieldDescriptor*>&)> found) {
  constexpr size_t kDeepest = 3;
  for (int i = 0; i < type.field_count(); ++i) {
    way.push_back(type.field(i));
    if (way.size() > 1) found(way);
    if (way.size() < kDeepest && type.field(i)->message_type() != nullptr) {
      ForEachInside(*type.field(i)->message_type(), way, found);
    }
    way.pop_back();
  }
}

// "; write it in its block: optimizer { momentum: ... }" if fields that
// `is_wanted` are inside of `type`: the one that is least deep.
std::string SuggestBlock(
    const Descriptor& type,
    absl::FunctionRef<bool(const FieldDescriptor&)> is_wanted) {
  std::vector<const FieldDescriptor*> best;
  bool is_only = true;
  ForEachInside(type, {}, [&](const std::vector<const FieldDescriptor*>& way) {
    if (!is_wanted(*way.back())) return;
    is_only = best.empty();
    if (best.empty() || way.size() < best.size()) best = way;
  });
  if (best.empty()) return "";
  std::string example = absl::StrCat(
      best.back()->name(),
      best.back()->message_type() == nullptr ? ": ..." : " { ... }");
  for (size_t i = best.size() - 1; i > 0; --i) {
    example = absl::StrCat(best[i - 1]->name(), " { ", example, " }");
  }
  return absl::StrCat("; write it in its block", is_only ? ": " : ", such as ",
                      example);
}

std::string ListFields(const Descriptor& type) {
  constexpr int kMostListed = 16;
  if (type.field_count() > kMostListed) {
    absl::string_view file = type.file()->name();
    absl::ConsumePrefix(&file, "lenslet/");
    return absl::StrCat("; ", file, " lists all ", type.field_count());
  }
  std::vector<std::string> known;
  for (int i = 0; i < type.field_count(); ++i) {
    known.push_back(type.field(i)->name());
  }
  return absl::StrCat("; expected one of: ", absl::StrJoin(known, ", "));
}

}  // namespace

const FieldDescriptor* FieldCalled(absl::string_view name,
                                   const Descriptor& type) {
  if (name.size() > kLongestName) return nullptr;
  for (int i = 0; i < type.field_count(); ++i) {
    if (IsCalled(*type.field(i), name)) return type.field(i);
  }
  return nullptr;
}

std::string SuggestKnownField(absl::string_view name, const Descriptor& type) {
  if (name.size() > kLongestName) return "";
  for (int i = 0; i < type.options().ExtensionSize(hint); ++i) {
    const NameHint& about = type.options().GetExtension(hint, i);
    if (Has(about.name(), name)) return absl::StrCat("; ", about.text());
  }
  const FieldDescriptor* field = FieldCalled(name, type);
  if (field == nullptr) return "";
  return absl::StrCat("; did you mean \"", field->name(), "\"?");
}

std::string SuggestField(absl::string_view name, const Descriptor& type) {
  if (type.field_count() == 0) return "; it has no fields";
  if (name.size() > kLongestName) return ListFields(type);
  if (std::string known = SuggestKnownField(name, type); !known.empty()) {
    return known;
  }
  if (std::string block = SuggestBlock(
          type,
          [&](const FieldDescriptor& field) { return field.name() == name; });
      !block.empty()) {
    return block;
  }
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) {
    names.push_back(type.field(i)->name());
  }
  if (std::string near = DidYouMean(name, names); !near.empty()) return near;
  if (std::string block = SuggestBlock(
          type,
          [&](const FieldDescriptor& field) { return IsCalled(field, name); });
      !block.empty()) {
    return block;
  }
  return ListFields(type);
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

bool IsSameName(absl::string_view a, absl::string_view b) {
  return Plain(a) == Plain(b);
}

}  // namespace lenslet
