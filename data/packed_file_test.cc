#include "lenslet/data/packed_file.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/dataset_digest.h"
#include "lenslet/data/split.h"
#include "lenslet/data/synthetic.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

std::string PathOf(const char* name) {
  return absl::StrCat(EmptyTempFolder("packed"), "/", name);
}

// Without waiting for the disk.
void Overwrite(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::string Write(const Dataset& dataset) {
  const std::string path = PathOf("data.pack");
  EXPECT_THAT(WritePackedFile(dataset, path), IsOk());
  return path;
}

std::vector<float> ValuesOf(const Dataset& dataset) {
  ExampleBatch batch;
  EXPECT_THAT(batch.ReadTargets(*dataset.examples, AllIndices(dataset.size())),
              IsOk());
  return {batch.values().begin(), batch.values().end()};
}

std::vector<int32_t> ClassesOf(const Dataset& dataset) {
  ExampleBatch batch;
  EXPECT_THAT(batch.ReadTargets(*dataset.examples, AllIndices(dataset.size())),
              IsOk());
  return {batch.classes().begin(), batch.classes().end()};
}

Dataset Classes(int64_t count = 50) {
  return MakeSyntheticDataset({4, 3, 1}, {.examples = count, .classes = 7})
      .value();
}

TEST(PackedFileTest, KeepsClasses) {
  const Dataset data = Classes();
  const Dataset packed = OpenPackedFile(Write(data)).value();
  EXPECT_EQ(packed.size(), 50);
  EXPECT_EQ(packed.example_shape(), Shape({4, 3, 1}));
  EXPECT_EQ(packed.target_names, data.target_names);
  EXPECT_EQ(packed.Classes().value(), data.Classes().value());
  const Tensor inputs = packed.Inputs().value();
  EXPECT_THAT(inputs.span<uint8_t>(),
              ElementsAreArray(data.Inputs().value().span<uint8_t>()));
}

TEST(PackedFileTest, KeepsFloatsAndValues) {
  const Dataset data =
      MakeDataset({.inputs = Tensor::Of({2, 3}, {1, -2, 0.5, 3e30, 0, -0.0f}),
                   .targets = Tensor::Of({2, 2}, {7, 8, 9, 10}),
                   .kind = TargetKind::kValues},
                  {"price", "rent"})
          .value();
  const Dataset packed = OpenPackedFile(Write(data)).value();
  EXPECT_EQ(packed.examples->target(), data.examples->target());
  EXPECT_EQ(packed.target_names, data.target_names);
  EXPECT_THAT(packed.Inputs().value().span(),
              ElementsAre(1, -2, 0.5, 3e30f, 0, -0.0f));
  EXPECT_THAT(ValuesOf(packed), ElementsAre(7, 8, 9, 10));
}

TEST(PackedFileTest, KeepsLabels) {
  const Dataset data =
      MakeDataset({.inputs = Tensor({3, 2}, ElementType::kUint8),
                   .targets = Tensor::Of<uint8_t>({3, 2}, {0, 1, 1, 1, 0, 0}),
                   .kind = TargetKind::kLabels},
                  {"red", "round"})
          .value();
  EXPECT_THAT(ValuesOf(OpenPackedFile(Write(data)).value()),
              ElementsAre(0, 1, 1, 1, 0, 0));
}

// So large that they are in the records.
TEST(PackedFileTest, KeepsMapsOfClasses) {
  ExampleArrays arrays = {.inputs = Tensor({4, 9, 9, 1}, ElementType::kUint8),
                          .targets = Tensor({4, 9, 9}, ElementType::kUint8)};
  for (int i = 0; i < 4 * 81; ++i) {
    arrays.inputs.data<uint8_t>()[i] = static_cast<uint8_t>(i);
    arrays.targets.data<uint8_t>()[i] = static_cast<uint8_t>(i * i % 3);
  }
  const Dataset data = MakeDataset(std::move(arrays), {"a", "b", "c"}).value();
  const Dataset packed = OpenPackedFile(Write(data)).value();
  EXPECT_EQ(packed.examples->target().shape, Shape({9, 9}));
  EXPECT_EQ(ClassesOf(packed), ClassesOf(data));
  EXPECT_THAT(packed.Inputs().value().span<uint8_t>(),
              ElementsAreArray(data.Inputs().value().span<uint8_t>()));
}

// In the records, and in the index.
TEST(PackedFileTest, KeepsIgnoredPositions) {
  for (const int64_t side : {9, 2}) {
    SCOPED_TRACE(side);
    const int64_t pixels = side * side;
    ExampleArrays arrays = {
        .inputs = Tensor({3, side, side, 1}, ElementType::kUint8),
        .targets = Tensor({3, side, side}, ElementType::kUint8),
        .ignored = 7};
    for (int i = 0; i < 3 * pixels; ++i) {
      arrays.targets.data<uint8_t>()[i] = i % 3 == 2 ? 7 : i % 3;
    }
    const Dataset data = MakeDataset(std::move(arrays), {"a", "b"}).value();
    const Dataset packed = OpenPackedFile(Write(data)).value();
    EXPECT_EQ(ClassesOf(packed), ClassesOf(data));
    EXPECT_EQ(ClassesOf(packed)[2], kIgnoredClass);
  }
  ExampleArrays arrays = {.inputs = Tensor({1, 1, 2, 1}, ElementType::kUint8),
                          .targets = Tensor::Of<uint8_t>({1, 1, 2}, {255, 0}),
                          .ignored = 0};
  const Dataset both =
      MakeDataset(std::move(arrays), std::vector<std::string>(256, "x"))
          .value();
  EXPECT_THAT(WritePackedFile(both, EmptyTempFolder("both") + "/both.pack"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("maps have class 255 and ignored")));
}

// In the index, and in the records.
TEST(PackedFileTest, KeepsMoreThan256Classes) {
  const std::vector<std::string> names(1000, "x");
  const Dataset data =
      MakeDataset({.inputs = Tensor({3, 2, 2, 1}, ElementType::kUint8),
                   .targets = *ClassTensor({0, 999, 256}, {3})},
                  names)
          .value();
  EXPECT_THAT(ClassesOf(OpenPackedFile(Write(data)).value()),
              ElementsAre(0, 999, 256));
  std::vector<int32_t> classes(2 * 81);
  for (size_t i = 0; i < classes.size(); ++i) {
    classes[i] = static_cast<int32_t>(i * 6 % 1000);
  }
  const Dataset maps =
      MakeDataset({.inputs = Tensor({2, 9, 9, 1}, ElementType::kUint8),
                   .targets = *ClassTensor(classes, {2, 9, 9}),
                   .ignored = 6},
                  names)
          .value();
  classes[1] = kIgnoredClass;
  EXPECT_EQ(ClassesOf(maps), classes);
  EXPECT_EQ(ClassesOf(OpenPackedFile(Write(maps)).value()), classes);
}

TEST(PackedFileTest, WritesTheSameBytesAgain) {
  const Dataset data = Classes();
  const std::string bytes = ReadFile(Write(data)).value();
  EXPECT_EQ(ReadFile(Write(data)).value(), bytes);
  EXPECT_EQ(ReadFile(Write(OpenPackedFile(Write(data)).value())).value(),
            bytes);
}

TEST(PackedFileTest, KnowsTheFileThatIsNone) {
  const std::string path = PathOf("other");
  EXPECT_THAT(OpenPackedFile(path),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("other")));
  for (const char* contents : {"", "LENS", "an image, perhaps"}) {
    Overwrite(path, contents);
    EXPECT_THAT(OpenPackedFile(path),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("is not a packed file")));
  }
  EXPECT_THAT(OpenPackedFile(EmptyTempFolder("folder")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("not a regular file")));
}

TEST(PackedFileTest, KnowsAFileThatIsCutAnywhere) {
  const std::string path = Write(Classes());
  const std::string bytes = ReadFile(path).value();
  for (size_t size = 8; size < bytes.size(); ++size) {
    Overwrite(path, bytes.substr(0, size));
    ASSERT_THAT(OpenPackedFile(path),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("data.pack")))
        << size;
  }
}

TEST(PackedFileTest, KnowsEveryByteThatHasChanged) {
  const std::string path = Write(Classes(3));
  const std::string bytes = ReadFile(path).value();
  for (size_t i = 8; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] ^= 0x20;
    Overwrite(path, changed);
    const absl::StatusOr<Dataset> packed = OpenPackedFile(path);
    const absl::Status status =
        packed.ok() ? packed->Inputs().status() : packed.status();
    ASSERT_THAT(status,
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("data.pack: ")))
        << i;
  }
}

TEST(PackedFileTest, NamesADamagedRecordAndReadsTheOthers) {
  const std::string path = Write(Classes());
  std::string bytes = ReadFile(path).value();
  bytes[8 + 12 * 20] ^= 1;
  Overwrite(path, bytes);
  const Dataset packed = OpenPackedFile(path).value();
  EXPECT_THAT(packed.Example(20), StatusIs(absl::StatusCode::kDataLoss,
                                           HasSubstr("record 20 is damaged")));
  EXPECT_THAT(packed.Example(19), IsOk());
}

TEST(PackedFileTest, NoticesThatTheFileIsCutWhileItIsOpen) {
  const std::string path = Write(Classes());
  const Dataset packed = OpenPackedFile(path).value();
  std::filesystem::resize_file(path, 100);
  EXPECT_THAT(packed.Example(40),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("has changed since it was opened")));
}

TEST(PackedFileTest, AFailedWriteLeavesTheOldFile) {
  const std::string path = Write(Classes());
  const std::string before = ReadFile(path).value();
  const Dataset broken = MakeDataset({.inputs = Tensor({1, 2}),
                                      .targets = Tensor::Of({1, 1}, {0.5}),
                                      .kind = TargetKind::kValues},
                                     {})
                             .value();
  // A record of it is damaged when it is read.
  const std::string source = PathOf("source.pack");
  ASSERT_THAT(WritePackedFile(broken, source), IsOk());
  std::string bytes = ReadFile(source).value();
  bytes[8] ^= 1;
  Overwrite(source, bytes);
  const std::string target = source + ".copy";
  Overwrite(target, before);
  EXPECT_FALSE(WritePackedFile(OpenPackedFile(source).value(), target).ok());
  EXPECT_EQ(ReadFile(target).value(), before);
  // Nothing is left over.
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(target).parent_path())) {
    ++files;
  }
  EXPECT_EQ(files, 2);
}

TEST(PackedFileTest, HasTheOrderOfDataInMemoryIfAllFits) {
  const Dataset data = Classes(1000);
  const Dataset packed = OpenPackedFile(Write(data)).value();
  EXPECT_EQ(packed.examples->EpochOrder(3, 5), ShuffledIndices(1000, 3, 5));
}

// Records of 64 KiB: 16 in a run of 1 MiB, and 2 MiB that are mixed.
Dataset LargeRecords() {
  return MakeDataset({.inputs = Tensor({100, 65536}, ElementType::kUint8),
                      .targets = Tensor({100}, ElementType::kUint8)},
                     {"class"})
      .value();
}

TEST(PackedFileTest, MixesRunsOfNeighbors) {
  const std::string path = Write(LargeRecords());
  const Dataset packed = OpenPackedFile(path, {.mixed_bytes = 2 << 20}).value();
  const std::vector<int64_t> order = packed.examples->EpochOrder(1, 0);
  EXPECT_THAT(order, UnorderedElementsAreArray(AllIndices(100)));
  EXPECT_EQ(packed.examples->EpochOrder(1, 0), order);
  EXPECT_NE(packed.examples->EpochOrder(1, 1), order);
  EXPECT_NE(packed.examples->EpochOrder(2, 0), order);
  EXPECT_NE(order, AllIndices(100));
  // 32 neighbors of the order come from two runs, so from 32 records.
  for (int first : {0, 32}) {
    std::vector<int64_t> runs;
    for (int i = 0; i < 32; ++i) runs.push_back(order[first + i] / 16);
    std::sort(runs.begin(), runs.end());
    runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
    EXPECT_LE(runs.size(), 3) << first;
  }
  // Neither threads nor the buffer matter.
  EXPECT_EQ(OpenPackedFile(
                path, {.mixed_bytes = 2 << 20,
                       .read_ahead = {.buffer_bytes = 1 << 20, .threads = 5}})
                .value()
                .examples->EpochOrder(1, 0),
            order);
}

TEST(PackedFileTest, PartsFollowTheOrderOfTheFile) {
  const Dataset packed =
      OpenPackedFile(Write(LargeRecords()), {.mixed_bytes = 2 << 20}).value();
  const TrainAndValidation parts = SplitOff(packed, 0.3, /*seed=*/1).value();
  const std::vector<int64_t> order = parts.train.examples->EpochOrder(1, 0);
  EXPECT_THAT(order, UnorderedElementsAreArray(AllIndices(70)));
  EXPECT_THAT(order, Not(ElementsAreArray(ShuffledIndices(70, 1, 0))));
}

TEST(PackedFileTest, TheDigestTellsContentsApart) {
  const Dataset data = Classes();
  const std::string digest =
      DigestOf(OpenPackedFile(Write(data)).value()).value();
  EXPECT_EQ(DigestOf(OpenPackedFile(Write(data)).value()).value(), digest);
  const Dataset other =
      MakeSyntheticDataset({4, 3, 1}, {.examples = 50, .classes = 7, .seed = 1})
          .value();
  EXPECT_NE(DigestOf(OpenPackedFile(Write(other)).value()).value(), digest);
  EXPECT_NE(
      DigestOf(FirstExamples(OpenPackedFile(Write(data)).value(), 49)).value(),
      digest);
}

}  // namespace
}  // namespace lenslet
