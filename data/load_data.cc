#include "lenslet/data/load_data.h"

#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/cifar10.h"
#include "lenslet/data/compute_normalization.h"
#include "lenslet/data/csv.h"
#include "lenslet/data/fashion_mnist.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/mnist.h"
#include "lenslet/data/normalization.h"
#include "lenslet/data/normalization_proto.h"
#include "lenslet/data/split.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

absl::Status Needed(absl::string_view field) {
  return absl::InvalidArgumentError(absl::StrCat("data.", field, " is needed"));
}

template <typename T>
absl::Status OutOfRange(absl::string_view field, T value,
                        absl::string_view range) {
  return absl::InvalidArgumentError(
      absl::StrCat("data.", field, " is ", value, ", which is not in ", range));
}

// `status` says what is wrong with a part of the message at `field`.
absl::Status InField(absl::string_view field, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat("data.", field, status.message()));
}

absl::StatusOr<Shape> ReadShape(absl::string_view field,
                                const std::vector<int64_t>& sizes) {
  absl::StatusOr<Shape> shape = Shape::Create(sizes);
  if (!shape.ok()) return InField(absl::StrCat(field, ": "), shape.status());
  if (shape->rank() == Shape::kMaxRank) {
    return absl::InvalidArgumentError(
        absl::StrCat("data.", field, " is ", shape->ToString(), ", at most ",
                     Shape::kMaxRank - 1, " dimensions are possible"));
  }
  if (shape->elements() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "data.", field, " is ", shape->ToString(), ": it has no elements"));
  }
  return shape;
}

// What each source needs. Defaults are those of data.proto.

absl::StatusOr<CsvOptions> ReadCsvOptions(const CsvProto& csv) {
  if (csv.train_file().empty()) return Needed("csv.train_file");
  CsvOptions options = {.has_header = csv.has_header(),
                        .label_column = csv.label_column()};
  if (csv.shape_size() > 0) {
    LENSLET_ASSIGN_OR_RETURN(
        options.image_shape,
        ReadShape("csv.shape", {csv.shape().begin(), csv.shape().end()}));
  }
  const int64_t pixels = options.image_shape.elements();
  if (csv.label_column() < 0 || csv.label_column() > pixels) {
    return OutOfRange("csv.label_column", csv.label_column(),
                      absl::StrCat("[0, ", pixels, "], for images of shape ",
                                   options.image_shape.ToString()));
  }
  return options;
}

absl::StatusOr<Shape> ReadFolderShape(const ImageFoldersProto& folders) {
  if (folders.train_directory().empty()) {
    return Needed("image_folders.train_directory");
  }
  if (folders.shape_size() == 0) return Needed("image_folders.shape");
  LENSLET_ASSIGN_OR_RETURN(
      const Shape shape,
      ReadShape("image_folders.shape",
                {folders.shape().begin(), folders.shape().end()}));
  LENSLET_RETURN_IF_ERROR(
      InField("image_folders.", CheckImageFolderShape(shape)));
  return shape;
}

struct Synthetic {
  Shape shape;
  int64_t classes;
  int64_t train_examples;
  int64_t test_examples;
  double noise;
};

absl::StatusOr<Synthetic> ReadSynthetic(const SyntheticProto& proto) {
  constexpr int64_t kMostExamples = int64_t{1} << 40;
  if (proto.shape_size() == 0) return Needed("synthetic.shape");
  Synthetic synthetic;
  LENSLET_ASSIGN_OR_RETURN(
      synthetic.shape, ReadShape("synthetic.shape",
                                 {proto.shape().begin(), proto.shape().end()}));
  synthetic.classes = proto.classes() == 0 ? 10 : proto.classes();
  if (synthetic.classes < 2 || synthetic.classes > 256) {
    return OutOfRange("synthetic.classes", synthetic.classes, "[2, 256]");
  }
  synthetic.train_examples =
      proto.train_examples() == 0 ? 1000 : proto.train_examples();
  synthetic.test_examples =
      proto.test_examples() == 0 ? 200 : proto.test_examples();
  const std::string range = absl::StrCat("[1, ", kMostExamples, "]");
  if (synthetic.train_examples < 1 ||
      synthetic.train_examples > kMostExamples) {
    return OutOfRange("synthetic.train_examples", synthetic.train_examples,
                      range);
  }
  if (synthetic.test_examples < 1 || synthetic.test_examples > kMostExamples) {
    return OutOfRange("synthetic.test_examples", synthetic.test_examples,
                      range);
  }
  synthetic.noise = proto.has_noise() ? proto.noise() : 0.5;
  if (!(synthetic.noise >= 0 && synthetic.noise <= 1)) {
    return OutOfRange("synthetic.noise", synthetic.noise, "[0, 1]");
  }
  return synthetic;
}

absl::Status CheckSource(const DataProto& data) {
  switch (data.source_case()) {
    case DataProto::kIdx:
      return data.idx().directory().empty() ? Needed("idx.directory")
                                            : absl::OkStatus();
    case DataProto::kCifar10:
      return data.cifar10().directory().empty() ? Needed("cifar10.directory")
                                                : absl::OkStatus();
    case DataProto::kImageFolders:
      return ReadFolderShape(data.image_folders()).status();
    case DataProto::kCsv:
      return ReadCsvOptions(data.csv()).status();
    case DataProto::kSynthetic:
      return ReadSynthetic(data.synthetic()).status();
    case DataProto::kFashionMnist:
    case DataProto::SOURCE_NOT_SET:
      return absl::OkStatus();
  }
  return absl::InvalidArgumentError("data has an unknown source");
}

// Loads train and test examples from what has passed CheckSource().
class SourceReader {
 public:
  SourceReader(const LoadDataOptions& options, LoadedData& loaded)
      : options_(options), loaded_(loaded) {}

  absl::Status Read(const DataProto& data) {
    switch (data.source_case()) {
      case DataProto::kIdx:
        return ReadIdx(data.idx());
      case DataProto::kCifar10:
        return ReadCifar10(data.cifar10());
      case DataProto::kImageFolders:
        return ReadFolders(data.image_folders());
      case DataProto::kCsv:
        return ReadCsv(data.csv());
      case DataProto::kSynthetic:
        return ReadSyntheticExamples(data.synthetic());
      default:
        return ReadFashionMnist();
    }
  }

 private:
  std::string PathOf(const std::string& path) const {
    if (options_.folder.empty() || absl::StartsWith(path, "/")) return path;
    return absl::StrCat(options_.folder, "/", path);
  }

  absl::Status ReadFashionMnist() {
    loaded_.description = "Fashion-MNIST";
    LENSLET_ASSIGN_OR_RETURN(const std::string directory,
                             FindFashionMnist(options_.argv0));
    return ReadMnist(directory);
  }

  absl::Status ReadIdx(const IdxProto& idx) {
    loaded_.description = absl::StrCat("IDX files in ", idx.directory());
    return ReadMnist(PathOf(idx.directory()));
  }

  absl::Status ReadMnist(const std::string& directory) {
    LENSLET_ASSIGN_OR_RETURN(loaded_.train,
                             LoadMnist(directory, Split::kTrain));
    LENSLET_ASSIGN_OR_RETURN(loaded_.test, LoadMnist(directory, Split::kTest));
    return absl::OkStatus();
  }

  absl::Status ReadCifar10(const Cifar10Proto& cifar10) {
    loaded_.description = absl::StrCat("CIFAR-10 in ", cifar10.directory());
    const std::string directory = PathOf(cifar10.directory());
    LENSLET_ASSIGN_OR_RETURN(loaded_.train,
                             LoadCifar10(directory, Split::kTrain));
    LENSLET_ASSIGN_OR_RETURN(loaded_.test,
                             LoadCifar10(directory, Split::kTest));
    return absl::OkStatus();
  }

  absl::Status ReadFolders(const ImageFoldersProto& folders) {
    loaded_.description =
        absl::StrCat("image folders in ", folders.train_directory());
    LENSLET_ASSIGN_OR_RETURN(const Shape shape, ReadFolderShape(folders));
    LENSLET_ASSIGN_OR_RETURN(
        loaded_.train,
        LoadImageFolders(PathOf(folders.train_directory()), shape));
    if (folders.test_directory().empty()) return absl::OkStatus();
    LENSLET_ASSIGN_OR_RETURN(
        loaded_.test, LoadImageFolders(PathOf(folders.test_directory()), shape,
                                       loaded_.train.class_names));
    return absl::OkStatus();
  }

  absl::Status ReadCsv(const CsvProto& csv) {
    loaded_.description = absl::StrCat("CSV file ", csv.train_file());
    LENSLET_ASSIGN_OR_RETURN(CsvOptions options, ReadCsvOptions(csv));
    LENSLET_ASSIGN_OR_RETURN(loaded_.train,
                             LoadCsv(PathOf(csv.train_file()), options));
    if (csv.test_file().empty()) return absl::OkStatus();
    options.class_names = loaded_.train.class_names;
    LENSLET_ASSIGN_OR_RETURN(loaded_.test,
                             LoadCsv(PathOf(csv.test_file()), options));
    return absl::OkStatus();
  }

  // Test examples have the patterns of the training ones, and noise of their
  // own: they are what would come next.
  absl::Status ReadSyntheticExamples(const SyntheticProto& proto) {
    LENSLET_ASSIGN_OR_RETURN(const Synthetic synthetic, ReadSynthetic(proto));
    loaded_.description =
        absl::StrCat("synthetic examples of ", synthetic.classes, " classes");
    LENSLET_ASSIGN_OR_RETURN(
        const Dataset all,
        MakeSyntheticDataset(
            synthetic.shape,
            {.examples = synthetic.train_examples + synthetic.test_examples,
             .classes = synthetic.classes,
             .noise = synthetic.noise,
             .seed = proto.seed()}));
    std::vector<int64_t> indices(all.size());
    std::iota(indices.begin(), indices.end(), 0);
    const absl::Span<const int64_t> span = indices;
    LENSLET_ASSIGN_OR_RETURN(
        loaded_.train,
        SelectExamples(all, span.first(synthetic.train_examples)));
    LENSLET_ASSIGN_OR_RETURN(
        loaded_.test,
        SelectExamples(all, span.subspan(synthetic.train_examples)));
    return absl::OkStatus();
  }

  const LoadDataOptions& options_;
  LoadedData& loaded_;
};

absl::Status LimitExamples(int64_t count, Dataset& dataset) {
  if (count == 0) return absl::OkStatus();
  LENSLET_ASSIGN_OR_RETURN(dataset, FirstExamples(std::move(dataset), count));
  return absl::OkStatus();
}

absl::Status SetNormalization(const NormalizationProto& proto,
                              LoadedData& loaded) {
  Normalization normalization = NormalizationFromProto(proto);
  if (normalization.mean.empty()) {
    normalization = ComputeNormalization(loaded.train);
  }
  LENSLET_RETURN_IF_ERROR(InField(
      "", CheckNormalization(normalization, loaded.train.image_shape())));
  for (Dataset* dataset : {&loaded.train, &loaded.validation, &loaded.test}) {
    dataset->normalization = normalization;
  }
  return absl::OkStatus();
}

absl::Status CheckNumbers(const DataProto& data) {
  if (!(data.validation_fraction() >= 0 && data.validation_fraction() < 1)) {
    return OutOfRange("validation_fraction", data.validation_fraction(),
                      "[0, 1)");
  }
  if (data.max_train_examples() < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("data.max_train_examples is ", data.max_train_examples(),
                     ", at least 1 is needed, or 0 for all"));
  }
  if (data.max_test_examples() < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("data.max_test_examples is ", data.max_test_examples(),
                     ", at least 1 is needed, or 0 for all"));
  }
  const NormalizationProto& normalization = data.normalization();
  if (normalization.mean().empty() != normalization.deviation().empty()) {
    return Needed(normalization.mean().empty() ? "normalization.mean"
                                               : "normalization.deviation");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckData(const DataProto& data) {
  LENSLET_RETURN_IF_ERROR(CheckNumbers(data));
  return CheckSource(data);
}

absl::StatusOr<LoadedData> LoadData(const DataProto& data,
                                    const LoadDataOptions& options) {
  LENSLET_RETURN_IF_ERROR(CheckData(data));
  LoadedData loaded;
  LENSLET_RETURN_IF_ERROR(SourceReader(options, loaded).Read(data));
  if (loaded.test.size() == 0) {
    // Without examples, but of their shape.
    LENSLET_ASSIGN_OR_RETURN(loaded.test, SelectExamples(loaded.train, {}));
  } else if (loaded.test.image_shape() != loaded.train.image_shape()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "data: test images of ", loaded.description, " have shape ",
        loaded.test.image_shape().ToString(), ", training images ",
        loaded.train.image_shape().ToString()));
  }
  LENSLET_RETURN_IF_ERROR(
      LimitExamples(data.max_train_examples(), loaded.train));
  LENSLET_RETURN_IF_ERROR(LimitExamples(data.max_test_examples(), loaded.test));
  LENSLET_ASSIGN_OR_RETURN(TrainAndValidation parts,
                           SplitOff(std::move(loaded.train),
                                    data.validation_fraction(), options.seed));
  loaded.train = std::move(parts.train);
  loaded.validation = std::move(parts.validation);
  if (data.has_normalization()) {
    LENSLET_RETURN_IF_ERROR(SetNormalization(data.normalization(), loaded));
  }
  return loaded;
}

}  // namespace lenslet
