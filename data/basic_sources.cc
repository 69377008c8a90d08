#include "lenslet/data/basic_sources.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lenslet/base/field_rules.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/class_indices.h"
#include "lenslet/data/data_fields.h"
#include "lenslet/data/fashion_mnist.h"
#include "lenslet/data/idx_names.h"
#include "lenslet/data/mnist.h"
#include "lenslet/data/split.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {
namespace {

absl::StatusOr<SourceExamples> ReadMnist(const std::string& description,
                                         const std::string& directory,
                                         MnistOptions options = {}) {
  SourceExamples examples = {.description = description};
  LENSLET_ASSIGN_OR_RETURN(examples.train,
                           LoadMnist(directory, Split::kTrain, options));
  LENSLET_ASSIGN_OR_RETURN(const IdxFolder folder,
                           IdxFolder::Open(directory, options.prefix));
  if (!folder.Has(Split::kTest)) {
    examples.warnings.push_back(
        absl::StrCat(directory, ": has no files of test examples"));
    return examples;
  }
  options.class_names = examples.train.target_names;
  LENSLET_ASSIGN_OR_RETURN(examples.test,
                           LoadMnist(directory, Split::kTest, options));
  return examples;
}

// That labels may count from 1, if they seem to.
absl::Status NoteFirstLabel(SourceExamples& examples) {
  LENSLET_ASSIGN_OR_RETURN(const bool lacks_first,
                           LacksFirstIndex(examples.train));
  if (!lacks_first) return absl::OkStatus();
  examples.warnings.push_back(
      "no training example has label 0; if labels count from 1, set "
      "data.idx.first_label: 1");
  return absl::OkStatus();
}

absl::StatusOr<SourceExamples> ReadFashionMnist(
    const DataProto&, const LoadDataOptions& options) {
  SourceExamples examples = {.description = "Fashion-MNIST"};
  LENSLET_ASSIGN_OR_RETURN(examples.train,
                           LoadFashionMnist(options.argv0, Split::kTrain));
  LENSLET_ASSIGN_OR_RETURN(examples.test,
                           LoadFashionMnist(options.argv0, Split::kTest));
  return examples;
}

absl::StatusOr<SourceExamples> ReadIdx(const DataProto& data,
                                       const LoadDataOptions& options) {
  const IdxProto& idx = data.idx();
  MnistOptions mnist = {
      .prefix = idx.prefix(),
      .class_names = {idx.class_names().begin(), idx.class_names().end()},
      .first_label = static_cast<int>(idx.first_label()),
      .transposed = idx.transposed()};
  if (!idx.class_names_file().empty()) {
    mnist.class_names_file = options.PathOf(idx.class_names_file());
  }
  LENSLET_ASSIGN_OR_RETURN(
      SourceExamples examples,
      ReadMnist(absl::StrCat("IDX files in ", idx.directory()),
                options.PathOf(idx.directory()), mnist));
  LENSLET_RETURN_IF_ERROR(NoteFirstLabel(examples));
  return examples;
}

absl::StatusOr<Shape> ReadSyntheticShape(const SyntheticProto& proto) {
  return ReadDataShape("synthetic.shape",
                       {proto.shape().begin(), proto.shape().end()});
}

absl::Status CheckSynthetic(const DataProto& data) {
  return ReadSyntheticShape(data.synthetic()).status();
}

// Test examples have the patterns of the training ones, and other noise: they
// are what would come next.
absl::StatusOr<SourceExamples> ReadSyntheticExamples(const DataProto& data,
                                                     const LoadDataOptions&) {
  const SyntheticProto& proto = data.synthetic();
  const auto count = [&](int field) { return IntegerOrDefault(proto, field); };
  const int64_t classes = count(SyntheticProto::kClassesFieldNumber);
  const int64_t train = count(SyntheticProto::kTrainExamplesFieldNumber);
  const int64_t test = count(SyntheticProto::kTestExamplesFieldNumber);
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, ReadSyntheticShape(proto));
  LENSLET_ASSIGN_OR_RETURN(
      const Dataset all,
      MakeSyntheticDataset(
          shape,
          {.examples = train + test,
           .classes = classes,
           .noise = NumberOrDefault(proto, SyntheticProto::kNoiseFieldNumber),
           .seed = proto.seed()}));
  SourceExamples examples = {
      .description =
          absl::StrCat("synthetic examples of ", classes, " classes")};
  std::vector<int64_t> indices = AllIndices(all.size());
  examples.test = SelectExamples(all, {indices.begin() + train, indices.end()});
  indices.resize(train);
  examples.train = SelectExamples(all, std::move(indices));
  return examples;
}

constexpr DataSource kSources[] = {
    {"fashion_mnist", nullptr, ReadFashionMnist},
    {"idx", nullptr, ReadIdx},
    {"synthetic", CheckSynthetic, ReadSyntheticExamples},
};

}  // namespace

absl::Span<const DataSource> BasicDataSources() { return kSources; }

}  // namespace lenslet
