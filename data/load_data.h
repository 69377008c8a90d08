// Loads the data set that a recipe or a command line names, ready for training.

#ifndef LENSLET_DATA_LOAD_DATA_H_
#define LENSLET_DATA_LOAD_DATA_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/split.h"
#include "lenslet/data/unreadable_files.h"

namespace lenslet {

struct LoadDataOptions {
  // The folder that paths are relative to; empty for the current folder.
  std::string folder = {};
  // The program name that main() received; see data/fashion_mnist.h.
  std::string argv0 = {};
  // Selects the validation examples.
  uint64_t seed = 0;
  // The names of the classes that a model has learned, in order. Folders of
  // images with just these names have their order.
  std::vector<std::string> class_names = {};
  // Of decoding images; 0: as many as the CPU runs at once.
  int threads = 0;
  // Called now and then while images are read.
  std::function<void(int64_t done, int64_t total)> progress = {};
  // A folder for what is made of images: decoded ones (data/image_cache.h), and
  // the list kUnreadableName. "": none.
  std::string image_cache = {};
  // Whether errors are of single files, as in ReadImagesOptions
  // (data/read_images.h), and warnings name all files that are left out.
  bool single_errors = false;

  // Returns `path`, relative to `folder` unless it is absolute.
  std::string PathOf(const std::string& path) const;
};

// The file in LoadDataOptions::image_cache with UnreadableList() of the files
// that were left out, a line each, if there are any.
inline constexpr char kUnreadableName[] = "unreadable_files.txt";

// The examples of a source.
struct SourceExamples {
  std::string description;                      // As in LoadedData.
  std::vector<std::string> warnings = {};       // As in LoadedData.
  std::vector<UnreadableFile> unreadable = {};  // As in LoadedData.
  // What is to be said of the source of the test examples, after its name.
  std::string test_remark = {};
  Dataset train = {};
  // Empty and without class names if the source has no test examples.
  Dataset test = {};
};

// A kind of data that the `source` of a DataProto may name. A program links
// only the kinds that it needs: BasicDataSources() or AllDataSources().
struct DataSource {
  // The field of DataProto's `source`. A DataProto without a source means
  // fashion_mnist.
  absl::string_view name;
  // Checks what the rules of single fields (data.proto) do not say, without
  // reading any files. Null if there is nothing to check. Errors:
  // InvalidArgument, naming the field.
  absl::Status (*check)(const DataProto& data);
  // Reads the examples. `data` must pass `check`.
  absl::StatusOr<SourceExamples> (*read)(const DataProto& data,
                                         const LoadDataOptions& options);
  // Whether `read` makes the targets that `data.target` asks for, out of
  // columns.
  bool has_columns = false;
};

// All three data sets have the same image shape, classes and normalization.
struct LoadedData {
  // The source of the data, for people: "CSV file digits.csv".
  std::string description;
  // The source of the test examples, if it is another file or folder than that
  // of the training examples, which `description` names. Else empty.
  std::string test_description = {};
  // What a person should know about the data.
  std::vector<std::string> warnings = {};
  // The files that were left out because they cannot be read. Warnings name
  // some of them.
  std::vector<UnreadableFile> unreadable = {};
  Dataset train = {};
  // Has no examples if data.validation_fraction is 0.
  Dataset validation = {};
  // Has no examples if the source has no test examples.
  Dataset test = {};
};

// Reads the data and keeps the first examples if there are limits. Then splits
// off the validation examples (SplitOff()). Finally sets the normalization, if
// requested. If no values are given, it computes them from the remaining
// training examples (ComputeNormalization()).
//
// Errors: InvalidArgument, naming the field, as in "data.csv.train_file is
// required", for fields that are missing or out of range, and for in_memory;
// InvalidArgument for test examples of another shape; Unimplemented, listing
// the available sources, for a source that is not in `sources`; errors of the
// source's loader.
absl::StatusOr<LoadedData> LoadData(const DataProto& data,
                                    absl::Span<const DataSource> sources,
                                    const LoadDataOptions& options);

// Splits off the validation examples that `data` asks for: a fraction, a fold,
// or none. Errors: SplitOff()'s and FoldOf()'s.
absl::StatusOr<TrainAndValidation> SetValidationAside(const DataProto& data,
                                                      uint64_t seed,
                                                      const Dataset& train);

// Returns LoadedData::test_description.
std::string DescribeTestSource(const DataProto& data);

// Checks `data` without reading any files. Errors: LoadData()'s errors that
// name a field, except those that depend on the examples.
absl::Status CheckData(const DataProto& data,
                       absl::Span<const DataSource> sources);

// Checks that a folder which a program is about to make is not inside a folder
// of image_folders, where it would become a class. `path` and the paths in
// `data` start from the current folder. Errors: InvalidArgument, "is inside
// FOLDER, ...".
absl::Status CheckOutsideClasses(const std::string& path,
                                 const DataProto& data);

}  // namespace lenslet

#endif  // LENSLET_DATA_LOAD_DATA_H_
