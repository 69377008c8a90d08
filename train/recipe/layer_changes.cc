#include "lenslet/train/recipe/layer_changes.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/proto_field.h"

namespace lenslet {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

constexpr char kKindField[] = "kind";

// The message of what the layer computes, which it has.
Message* KindOf(LayerProto& layer) {
  return layer.GetReflection()->MutableMessage(
      &layer, layer.GetDescriptor()->FindFieldByNumber(layer.kind_case()));
}

// Copies the fields that are set and that `to` has with the same number, name
// and type.
void CopyCommonFields(const Message& from, Message& to) {
  std::vector<const FieldDescriptor*> fields;
  from.GetReflection()->ListFields(from, &fields);
  const std::unique_ptr<Message> common(from.New());
  common->CopyFrom(from);
  for (const FieldDescriptor* field : fields) {
    const FieldDescriptor* other =
        to.GetDescriptor()->FindFieldByNumber(field->number());
    if (other == nullptr || other->name() != field->name() ||
        other->type() != field->type() ||
        other->is_repeated() != field->is_repeated()) {
      common->GetReflection()->ClearField(common.get(), field);
    }
  }
  // What has the same numbers and types has the same bytes.
  to.ParseFromString(common->SerializeAsString());
}

absl::Status SetKind(absl::string_view name, LayerProto& layer) {
  const OneofDescriptor* kinds = layer.GetDescriptor()->FindOneofByName("kind");
  const FieldDescriptor* found = nullptr;
  std::vector<std::string> known;
  for (int i = 0; i < kinds->field_count(); ++i) {
    known.push_back(kinds->field(i)->name());
    if (known.back() == name) found = kinds->field(i);
  }
  if (found == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there is no layer kind \"", name, "\"", DidYouMean(name, known)));
  }
  const LayerProto before = layer;
  layer.clear_kind();
  Message* kind = layer.GetReflection()->MutableMessage(&layer, found);
  if (before.kind_case() != LayerProto::KIND_NOT_SET) {
    const FieldDescriptor* old =
        before.GetDescriptor()->FindFieldByNumber(before.kind_case());
    CopyCommonFields(before.GetReflection()->GetMessage(before, old), *kind);
  }
  return absl::OkStatus();
}

absl::Status Change(const LayerChangeProto& change, LayerProto& layer) {
  if (change.field() == kKindField) return SetKind(change.value(), layer);
  if (layer.kind_case() == LayerProto::KIND_NOT_SET) {
    return absl::InvalidArgumentError(
        "it has no kind, so it has no fields to change");
  }
  const absl::string_view kind =
      layer.GetDescriptor()->FindFieldByNumber(layer.kind_case())->name();
  return SetProtoField(change.field(), change.value(), *KindOf(layer), kind);
}

bool IsFor(const LayerChangeProto& change, absl::string_view layer) {
  absl::string_view pattern = change.layer();
  return absl::ConsumeSuffix(&pattern, "*") ? absl::StartsWith(layer, pattern)
                                            : layer == pattern;
}

}  // namespace

absl::Status ChangeLayers(const RecipeProto& recipe, ModelProto& model) {
  for (int i = 0; i < recipe.layer_change_size(); ++i) {
    const LayerChangeProto& change = recipe.layer_change(i);
    const std::string entry =
        absl::StrCat("layer_change[", i, "] (layer.", change.layer(), ".",
                     change.field(), "=", change.value(), "): ");
    bool found = false;
    std::vector<std::string> names;
    for (LayerProto& layer : *model.mutable_layer()) {
      names.push_back(layer.name());
      if (!IsFor(change, layer.name())) continue;
      found = true;
      const absl::Status status = Change(change, layer);
      if (!status.ok()) {
        return absl::InvalidArgumentError(absl::StrCat(
            entry, "layer \"", layer.name(), "\": ", status.message()));
      }
    }
    if (!found) {
      return absl::InvalidArgumentError(
          absl::StrCat(entry, "the model has no layer \"", change.layer(), "\"",
                       DidYouMeanOneOf(change.layer(), names)));
    }
  }
  return absl::OkStatus();
}

}  // namespace lenslet
