#include "lenslet/data/basic_sources.h"

#include <cstdint>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/data/fashion_mnist.h"
#include "lenslet/data/mnist.h"
#include "lenslet/data/split.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

absl::StatusOr<SourceExamples> ReadMnist(const std::string& description,
                                         const std::string& directory) {
  SourceExamples examples = {.description = description};
  LENSLET_ASSIGN_OR_RETURN(examples.train, LoadMnist(directory, Split::kTrain));
  LENSLET_ASSIGN_OR_RETURN(examples.test, LoadMnist(directory, Split::kTest));
  return examples;
}

absl::Status CheckFashionMnist(const DataProto&) { return absl::OkStatus(); }

absl::StatusOr<SourceExamples> ReadFashionMnist(
    const DataProto&, const LoadDataOptions& options) {
  LENSLET_ASSIGN_OR_RETURN(const std::string directory,
                           FindFashionMnist(options.argv0));
  return ReadMnist("Fashion-MNIST", directory);
}

absl::Status CheckIdx(const DataProto& data) {
  return data.idx().directory().empty() ? MissingDataField("idx.directory")
                                        : absl::OkStatus();
}

absl::StatusOr<SourceExamples> ReadIdx(const DataProto& data,
                                       const LoadDataOptions& options) {
  const std::string& directory = data.idx().directory();
  return ReadMnist(absl::StrCat("IDX files in ", directory),
                   options.PathOf(directory));
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
  if (proto.shape_size() == 0) return MissingDataField("synthetic.shape");
  Synthetic synthetic;
  LENSLET_ASSIGN_OR_RETURN(
      synthetic.shape, ReadDataShape("synthetic.shape", {proto.shape().begin(),
                                                         proto.shape().end()}));
  synthetic.classes = proto.classes() == 0 ? 10 : proto.classes();
  if (synthetic.classes < 2 || synthetic.classes > 256) {
    return DataFieldOutOfRange("synthetic.classes", synthetic.classes,
                               "[2, 256]");
  }
  synthetic.train_examples =
      proto.train_examples() == 0 ? 1000 : proto.train_examples();
  synthetic.test_examples =
      proto.test_examples() == 0 ? 200 : proto.test_examples();
  const std::string range = absl::StrCat("[1, ", kMostExamples, "]");
  if (synthetic.train_examples < 1 ||
      synthetic.train_examples > kMostExamples) {
    return DataFieldOutOfRange("synthetic.train_examples",
                               synthetic.train_examples, range);
  }
  if (synthetic.test_examples < 1 || synthetic.test_examples > kMostExamples) {
    return DataFieldOutOfRange("synthetic.test_examples",
                               synthetic.test_examples, range);
  }
  synthetic.noise = proto.has_noise() ? proto.noise() : 0.5;
  if (!(synthetic.noise >= 0 && synthetic.noise <= 1)) {
    return DataFieldOutOfRange("synthetic.noise", synthetic.noise, "[0, 1]");
  }
  return synthetic;
}

absl::Status CheckSynthetic(const DataProto& data) {
  return ReadSynthetic(data.synthetic()).status();
}

// Test examples have the patterns of the training ones, and other noise: they
// are what would come next.
absl::StatusOr<SourceExamples> ReadSyntheticExamples(const DataProto& data,
                                                     const LoadDataOptions&) {
  LENSLET_ASSIGN_OR_RETURN(const Synthetic synthetic,
                           ReadSynthetic(data.synthetic()));
  LENSLET_ASSIGN_OR_RETURN(
      const Dataset all,
      MakeSyntheticDataset(
          synthetic.shape,
          {.examples = synthetic.train_examples + synthetic.test_examples,
           .classes = synthetic.classes,
           .noise = synthetic.noise,
           .seed = data.synthetic().seed()}));
  std::vector<int64_t> indices(all.size());
  std::iota(indices.begin(), indices.end(), 0);
  const absl::Span<const int64_t> span = indices;
  SourceExamples examples = {.description =
                                 absl::StrCat("synthetic examples of ",
                                              synthetic.classes, " classes")};
  LENSLET_ASSIGN_OR_RETURN(
      examples.train,
      SelectExamples(all, span.first(synthetic.train_examples)));
  LENSLET_ASSIGN_OR_RETURN(
      examples.test,
      SelectExamples(all, span.subspan(synthetic.train_examples)));
  return examples;
}

constexpr DataSource kSources[] = {
    {"fashion_mnist", CheckFashionMnist, ReadFashionMnist},
    {"idx", CheckIdx, ReadIdx},
    {"synthetic", CheckSynthetic, ReadSyntheticExamples},
};

}  // namespace

absl::Span<const DataSource> BasicDataSources() { return kSources; }

}  // namespace lenslet
