#include "train/recipe.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "models/zoo.h"
#include "train/recipes/recipe_texts.h"

namespace lenslet {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace fs = std::filesystem;

// As a mistyped name does not.
bool LooksLikeAPath(const std::string& text, const std::string& folder) {
  std::error_code error;
  return text.find_first_of("/.") != std::string::npos ||
         fs::exists(fs::path(folder) / text, error);
}

std::string Absolute(const std::string& folder, const std::string& path) {
  if (fs::path(path).is_absolute()) return path;
  std::error_code error;
  const fs::path absolute = fs::absolute(fs::path(folder) / path, error);
  return error ? path : absolute.lexically_normal().string();
}

// A field's value as its text format has it. Strings may go without quotation
// marks.
std::string QuotedIfString(const FieldDescriptor& field,
                           absl::string_view value) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING ||
      absl::StartsWith(value, "\"") || absl::StartsWith(value, "'")) {
    return std::string(value);
  }
  return absl::StrCat("\"", absl::CEscape(value), "\"");
}

// "data.idx.directory" without its first name, or what that is not.
struct FieldPath {
  std::vector<const FieldDescriptor*> fields;
};

absl::StatusOr<FieldPath> FindField(absl::string_view path) {
  FieldPath result;
  const Descriptor* type = RecipeProto::descriptor();
  for (const absl::string_view name : absl::StrSplit(path, '.')) {
    if (type == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(result.fields.back()->name(), " has no fields"));
    }
    if (!result.fields.empty() && result.fields.back()->is_repeated()) {
      return absl::InvalidArgumentError(
          absl::StrCat(result.fields.back()->name(),
                       " is a list, which can only be set as a whole"));
    }
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (field == nullptr) {
      std::vector<std::string> known;
      for (int i = 0; i < type->field_count(); ++i) {
        known.push_back(type->field(i)->name());
      }
      const std::string did_you_mean = DidYouMean(name, known);
      return absl::InvalidArgumentError(absl::StrCat(
          "there is no field \"", name, "\" in ", type->name(),
          !did_you_mean.empty()
              ? did_you_mean
              : absl::StrCat(", only ", absl::StrJoin(known, ", "))));
    }
    result.fields.push_back(field);
    type = field->message_type();
  }
  return result;
}

// The message that the last field of the path is in.
Message* ParentOf(const FieldPath& path, Message* message) {
  for (size_t i = 0; i + 1 < path.fields.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, path.fields[i]);
  }
  return message;
}

}  // namespace

std::vector<std::string> RecipeNames() {
  std::vector<std::string> names;
  for (const NamedText& recipe : RecipeTexts()) names.push_back(recipe.name);
  return names;
}

absl::StatusOr<RecipeText> ParseRecipe(absl::string_view text,
                                       absl::string_view file_name) {
  RecipeText result;
  LENSLET_RETURN_IF_ERROR(
      ParseProtoText(text, file_name, result.recipe, result.locations));
  return result;
}

absl::StatusOr<RecipeText> LoadRecipe(const std::string& name_or_path,
                                      const std::string& folder) {
  for (const NamedText& recipe : RecipeTexts()) {
    if (name_or_path == recipe.name) {
      return ParseRecipe(recipe.text, absl::StrCat("train/recipes/",
                                                   recipe.name, ".textproto"));
    }
  }
  const std::string path = fs::path(folder) / name_or_path;
  if (!LooksLikeAPath(name_or_path, folder)) {
    const std::vector<std::string> names = RecipeNames();
    return absl::NotFoundError(
        absl::StrCat("\"", name_or_path, "\" is none of the recipes ",
                     absl::StrJoin(names, ", "),
                     ", and no file; the path of a .textproto file works too",
                     DidYouMean(name_or_path, names)));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::string text,
                           ReadFile(path, kMaxProtoTextBytes));
  LENSLET_ASSIGN_OR_RETURN(RecipeText result, ParseRecipe(text, path));
  MakePathsAbsolute(fs::path(path).parent_path().string(), result.recipe);
  return result;
}

absl::Status SetField(absl::string_view assignment, RecipeProto& recipe) {
  const auto wrong = [&](absl::string_view reason) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", assignment, "\": ", reason));
  };
  const size_t equals = assignment.find('=');
  if (equals == absl::string_view::npos) {
    return wrong("expected FIELD=VALUE, as in batch_size=128");
  }
  const absl::string_view name =
      absl::StripAsciiWhitespace(assignment.substr(0, equals));
  const absl::string_view value =
      absl::StripAsciiWhitespace(assignment.substr(equals + 1));
  const absl::StatusOr<FieldPath> path = FindField(name);
  if (!path.ok()) return wrong(path.status().message());
  const FieldDescriptor& field = *path->fields.back();

  std::vector<absl::string_view> values = {value};
  if (field.is_repeated() &&
      field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    values = absl::StrSplit(value, ',', absl::SkipEmpty());
  }
  // The text of the field alone, in a message of its parent's type, so that
  // what is not named stays.
  std::string text;
  for (const absl::string_view one : values) {
    absl::StrAppend(
        &text, field.name(),
        field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? " " : ": ",
        QuotedIfString(field, absl::StripAsciiWhitespace(one)), "\n");
  }
  RecipeProto changed = recipe;
  Message* parent = ParentOf(*path, &changed);
  const std::unique_ptr<Message> parsed(parent->New());
  TextLocations ignored;
  if (const absl::Status status = ParseProtoText(text, "", *parsed, ignored);
      !status.ok()) {
    // Without the place, which nobody sees: ":LINE:COLUMN: reason".
    const absl::string_view message(status.message().data(),
                                    status.message().size());
    return wrong(message.substr(message.find(": ") + 2));
  }
  std::vector<const FieldDescriptor*> fields;
  parsed->GetReflection()->ListFields(*parsed, &fields);
  for (const FieldDescriptor* other : fields) {
    if (other != &field) {
      return wrong(absl::StrCat("that sets \"", other->name(),
                                "\" too; one field at a time"));
    }
  }
  parent->GetReflection()->ClearField(parent, &field);
  parent->MergeFrom(*parsed);
  recipe = std::move(changed);
  return absl::OkStatus();
}

void MakePathsAbsolute(const std::string& folder, RecipeProto& recipe) {
  const auto make_absolute = [&](std::string* path) {
    if (!path->empty()) *path = Absolute(folder, *path);
  };
  if (!FindZooModel(recipe.model()).ok() &&
      LooksLikeAPath(recipe.model(), folder)) {
    make_absolute(recipe.mutable_model());
  }
  make_absolute(recipe.mutable_start_from());
  if (!recipe.has_data()) return;
  DataProto& data = *recipe.mutable_data();
  switch (data.source_case()) {
    case DataProto::kIdx:
      make_absolute(data.mutable_idx()->mutable_directory());
      break;
    case DataProto::kImageFolders:
      make_absolute(data.mutable_image_folders()->mutable_train_directory());
      make_absolute(data.mutable_image_folders()->mutable_test_directory());
      break;
    case DataProto::kCsv:
      make_absolute(data.mutable_csv()->mutable_train_file());
      make_absolute(data.mutable_csv()->mutable_test_file());
      break;
    case DataProto::kCifar10:
      make_absolute(data.mutable_cifar10()->mutable_directory());
      break;
    case DataProto::kFashionMnist:
    case DataProto::kSynthetic:
    case DataProto::SOURCE_NOT_SET:
      break;
  }
}

absl::Status CheckRecipe(const RecipeText& text) {
  const std::vector<RecipeProblem> problems = FindProblems(text.recipe);
  if (problems.empty()) return absl::OkStatus();
  const std::string place =
      PlaceOf(text.recipe, text.locations, problems[0].path);
  return absl::InvalidArgumentError(
      place.empty() ? problems[0].message
                    : absl::StrCat(place, ": ", problems[0].message));
}

}  // namespace lenslet
