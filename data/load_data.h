// The data set that a recipe or a command line names, ready to train with.

#ifndef LENSLET_DATA_LOAD_DATA_H_
#define LENSLET_DATA_LOAD_DATA_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset.h"

namespace lenslet {

struct LoadDataOptions {
  // Where relative paths begin; empty: where the program was started.
  std::string folder = {};
  // The program's own name, as main() got it: data/fashion_mnist.h.
  std::string argv0 = {};
  // Which examples are set apart to validate with.
  uint64_t seed = 0;

  // `path`, from `folder` on if it is relative.
  std::string PathOf(const std::string& path) const;
};

// What a source has.
struct SourceExamples {
  std::string description;  // As LoadedData's.
  Dataset train;
  Dataset test;  // Without class names and images if the source has none.
};

// A kind of data, of those that the `source` of a DataProto may name. A program
// links the kinds that it names: BasicDataSources(), AllDataSources().
struct DataSource {
  // The field of DataProto's `source`; fashion_mnist is what a DataProto
  // without one means.
  absl::string_view name;
  // What can be said without reading: InvalidArgument, naming the field.
  absl::Status (*check)(const DataProto& data);
  // Of data that `check` accepts.
  absl::StatusOr<SourceExamples> (*read)(const DataProto& data,
                                         const LoadDataOptions& options);
};

// All three have the same image shape, classes and normalization.
struct LoadedData {
  // Where it comes from, for people: "CSV file digits.csv".
  std::string description;
  Dataset train;
  // Without examples if data.validation_fraction is 0.
  Dataset validation;
  // Without examples if the source has none.
  Dataset test;
};

// Reads the data, takes the first examples where there are limits, sets those
// to validate with apart (SplitOff()) and computes the normalization of the
// rest where that is asked for (ComputeNormalization()).
//
// Errors: InvalidArgument naming the field, as "data.csv.train_file is needed",
// for fields that are missing or out of their range, and for test images of
// another shape; Unimplemented, naming those there are, for a source that is
// none of `sources`; those of the source's loader.
absl::StatusOr<LoadedData> LoadData(const DataProto& data,
                                    absl::Span<const DataSource> sources,
                                    const LoadDataOptions& options);

// What can be said about `data` without reading any: LoadData()'s errors that
// name a field, but for those that depend on the examples.
absl::Status CheckData(const DataProto& data,
                       absl::Span<const DataSource> sources);

}  // namespace lenslet

#endif  // LENSLET_DATA_LOAD_DATA_H_
