#include "lenslet/tools/checkpoint_data.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lenslet/base/at_place.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/examples_word.h"
#include "lenslet/data/fashion_mnist.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/load_data.h"
#include "lenslet/data/mnist.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/data/split.h"
#include "lenslet/models/model.pb.h"
#include "lenslet/predict/trained_inputs.h"
#include "lenslet/tensor/shape.h"
#include "lenslet/tools/outputs.h"
#include "lenslet/tools/program.h"
#include "lenslet/tools/progress_bar.h"
#include "lenslet/train/recipe/recipe.h"
#include "lenslet/train/runs/run_data.h"

namespace lenslet {
namespace {

absl::StatusOr<DataProto> ParseData(const std::string& text) {
  DataProto data;
  TextLocations locations;
  LENSLET_RETURN_IF_ERROR(ParseProtoText(text, "--data", data, locations));
  return data;
}

// What is known of the data that the model was trained on: of an ONNX model at
// most how image files are decoded.
DataProto TrainedData(const CheckpointProto& checkpoint) {
  DataProto data;
  if (checkpoint.has_image_files()) {
    *data.mutable_image_folders() = checkpoint.image_files();
  }
  if (checkpoint.recipe().empty()) return data;
  const absl::StatusOr<RecipeProto> recipe =
      RecipeFromBytes(checkpoint.recipe());
  return recipe.ok() ? recipe->data() : data;
}

struct NamedSplit {
  const char* name;
  Dataset* dataset;
};

// Takes the split out of `loaded`.
absl::StatusOr<CheckpointData> TakeSplit(LoadedData loaded,
                                         const std::string& split) {
  std::vector<std::string> others;
  for (const auto& [name, dataset] :
       {NamedSplit{"test", &loaded.test},
        NamedSplit{"validation", &loaded.validation},
        NamedSplit{"train", &loaded.train}}) {
    const int64_t size = dataset->size();
    if (name == split && size > 0) {
      return CheckpointData{
          .description = absl::StrCat(
              split, " ", ExamplesWord(dataset->example_shape()), " of ",
              split == "test" && !loaded.test_description.empty()
                  ? loaded.test_description
                  : loaded.description),
          .dataset = std::move(*dataset)};
    }
    if (size > 0) others.push_back(absl::StrCat("--split=", name, ": ", size));
  }
  return absl::NotFoundError(
      absl::StrCat("the data has no ", split, " ",
                   ExamplesWord(loaded.train.example_shape()), ": ",
                   loaded.description, " (", absl::StrJoin(others, ", "), ")"));
}

// Only the files of that split.
absl::StatusOr<CheckpointData> LoadSplit(
    const std::string& split, const std::string& description,
    absl::FunctionRef<absl::StatusOr<Dataset>(Split)> load) {
  if (split == "validation") {
    return absl::NotFoundError(absl::StrCat("the data has no validation images",
                                            description,
                                            ", only test and "
                                            "train images"));
  }
  CheckpointData data = {.description =
                             absl::StrCat(split, " images", description)};
  LENSLET_ASSIGN_OR_RETURN(
      data.dataset, load(split == "test" ? Split::kTest : Split::kTrain));
  return data;
}

// For a model, with a progress bar and warnings.
absl::StatusOr<LoadedData> LoadForModel(const CheckpointProto& checkpoint,
                                        const DataProto& data,
                                        LoadDataOptions options) {
  options.class_names.assign(checkpoint.class_name().begin(),
                             checkpoint.class_name().end());
  options.progress = ProgressOn(stderr, "reading images");
  LENSLET_ASSIGN_OR_RETURN(LoadedData loaded,
                           LoadData(data, AllDataSources(), options));
  for (const std::string& warning : loaded.warnings) PrintWarning(warning);
  return loaded;
}

// `hint` ends an error.
absl::StatusOr<LoadedData> LoadOfRecipe(const CheckpointProto& checkpoint,
                                        const RecipeProto& recipe,
                                        const std::string& argv0,
                                        absl::string_view hint) {
  absl::StatusOr<LoadedData> loaded = LoadForModel(
      checkpoint, recipe.data(), {.argv0 = argv0, .seed = recipe.seed()});
  if (loaded.ok()) return loaded;
  return absl::Status(loaded.status().code(),
                      absl::StrCat(loaded.status().message(), hint));
}

absl::StatusOr<LoadedData> LoadOfFlag(const CheckpointProto& checkpoint,
                                      const std::string& text, uint64_t seed,
                                      const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(DataProto data, ParseData(text));
  TakeDecoding(TrainedData(checkpoint), data);
  return LoadForModel(checkpoint, data,
                      {.folder = UserFolder(), .argv0 = argv0, .seed = seed});
}

absl::StatusOr<CheckpointData> Load(const CheckpointProto& checkpoint,
                                    const RecipeProto* recipe,
                                    const DataFlags& flags,
                                    const std::string& argv0) {
  if (!flags.data_dir.empty()) {
    const std::string folder = UserPath(flags.data_dir);
    return LoadSplit(flags.split, absl::StrCat(" from ", folder),
                     [&](Split split) { return LoadMnist(folder, split); });
  }
  if (!flags.data.empty()) {
    LENSLET_ASSIGN_OR_RETURN(
        LoadedData loaded,
        LoadOfFlag(checkpoint, flags.data,
                   recipe == nullptr ? 0 : recipe->seed(), argv0));
    return TakeSplit(std::move(loaded), flags.split);
  }
  if (recipe != nullptr) {
    LENSLET_ASSIGN_OR_RETURN(
        LoadedData loaded,
        LoadOfRecipe(checkpoint, *recipe, argv0,
                     "; the model was trained on this data; --data selects "
                     "other data"));
    return TakeSplit(std::move(loaded), flags.split);
  }
  LENSLET_ASSIGN_OR_RETURN(
      CheckpointData data,
      LoadSplit(flags.split, " of Fashion-MNIST",
                [&](Split split) { return LoadFashionMnist(argv0, split); }));
  data.hint =
      "; the model has no recipe, so the data is Fashion-MNIST; --data selects "
      "other data";
  return data;
}

absl::Status CheckImageShape(const ModelProto& model,
                             const CheckpointData& data) {
  if (model.input_size() != 1) return absl::OkStatus();
  const auto& dims = model.input(0).shape();
  const Shape images = data.dataset.example_shape();
  if (std::equal(dims.begin(), dims.end(), images.dims().begin(),
                 images.dims().end())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the ", data.description, " have shape ", images.ToString(),
                   "; expected [", absl::StrJoin(dims, ", "),
                   "], that of the model's input", data.hint));
}

}  // namespace

void AddDataFlag(CommandLine& line, const std::string& otherwise,
                 std::string& data) {
  line.AddFlag("data",
               absl::StrCat("Data in a recipe's syntax, for example 'csv { "
                            "train_file: \"a.csv\" }'. Image files are fitted "
                            "as the model's were, unless this has a fit, a "
                            "background or a crop_margin. Default: ",
                            otherwise, "."),
               data);
}

void AddDataFlags(CommandLine& line, DataFlags& flags) {
  AddDataFlag(line,
              "the data of the model's recipe, or Fashion-MNIST if the model "
              "has no recipe",
              flags.data);
  line.AddFlag("data_dir",
               "Folder with the four files of a data set in MNIST's format, "
               "plain or .gz. Cannot be combined with --data.",
               flags.data_dir);
  line.AddFlag("split",
               "Examples to use: test, validation or train. The train examples "
               "do not include the validation examples.",
               flags.split);
}

std::string GivenDataFlag(const CommandLine& line) {
  for (const char* name : {"data", "data_dir", "split"}) {
    if (line.Given(name)) return absl::StrCat("--", name);
  }
  return "";
}

DataProto DataOf(const CheckpointProto& checkpoint, const DataFlags& flags) {
  if (!flags.data.empty()) {
    const absl::StatusOr<DataProto> data = ParseData(flags.data);
    if (!data.ok()) return {};
    RecipeProto recipe;
    *recipe.mutable_data() = *data;
    MakePathsAbsolute(UserFolder(), recipe);
    return recipe.data();
  }
  const absl::StatusOr<RecipeProto> recipe =
      RecipeFromBytes(checkpoint.recipe());
  return recipe.ok() ? recipe->data() : DataProto();
}

std::vector<std::string> DataInputs(const CheckpointProto& checkpoint,
                                    const DataFlags& flags) {
  return InputsOf(DataOf(checkpoint, flags));
}

absl::Status CheckDataFlags(const DataFlags& flags) {
  if (flags.split != "test" && flags.split != "validation" &&
      flags.split != "train") {
    return absl::InvalidArgumentError(
        absl::StrCat("--split is \"", flags.split,
                     "\"; expected test, validation or train"));
  }
  if (!flags.data.empty() && !flags.data_dir.empty()) {
    return absl::InvalidArgumentError(
        "--data and --data_dir cannot be combined");
  }
  if (flags.data.empty()) return absl::OkStatus();
  LENSLET_ASSIGN_OR_RETURN(const DataProto data, ParseData(flags.data));
  return AtPlace(CheckData(data, AllDataSources()), "--data");
}

absl::StatusOr<CheckpointData> LoadCheckpointData(
    const CheckpointProto& checkpoint, const DataFlags& flags,
    const std::string& argv0) {
  LENSLET_RETURN_IF_ERROR(CheckDataFlags(flags));
  LENSLET_ASSIGN_OR_RETURN(const RecipeProto recipe,
                           RecipeFromBytes(checkpoint.recipe()));
  LENSLET_ASSIGN_OR_RETURN(
      CheckpointData data,
      Load(checkpoint, checkpoint.recipe().empty() ? nullptr : &recipe, flags,
           argv0));
  LENSLET_RETURN_IF_ERROR(CheckImageShape(checkpoint.model(), data));
  if (const absl::Status status = CheckTrainedInputs(
          TrainedInputsFromCheckpoint(checkpoint), data.dataset);
      !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the data, ", data.description, ", ", status.message(), data.hint));
  }
  data.dataset.normalization =
      NormalizationFromProto(checkpoint.normalization());
  return data;
}

bool IsTrainedOnImages(const CheckpointProto& checkpoint) {
  return DecodeOptionsOf(TrainedData(checkpoint)).has_value();
}

DecodeOptions DecodeOptionsFor(const CheckpointProto& checkpoint) {
  DecodeOptions options =
      DecodeOptionsOf(TrainedData(checkpoint)).value_or(DecodeOptions{});
  options.keep_long_samples = true;
  return options;
}

void KeepDecoding(CheckpointProto& checkpoint) {
  const DataProto trained = TrainedData(checkpoint);
  if (!DecodeOptionsOf(trained).has_value()) return;
  DataProto data;
  data.mutable_image_folders();
  TakeDecoding(trained, data);
  *checkpoint.mutable_image_files() = data.image_folders();
}

absl::StatusOr<LoadedData> LoadDataOfRun(const CheckpointProto& checkpoint,
                                         const std::string& data,
                                         const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const RecipeProto recipe,
                           RecipeFromBytes(checkpoint.recipe()));
  const absl::string_view hint =
      recipe.data().has_in_memory()
          ? "; --data says where the same examples are; or the program itself "
            "writes the report: WriteReport() in lenslet/report.h"
          : "; --data says where the same examples are";
  LENSLET_ASSIGN_OR_RETURN(
      LoadedData loaded,
      !data.empty() ? LoadOfFlag(checkpoint, data, recipe.seed(), argv0)
                    : LoadOfRecipe(checkpoint, recipe, argv0, hint));
  if (!recipe.allow_changed_data()) {
    LENSLET_ASSIGN_OR_RETURN(const DataDigestProto digests, DigestsOf(loaded));
    LENSLET_RETURN_IF_ERROR(CheckSameExamples(checkpoint, loaded, digests));
  }
  const Normalization normalization =
      NormalizationFromProto(checkpoint.normalization());
  for (Dataset* dataset : {&loaded.train, &loaded.validation, &loaded.test}) {
    dataset->normalization = normalization;
  }
  return loaded;
}

}  // namespace lenslet
