#include "lenslet/train/recipe/recipe.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/file.h"
#include "lenslet/base/nearest_name.h"
#include "lenslet/base/proto_field.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/models/zoo.h"
#include "lenslet/train/recipe/recipes/recipe_texts.h"

namespace lenslet {
namespace {

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

// Of "NAME.FIELD", where names of layers may have dots.
absl::Status SetLayerField(absl::string_view path, absl::string_view value,
                           RecipeProto& recipe) {
  const size_t dot = path.rfind('.');
  if (dot == absl::string_view::npos || dot == 0 || dot + 1 == path.size()) {
    return absl::InvalidArgumentError(
        "expected layer.NAME.FIELD=VALUE, as in layer.conv1.kernel=3");
  }
  LayerChangeProto change;
  change.set_layer(std::string(path.substr(0, dot)));
  change.set_field(std::string(path.substr(dot + 1)));
  change.set_value(std::string(value));
  for (LayerChangeProto& before : *recipe.mutable_layer_change()) {
    if (before.layer() == change.layer() && before.field() == change.field()) {
      before = change;
      return absl::OkStatus();
    }
  }
  *recipe.add_layer_change() = change;
  return absl::OkStatus();
}

// "optimizer.momentum"
std::string FieldNameWithoutIndices(absl::Span<const FieldStep> path) {
  std::vector<FieldStep> fields(path.begin(), path.end());
  for (FieldStep& step : fields) step.index = -1;
  return FieldName(*RecipeProto::descriptor(), fields);
}

// Whether `a` is `b`, or a message that b is in.
bool Contains(absl::string_view a, absl::string_view b) {
  return absl::ConsumePrefix(&b, a) && (b.empty() || b[0] == '.');
}

// Whether the text, and not only a flag, sets the field.
bool IsInText(const RecipeText& text, absl::Span<const FieldStep> path) {
  const auto place = [&](absl::Span<const FieldStep> steps) {
    return FindPlace(text.recipe, text.locations, steps);
  };
  return place(path) != place(path.first(path.size() - 1));
}

// The last flag that set the field or one in it. If there is none: a flag that
// set another field of the same message, unless the text has that message. ""
// if there is none either.
std::string FlagOf(const RecipeText& text, absl::Span<const FieldStep> path) {
  std::string last;
  while (!path.empty()) {
    const std::string name = FieldNameWithoutIndices(path);
    for (const auto& [field, flag] : text.flags) {
      if (Contains(field, name) || Contains(name, field)) last = flag;
    }
    path.remove_suffix(1);
    if (!last.empty() || path.empty() || IsInText(text, path)) break;
  }
  return last;
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
      return ParseRecipe(recipe.text, absl::StrCat("train/recipe/recipes/",
                                                   recipe.name, ".textproto"));
    }
  }
  const std::string path = fs::path(folder) / name_or_path;
  if (!LooksLikeAPath(name_or_path, folder)) {
    const std::vector<std::string> names = RecipeNames();
    return absl::NotFoundError(absl::StrCat(
        "unknown recipe \"", name_or_path,
        "\" (no such file either); known recipes: ", absl::StrJoin(names, ", "),
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
  absl::string_view layer_and_field = name;
  const absl::Status status =
      absl::ConsumePrefix(&layer_and_field, "layer.")
          ? SetLayerField(layer_and_field, value, recipe)
          : SetProtoField(name, value, recipe);
  return status.ok() ? status : wrong(status.message());
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
      make_absolute(data.mutable_idx()->mutable_class_names_file());
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
    case DataProto::kCifar100:
      make_absolute(data.mutable_cifar100()->mutable_directory());
      break;
    case DataProto::kPacked:
      make_absolute(data.mutable_packed()->mutable_train_file());
      make_absolute(data.mutable_packed()->mutable_test_file());
      break;
    case DataProto::kImageTable:
      make_absolute(data.mutable_image_table()->mutable_train_file());
      make_absolute(data.mutable_image_table()->mutable_test_file());
      make_absolute(data.mutable_image_table()->mutable_directory());
      break;
    case DataProto::kImageMasks:
      make_absolute(data.mutable_image_masks()->mutable_train_images());
      make_absolute(data.mutable_image_masks()->mutable_train_masks());
      make_absolute(data.mutable_image_masks()->mutable_test_images());
      make_absolute(data.mutable_image_masks()->mutable_test_masks());
      break;
    case DataProto::kNpy:
      make_absolute(data.mutable_npy()->mutable_train_inputs());
      make_absolute(data.mutable_npy()->mutable_train_targets());
      make_absolute(data.mutable_npy()->mutable_test_inputs());
      make_absolute(data.mutable_npy()->mutable_test_targets());
      break;
    case DataProto::kFashionMnist:
    case DataProto::kSynthetic:
    case DataProto::kInMemory:
    case DataProto::SOURCE_NOT_SET:
      break;
  }
}

absl::StatusOr<RecipeProto> RecipeFromBytes(const std::string& bytes) {
  RecipeProto recipe;
  if (!recipe.ParseFromString(bytes)) {
    return absl::DataLossError("the checkpoint's recipe cannot be read");
  }
  return recipe;
}

absl::Status CheckRecipe(const RecipeText& text) {
  const std::vector<FieldProblem> problems = FindProblems(text.recipe);
  if (problems.empty()) return absl::OkStatus();
  const std::string flag = FlagOf(text, problems[0].path);
  const std::string place =
      flag.empty() ? PlaceOf(text.recipe, text.locations, problems[0].path)
                   : flag;
  return absl::InvalidArgumentError(
      place.empty() ? problems[0].message
                    : absl::StrCat(place, ": ", problems[0].message));
}

}  // namespace lenslet
