#include "lenslet/data/packed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#define XXH_INLINE_ALL
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/base/file.h"
#include "lenslet/base/file_descriptor.h"
#include "lenslet/base/input_file.h"
#include "lenslet/base/memory.h"
#include "lenslet/base/random.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/packed_index.pb.h"
#include "lenslet/data/read_ahead.h"
#include "xxhash.h"

namespace lenslet {
namespace {

constexpr absl::string_view kMagic = kPackedFileStart;
constexpr int64_t kEndBytes = 24;
// Targets of at most this many bytes are in the index.
constexpr int64_t kMostInIndex = 64;
// Neighbors that are read together.
constexpr int64_t kRunBytes = int64_t{1} << 20;
// Apart from the streams that others draw from with the seed of a run.
constexpr uint64_t kRunStream = uint64_t{3} << 61;
constexpr uint64_t kMixStream = uint64_t{7} << 60;

std::string Number(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}

uint64_t NumberAt(const char* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) {
    value = value << 8 | static_cast<uint8_t>(bytes[i]);
  }
  return value;
}

uint64_t HashOf(absl::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

// The sizes that the index of a file determines.
struct Record {
  int64_t input_bytes;
  int64_t target_bytes;

  bool has_target() const { return target_bytes > kMostInIndex; }
  int64_t bytes() const {
    return has_target() ? AddSizes(input_bytes, target_bytes) : input_bytes;
  }
};

// `class_bytes` is 1 or 2.
Record RecordOf(const Shape& shape, ElementType type, const TargetSpec& target,
                int64_t class_bytes) {
  const int64_t bytes = target.kind == TargetKind::kValues    ? 4
                        : target.kind == TargetKind::kClasses ? class_bytes
                                                              : 1;
  return {.input_bytes = MultiplySizes(shape.elements(), SizeOf(type)),
          .target_bytes = MultiplySizes(target.shape.elements(), bytes)};
}

int64_t ClassBytes(const PackedIndexProto& index) {
  return index.class_bytes() == 2 ? 2 : 1;
}

// Stands for an ignored class.
int32_t IgnoredNumber(int64_t class_bytes) {
  return class_bytes == 1 ? 255 : 65535;
}

// What classes have been written, of so many bytes each.
struct WrittenClasses {
  const int64_t class_bytes;
  bool has_ignored_number = false;
  bool has_ignored = false;
};

// Appends the bytes of the only target in `batch`.
absl::Status AppendTarget(const ExampleBatch& batch, const TargetSpec& target,
                          WrittenClasses& written, std::string& out) {
  switch (target.kind) {
    case TargetKind::kClasses:
      for (int32_t c : batch.classes()) {
        const int32_t ignored = IgnoredNumber(written.class_bytes);
        written.has_ignored_number |= c == ignored;
        if (c == kIgnoredClass && target.shape.rank() > 0) {
          written.has_ignored = true;
          c = ignored;
        }
        if (c < 0 || c > ignored) {
          return absl::InvalidArgumentError(absl::StrCat(
              "a class is ", c, "; expected a number in [0, ", ignored, "]"));
        }
        out += static_cast<char>(c);
        if (written.class_bytes == 2) out += static_cast<char>(c >> 8);
      }
      break;
    case TargetKind::kLabels:
      for (const float label : batch.values()) {
        if (label != 0 && label != 1) {
          return absl::InvalidArgumentError(
              absl::StrCat("a label is ", label, "; expected 0 or 1"));
        }
        out += label == 1 ? '\1' : '\0';
      }
      break;
    case TargetKind::kValues:
      out.append(reinterpret_cast<const char*>(batch.values().data()),
                 batch.values().size() * sizeof(float));
      break;
  }
  return absl::OkStatus();
}

void ReadTarget(const char* bytes, TargetKind kind,
                const PackedIndexProto& index, int64_t elements,
                int64_t example, ExampleBatch& batch) {
  const auto* numbers = reinterpret_cast<const uint8_t*>(bytes);
  const int64_t first = example * elements;
  switch (kind) {
    case TargetKind::kClasses:
      if (ClassBytes(index) == 1) {
        std::copy_n(numbers, elements, batch.classes().data() + first);
      } else {
        for (int64_t i = 0; i < elements; ++i) {
          batch.classes()[first + i] = numbers[2 * i] | numbers[2 * i + 1] << 8;
        }
      }
      if (index.ignores_255()) {
        std::replace(batch.classes().begin() + first,
                     batch.classes().begin() + first + elements,
                     IgnoredNumber(ClassBytes(index)), kIgnoredClass);
      }
      break;
    case TargetKind::kLabels:
      std::copy_n(numbers, elements, batch.values().data() + first);
      break;
    case TargetKind::kValues:
      std::memcpy(batch.values().data() + first, bytes,
                  elements * sizeof(float));
      break;
  }
}

PackedIndexProto DescribeExamples(const Dataset& dataset) {
  const Examples& examples = *dataset.examples;
  const Shape shape = examples.shape();
  const TargetSpec target = examples.target();
  PackedIndexProto index;
  index.set_examples(examples.size());
  index.mutable_shape()->Add(shape.dims().begin(), shape.dims().end());
  index.set_type(examples.type() == ElementType::kUint8
                     ? PackedIndexProto::UINT8
                     : PackedIndexProto::FLOAT32);
  index.mutable_target_shape()->Add(target.shape.dims().begin(),
                                    target.shape.dims().end());
  index.set_target_kind(static_cast<PackedIndexProto::TargetKind>(target.kind));
  for (const std::string& name : dataset.target_names) {
    index.add_target_name(name);
  }
  if (target.kind == TargetKind::kClasses &&
      dataset.target_names.size() > 256) {
    index.set_class_bytes(2);
  }
  for (const std::string& name : dataset.input_names) {
    index.add_input_name(name);
  }
  return index;
}

absl::Status Damaged(const std::string& path, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(path, ": ", what));
}

// Reads `out` from there on. `ends` is the error for a file that ends before.
absl::Status ReadAt(const FileDescriptor& file, const std::string& path,
                    int64_t offset, absl::Span<char> out,
                    absl::FunctionRef<std::string()> ends) {
  while (!out.empty()) {
    const ssize_t got = pread(file.get(), out.data(), out.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, path);
    if (got == 0) return Damaged(path, ends());
    offset += got;
    out.remove_prefix(got);
  }
  return absl::OkStatus();
}

class PackedExamples : public Examples {
 public:
  PackedExamples(const std::string& path, FileDescriptor file,
                 PackedIndexProto index, const Shape& shape, ElementType type,
                 const TargetSpec& target, int64_t mixed_bytes)
      : path_(path),
        file_(std::move(file)),
        index_(std::move(index)),
        shape_(shape),
        type_(type),
        target_(target),
        record_(RecordOf(shape, type, target, ClassBytes(index_))),
        run_(std::max<int64_t>(1, kRunBytes / record_.bytes())),
        mixed_bytes_(mixed_bytes),
        advised_(index_.examples() / run_ + 1) {}

  int64_t size() const override { return index_.examples(); }
  Shape shape() const override { return shape_; }
  ElementType type() const override { return type_; }
  TargetSpec target() const override { return target_; }
  bool reads_targets() const override { return record_.has_target(); }
  int64_t bytes() const override {
    return AddSizes(index_.targets().size(), 8 * size());
  }

  absl::Status ReadInputs(absl::Span<const int64_t> indices,
                          ExampleBatch& batch) const override {
    for (const int64_t index : indices) AdviseRun(index);
    std::string room;
    for (size_t i = 0; i < indices.size(); ++i) {
      char* out = batch.Input<char>(i);
      if (record_.has_target()) {
        room.resize(record_.bytes());
        LENSLET_RETURN_IF_ERROR(ReadRecord(indices[i], room.data()));
        std::memcpy(out, room.data(), record_.input_bytes);
      } else {
        LENSLET_RETURN_IF_ERROR(ReadRecord(indices[i], out));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadTargets(absl::Span<const int64_t> indices,
                           ExampleBatch& batch) const override {
    std::string room;
    for (size_t i = 0; i < indices.size(); ++i) {
      const char* target;
      if (record_.has_target()) {
        room.resize(record_.bytes());
        LENSLET_RETURN_IF_ERROR(ReadRecord(indices[i], room.data()));
        target = room.data() + record_.input_bytes;
      } else {
        CheckIndex(indices[i]);
        target = index_.targets().data() + indices[i] * record_.target_bytes;
      }
      ReadTarget(target, target_.kind, index_, target_.shape.elements(), i,
                 batch);
    }
    return absl::OkStatus();
  }

  void WillRead(absl::Span<const int64_t>) const override {
    for (std::atomic<bool>& run : advised_) run = false;
  }

  std::vector<int64_t> EpochOrder(uint64_t seed, int64_t epoch) const override {
    const int64_t mixed = std::max(run_, mixed_bytes_ / record_.bytes());
    if (size() <= mixed) return Examples::EpochOrder(seed, epoch);
    const int64_t runs = (size() + run_ - 1) / run_;
    Random of_runs(seed, kRunStream + static_cast<uint64_t>(epoch));
    Random of_mix(seed, kMixStream + static_cast<uint64_t>(epoch));
    std::vector<int64_t> order;
    order.reserve(size());
    std::vector<int64_t> run_order = AllIndices(runs);
    Shuffle(absl::MakeSpan(run_order), of_runs);
    int64_t first = 0;
    for (const int64_t r : run_order) {
      for (int64_t i = r * run_; i < std::min((r + 1) * run_, size()); ++i) {
        order.push_back(i);
      }
      const int64_t last = order.size();
      if (last - first + run_ > mixed || last == size()) {
        Shuffle(absl::MakeSpan(order).subspan(first), of_mix);
        first = last;
      }
    }
    return order;
  }

  absl::Status AddToDigest(absl::Span<const int64_t> indices,
                           Digest& digest) const override {
    digest.AddWord("packed");
    digest.AddWord(absl::StrCat(shape_.ToString(), target_.shape.ToString()));
    if (index_.ignores_255()) digest.AddWord("ignores 255");
    for (const int64_t index : indices) {
      CheckIndex(index);
      digest.AddWord(Number(index_.checksum(index)));
      if (record_.has_target()) continue;
      digest.Add(index_.targets().data() + index * record_.target_bytes,
                 record_.target_bytes);
    }
    return absl::OkStatus();
  }

 private:
  void CheckIndex(int64_t index) const {
    LENSLET_CHECK(index >= 0 && index < size());
  }

  // Has the system read a run as a whole when the first of its records is
  // wanted: the others follow in random order.
  void AdviseRun(int64_t index) const {
    CheckIndex(index);
    const int64_t run = index / run_;
    if (advised_[run].exchange(true)) return;
    posix_fadvise(file_.get(), kMagic.size() + run * run_ * record_.bytes(),
                  run_ * record_.bytes(), POSIX_FADV_WILLNEED);
  }

  absl::Status ReadRecord(int64_t index, char* out) const {
    CheckIndex(index);
    LENSLET_RETURN_IF_ERROR(ReadAt(
        file_, path_, kMagic.size() + index * record_.bytes(),
        absl::MakeSpan(out, record_.bytes()), [&] {
          return absl::StrCat("ends in record ", index,
                              "; the file has changed since it was opened");
        }));
    if (XXH3_64bits(out, record_.bytes()) == index_.checksum(index)) {
      return absl::OkStatus();
    }
    return Damaged(
        path_,
        absl::StrCat("record ", index,
                     " is damaged: its checksum differs from the index"));
  }

  const std::string path_;
  const FileDescriptor file_;
  const PackedIndexProto index_;
  const Shape shape_;
  const ElementType type_;
  const TargetSpec target_;
  const Record record_;
  const int64_t run_;  // Records that are read together.
  const int64_t mixed_bytes_;
  // Runs, since the last announcement.
  mutable std::vector<std::atomic<bool>> advised_;
};

absl::StatusOr<Shape> ShapeOf(
    const google::protobuf::RepeatedField<int64_t>& dims) {
  return Shape::Create(absl::MakeConstSpan(dims.data(), dims.size()));
}

// The index of a file of `size` bytes.
absl::StatusOr<PackedIndexProto> ReadIndex(const FileDescriptor& file,
                                           const std::string& path,
                                           int64_t size) {
  const auto read = [&](int64_t offset, absl::Span<char> out) {
    return ReadAt(file, path, offset, out,
                  [] { return std::string("ends while it is read"); });
  };
  char magic[8];
  if (size >= static_cast<int64_t>(kMagic.size())) {
    LENSLET_RETURN_IF_ERROR(read(0, absl::MakeSpan(magic)));
  }
  if (size < static_cast<int64_t>(kMagic.size()) ||
      absl::string_view(magic, 8) != kMagic) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": is not a packed file; expected one that lenslet pack wrote"));
  }
  char end[kEndBytes];
  const int64_t body = size - kEndBytes - kMagic.size();
  if (body < 0) return Damaged(path, "is incomplete: it has no end");
  LENSLET_RETURN_IF_ERROR(read(size - kEndBytes, absl::MakeSpan(end)));
  if (absl::string_view(end + 16, 8) != kMagic) {
    return Damaged(path, "is incomplete: it has no end");
  }
  const uint64_t index_size = NumberAt(end);
  if (index_size > static_cast<uint64_t>(std::min(body, kMaxFileBytes))) {
    return Damaged(path, "is damaged: its index is larger than the file");
  }
  LENSLET_ASSIGN_OR_RETURN(
      Tensor bytes,
      Tensor::Create(ElementType::kUint8, {static_cast<int64_t>(index_size)}));
  const absl::Span<char> text(reinterpret_cast<char*>(bytes.data<uint8_t>()),
                              index_size);
  LENSLET_RETURN_IF_ERROR(read(size - kEndBytes - index_size, text));
  const absl::string_view view(text.data(), text.size());
  PackedIndexProto index;
  if (HashOf(view) != NumberAt(end + 8) ||
      !index.ParseFromArray(view.data(), static_cast<int>(view.size()))) {
    return Damaged(path, "is damaged: the checksum of its index differs");
  }
  return index;
}

}  // namespace

absl::Status WritePackedFile(const Dataset& dataset, const std::string& path,
                             const std::function<void(int64_t)>& on_example) {
  const Examples& examples = *dataset.examples;
  PackedIndexProto index = DescribeExamples(dataset);
  const Record record = RecordOf(examples.shape(), examples.type(),
                                 examples.target(), ClassBytes(index));
  LENSLET_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  LENSLET_RETURN_IF_ERROR(file.Write(kMagic));
  const std::vector<int64_t> all = AllIndices(dataset.size());
  examples.WillRead(all);
  ExampleBatch batch;
  WrittenClasses written = {.class_bytes = ClassBytes(index)};
  for (const int64_t i : all) {
    LENSLET_RETURN_IF_ERROR(batch.ReadInputs(examples, {i}));
    LENSLET_RETURN_IF_ERROR(batch.ReadTargets(examples, {i}));
    std::string bytes(static_cast<const char*>(batch.inputs()[0]),
                      record.input_bytes);
    LENSLET_RETURN_IF_ERROR(
        AppendTarget(batch, examples.target(), written,
                     record.has_target() ? bytes : *index.mutable_targets()));
    index.add_checksum(HashOf(bytes));
    LENSLET_RETURN_IF_ERROR(file.Write(bytes));
    if (on_example) on_example(i + 1);
  }
  if (written.has_ignored_number && written.has_ignored) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": maps have class 255 and ignored positions; expected one of "
        "both"));
  }
  index.set_ignores_255(written.has_ignored);
  std::string end = index.SerializeAsString();
  end += Number(end.size()) + Number(HashOf(end)) + std::string(kMagic);
  LENSLET_RETURN_IF_ERROR(file.Write(end));
  return file.Commit();
}

absl::StatusOr<Dataset> OpenPackedFile(const std::string& path,
                                       const PackedFileOptions& options) {
  FileDescriptor file(path, O_RDONLY | O_NONBLOCK);
  struct stat info;
  if (!file.ok() || fstat(file.get(), &info) != 0) {
    return absl::ErrnoToStatus(errno, path);
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": is not a regular file"));
  }
  LENSLET_ASSIGN_OR_RETURN(PackedIndexProto index,
                           ReadIndex(file, path, info.st_size));
  const absl::Status damaged =
      Damaged(path, "is damaged: its index does not fit the file");
  const absl::StatusOr<Shape> shape = ShapeOf(index.shape());
  const absl::StatusOr<Shape> target_shape = ShapeOf(index.target_shape());
  if (!shape.ok() || !target_shape.ok() || index.examples() < 0 ||
      !PackedIndexProto::TargetKind_IsValid(index.target_kind()) ||
      !PackedIndexProto::ElementType_IsValid(index.type()) ||
      (index.ignores_255() && target_shape->rank() == 0) ||
      index.class_bytes() < 0 || index.class_bytes() > 2 ||
      shape->elements() == 0) {
    return damaged;
  }
  const ElementType type = index.type() == PackedIndexProto::UINT8
                               ? ElementType::kUint8
                               : ElementType::kFloat32;
  const TargetSpec target = {
      .kind = static_cast<TargetKind>(index.target_kind()),
      .shape = *target_shape};
  const Record record = RecordOf(*shape, type, target, ClassBytes(index));
  const int64_t in_index =
      record.has_target()
          ? 0
          : MultiplySizes(index.examples(), record.target_bytes);
  const int64_t records = MultiplySizes(index.examples(), record.bytes());
  if (index.checksum_size() != index.examples() ||
      static_cast<int64_t>(index.targets().size()) != in_index ||
      AddSizes(records, kMagic.size() + index.ByteSizeLong() + kEndBytes) !=
          info.st_size) {
    return damaged;
  }
  std::vector<std::string> names(index.target_name().begin(),
                                 index.target_name().end());
  std::vector<std::string> input_names(index.input_name().begin(),
                                       index.input_name().end());
  LENSLET_ASSIGN_OR_RETURN(
      std::shared_ptr<const Examples> examples,
      ReadAhead(std::make_shared<PackedExamples>(path, std::move(file),
                                                 std::move(index), *shape, type,
                                                 target, options.mixed_bytes),
                options.read_ahead));
  return Dataset{.examples = std::move(examples),
                 .target_names = std::move(names),
                 .input_names = std::move(input_names)};
}

}  // namespace lenslet
