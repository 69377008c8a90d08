#include "lenslet/data/npy.h"

#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/load_data.h"

namespace lenslet {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// As NumPy writes it.
std::string NpyFileBytes(const std::string& header, const std::string& numbers,
                         int version = 1) {
  std::string text = header;
  const size_t start = version == 1 ? 10 : 12;
  while ((start + text.size() + 1) % 64 != 0) text += " ";
  text += "\n";
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  file += static_cast<char>(text.size() % 256);
  file += static_cast<char>(text.size() / 256);
  if (version > 1) file += std::string(2, '\0');
  return file + text + numbers;
}

std::string HeaderOf(const std::string& type, const std::string& shape) {
  return absl::StrCat("{'descr': '", type,
                      "', 'fortran_order': False, 'shape': (", shape, "), }");
}

template <typename T>
std::string NumberBytes(const std::vector<T>& numbers) {
  std::string bytes(numbers.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  return bytes;
}

class NpyTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const {
    return absl::StrCat(folder_, "/", name);
  }
  void Write(const std::string& name, const std::string& bytes) const {
    LENSLET_ASSERT_OK(WriteFileAtomically(Path(name), bytes));
  }
  template <typename T>
  void Write(const std::string& name, const std::string& type,
             const std::string& shape, const std::vector<T>& numbers) const {
    Write(name, NpyFileBytes(HeaderOf(type, shape), NumberBytes(numbers)));
  }
  absl::StatusOr<Dataset> Load(const NpyOptions& options = {}) const {
    return LoadNpy(Path("x.npy"), Path("y.npy"), options);
  }
  std::vector<float> TargetsOf(const Dataset& dataset) const {
    ExampleBatch batch;
    EXPECT_TRUE(
        batch.ReadTargets(*dataset.examples, AllIndices(dataset.size())).ok());
    return {batch.values().begin(), batch.values().end()};
  }
  void ExpectError(const std::string& error, const NpyOptions& options = {}) {
    EXPECT_THAT(Load(options),
                StatusIs(absl::StatusCode::kInvalidArgument, Path(error)));
  }

  const std::string folder_ = EmptyTempFolder("npy_test");
};

TEST_F(NpyTest, MapsFloatsAndBytes) {
  Write<int64_t>("y.npy", "<i8", "2,", {2, 0});
  Write<float>("x.npy", "<f4", "2, 3", {1, 2.5f, 3, 4, 5, -6});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset floats, Load());
  EXPECT_EQ(floats.example_shape(), Shape({3}));
  EXPECT_THAT(floats.Inputs()->span(), ElementsAre(1, 2.5f, 3, 4, 5, -6));
  EXPECT_THAT(*floats.Classes(), ElementsAre(2, 0));
  EXPECT_THAT(floats.target_names, ElementsAre("0", "1", "2"));
  // The inputs are in the file.
  EXPECT_EQ(floats.examples->bytes(), 2);

  Write<uint8_t>("x.npy", "|u1", "2, 1, 2, 1", {0, 1, 254, 255});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset bytes, Load());
  EXPECT_EQ(bytes.examples->type(), ElementType::kUint8);
  EXPECT_EQ(bytes.example_shape(), Shape({1, 2, 1}));
  EXPECT_THAT(bytes.Inputs()->span<uint8_t>(), ElementsAre(0, 1, 254, 255));
}

// Not before it is read: the file may be larger than memory.
TEST_F(NpyTest, AMappedInputThatIsNotFiniteIsAnErrorWhenItIsRead) {
  Write<int64_t>("y.npy", "<i8", "3,", {0, 1, 0});
  Write<float>("x.npy", "<f4", "3, 2",
               {1, 2, 3, std::numeric_limits<float>::quiet_NaN(), 5, 6});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  ExampleBatch batch;
  for (int i = 0; i < 2; ++i) {
    LENSLET_EXPECT_OK(batch.ReadInputs(*dataset.examples, {0, 2}));
    EXPECT_THAT(
        batch.ReadInputs(*dataset.examples, {2, 1}),
        StatusIs(absl::StatusCode::kInvalidArgument,
                 Path("x.npy: the input of example 1 is nan at position 1; "
                      "expected a finite number")));
  }
}

TEST_F(NpyTest, RoundsDoubles) {
  Write<double>("x.npy", "<f8", "1, 3", {0.1, 1e300, -1e300});
  Write<double>("y.npy", "<f8", "1", {0.3});
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kInvalidArgument,
                               Path("x.npy: the input of example 0 is inf at "
                                    "position 1; expected a finite number")));
  Write<double>("x.npy", "<f8", "1, 3", {0.1, 1e30, -1e30});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_THAT(dataset.Inputs()->span(), ElementsAre(0.1f, 1e30f, -1e30f));
  EXPECT_EQ(dataset.examples->target(),
            (TargetSpec{.kind = TargetKind::kValues, .shape = {1}}));
  EXPECT_THAT(TargetsOf(dataset), ElementsAre(0.3f));
}

TEST_F(NpyTest, ReadsAllVersionsAndUnalignedFloats) {
  Write<uint8_t>("y.npy", "|u1", "2,", {1, 0});
  const std::string numbers = NumberBytes<float>({1.5f, 2.5f});
  for (const int version : {1, 2, 3}) {
    Write("x.npy", NpyFileBytes(HeaderOf("<f4", "2, 1"), numbers, version));
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
    EXPECT_THAT(dataset.Inputs()->span(), ElementsAre(1.5f, 2.5f));
  }
  const std::string header = HeaderOf("<f4", "2, 1");
  for (const std::string blanks : {" ", "  ", "   "}) {
    std::string file = "\x93NUMPY\x01";
    file += '\0';
    file += static_cast<char>(header.size() + blanks.size());
    file += '\0';
    Write("x.npy", file + header + blanks + numbers);
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
    EXPECT_THAT(dataset.Inputs()->span(), ElementsAre(1.5f, 2.5f));
  }
}

TEST_F(NpyTest, ReadsTargetsOfAllKinds) {
  Write<uint8_t>("x.npy", "|u1", "2, 1", {1, 2});
  Write<uint8_t>("y.npy", "|b1", "2, 3", {1, 0, 1, 0, 0, 0});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset labels,
      Load({.kind = TargetKind::kLabels, .target_names = {"a", "b", "c"}}));
  EXPECT_THAT(TargetsOf(labels), ElementsAre(1, 0, 1, 0, 0, 0));
  EXPECT_THAT(labels.target_names, ElementsAre("a", "b", "c"));
  Write<int32_t>("y.npy", "<i4", "2", {-3, 4});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset values,
                               Load({.kind = TargetKind::kValues}));
  EXPECT_THAT(TargetsOf(values), ElementsAre(-3, 4));
  Write<int32_t>("y.npy", "<i4", "2, 1, 2", {0, 1, 2, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset map, Load());
  EXPECT_EQ(map.examples->target(),
            (TargetSpec{.kind = TargetKind::kClasses, .shape = {1, 2}}));
}

TEST_F(NpyTest, AColumnOfClassesIsOneForEachExample) {
  Write<uint8_t>("x.npy", "|u1", "3, 1", {1, 2, 3});
  Write<int64_t>("y.npy", "<i8", "3, 1", {2, 0, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_EQ(dataset.examples->target(), TargetSpec());
  EXPECT_THAT(*dataset.Classes(), ElementsAre(2, 0, 1));
}

TEST_F(NpyTest, TargetsAreIntegersOfAnyType) {
  Write<uint8_t>("x.npy", "|u1", "3, 1", {1, 2, 3});
  const auto expect = [&](const std::vector<std::string>& names,
                          const std::vector<int32_t>& classes) {
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
    EXPECT_EQ(dataset.target_names, names);
    EXPECT_THAT(*dataset.Classes(), ElementsAreArray(classes));
  };
  Write<int8_t>("y.npy", "|i1", "3", {1, -128, 1});
  expect({"-128", "1"}, {1, 0, 1});
  Write<int16_t>("y.npy", "<i2", "3", {-32768, 2, 2});
  expect({"-32768", "2"}, {0, 1, 1});
  Write<uint16_t>("y.npy", "<u2", "3", {65535, 2, 2});
  expect({"2", "65535"}, {1, 0, 0});
  Write<uint32_t>("y.npy", "<u4", "3", {4294967295, 2, 1});
  expect({"1", "2", "4294967295"}, {2, 1, 0});
  Write<uint64_t>("y.npy", "<u8", "3", {9223372036854775807, 2, 2});
  expect({"2", "9223372036854775807"}, {1, 0, 0});
  Write<uint64_t>("y.npy", "<u8", "3", {2, 9223372036854775808u, 2});
  ExpectError(
      "y.npy: the target of example 1 is 9223372036854775808; expected at "
      "most 9223372036854775807; of classes, save the numbers np.unique(y, "
      "return_inverse=True)[1]");
  Write<int16_t>("y.npy", "<i2", "3", {-300, 2, 2});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset values,
                               Load({.kind = TargetKind::kValues}));
  EXPECT_THAT(TargetsOf(values), ElementsAre(-300, 2, 2));
}

TEST_F(NpyTest, HasMoreThan256Classes) {
  Write<uint8_t>("x.npy", "|u1", "3, 1", {1, 2, 3});
  Write<int64_t>("y.npy", "<i8", "3", {0, 999, 256});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
  EXPECT_THAT(*dataset.Classes(), ElementsAre(0, 999, 256));
  EXPECT_EQ(dataset.target_names.size(), 1000);
}

// As in CSV files.
TEST_F(NpyTest, ClassesAreNamedByTheirNumbers) {
  Write<uint8_t>("x.npy", "|u1", "4, 1", {1, 2, 3, 4});
  const auto expect = [&](const std::vector<int64_t>& labels,
                          const std::vector<std::string>& names,
                          const std::vector<int32_t>& classes) {
    Write<int64_t>("y.npy", "<i8", "4", labels);
    LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset, Load());
    EXPECT_EQ(dataset.target_names, names);
    EXPECT_THAT(*dataset.Classes(), ElementsAreArray(classes));
  };
  expect({1, 1, 3, 0}, {"0", "1", "2", "3"}, {1, 1, 3, 0});
  expect({1, -1, -1, 1}, {"-1", "1"}, {1, 0, 0, 1});
  expect({20456, 10234, 7, 7}, {"7", "10234", "20456"}, {2, 1, 0, 0});
  // Of test examples, the names tell the class.
  Write<int64_t>("y.npy", "<i8", "4", {1, 1, 1, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const Dataset test,
      Load({.target_names = {"-1", "0", "1"}, .names_are_numbers = true}));
  EXPECT_THAT(*test.Classes(), ElementsAre(2, 2, 2, 2));
  ExpectError(
      "y.npy: the target of example 0 is 1; expected one of the 2 classes of "
      "the training examples: \"-1\", \"0\"",
      {.target_names = {"-1", "0"}, .names_are_numbers = true});
  Write<int64_t>("y.npy", "<i8", "4", {1, -1, 1, 1});
  ExpectError(
      "y.npy: the target of example 1 is -1; expected a class from 0 to 4095, "
      "an index of class_names; without these, any numbers are classes",
      {.target_names = {"no", "yes"}});
  std::vector<int64_t> many(4097);
  std::iota(many.begin(), many.end(), -1);
  Write<uint8_t>("x.npy", "|u1", "4097, 1", std::vector<uint8_t>(4097));
  Write<int64_t>("y.npy", "<i8", "4097", many);
  ExpectError(
      "y.npy: has more than 4096 different numbers; expected classes; if the "
      "numbers are values, save y.astype(\"float32\"), or set data.target { "
      "value {} }");
}

TEST_F(NpyTest, GivesInputsAnotherShape) {
  Write<uint8_t>("x.npy", "|u1", "2, 2, 3", std::vector<uint8_t>(12, 7));
  Write<int64_t>("y.npy", "<i8", "2", {0, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset dataset,
                               Load({.shape = Shape({2, 3, 1})}));
  EXPECT_EQ(dataset.example_shape(), Shape({2, 3, 1}));
  ExpectError(
      "x.npy: has an array of shape [2, 2, 3]; expected inputs of shape [4]",
      {.shape = Shape({4})});
}

TEST_F(NpyTest, IgnoresANumberOfMaps) {
  Write<uint8_t>("x.npy", "|u1", "2, 1", {1, 2});
  Write<int32_t>("y.npy", "<i4", "2, 1, 2", {0, 255, 2, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset map, Load({.ignored = 255}));
  EXPECT_THAT(map.target_names, ElementsAre("0", "1", "2"));
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*map.examples, {0, 1}));
  EXPECT_THAT(batch.classes(), ElementsAre(0, kIgnoredClass, 2, 1));
  Write<int32_t>("y.npy", "<i4", "2", {0, 255});
  ExpectError(
      "y.npy: a class is ignored; expected targets with a class at each "
      "position",
      {.ignored = 255});
}

TEST_F(NpyTest, RefusesTargetsThatDoNotFit) {
  Write<uint8_t>("x.npy", "|u1", "2, 1", {1, 2});
  Write<int32_t>("y.npy", "<i4", "3", {0, 1, 1});
  ExpectError(
      absl::StrCat("y.npy: has 3 targets; expected 2, one for each "
                   "input of ",
                   Path("x.npy")));
  Write<int64_t>("y.npy", "<i8", "2", {1, 2});
  ExpectError(
      "y.npy: the target of example 1 is 2; expected less than 2, the number "
      "of classes",
      {.target_names = {"a", "b"}});
  ExpectError(
      "y.npy: has int64 of shape [2]; expected integers or bool [examples, "
      "labels], for targets of several labels",
      {.kind = TargetKind::kLabels});
  Write<float>("y.npy", "<f4", "2", {1, 2});
  ExpectError(
      "y.npy: has float32 of shape [2]; expected integers, for targets of "
      "classes; save y.astype(\"int64\")",
      {.kind = TargetKind::kClasses});
  Write<float>("y.npy", "<f4", "2", {1, NAN});
  ExpectError(
      "y.npy: the target of example 1 is nan; expected a finite number");
}

// As Keras' to_categorical() and pandas' get_dummies() make them.
TEST_F(NpyTest, ReadsOneHotRowsAsClasses) {
  Write<float>("x.npy", "<f4", "4, 1", {1, 2, 3, 4});
  Write<float>("y.npy", "<f4", "4, 3", {0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset values, Load());
  EXPECT_EQ(values.examples->target().kind, TargetKind::kValues);
  EXPECT_TRUE(*AreOneHot(values));
  const NpyOptions one_hot = {.kind = TargetKind::kClasses, .one_hot = true};
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset classes, Load(one_hot));
  EXPECT_THAT(*classes.Classes(), ElementsAre(1, 0, 0, 1));
  // The last one has no examples.
  EXPECT_THAT(classes.target_names, ElementsAre("0", "1", "2"));
  EXPECT_FALSE(*AreOneHot(classes));

  Write<uint8_t>("y.npy", "|b1", "4, 2", {0, 1, 1, 0, 1, 0, 0, 1});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset from_bits, Load(one_hot));
  EXPECT_THAT(*from_bits.Classes(), ElementsAre(1, 0, 0, 1));
  // Not one-hot, if only nearly.
  Write<float>("y.npy", "<f4", "4, 2", {0, 1, 1, 0, 1, 1, 0, 1});
  EXPECT_FALSE(*AreOneHot(*Load()));
  ExpectError(
      "y.npy: the target of example 2 has a second 1 at position 1; expected a "
      "single 1, and 0",
      one_hot);
  Write<float>("y.npy", "<f4", "4, 2", {0, 1, 0.5f, 0.5f, 1, 0, 0, 1});
  EXPECT_FALSE(*AreOneHot(*Load()));
  ExpectError(
      "y.npy: the target of example 1 has 0.5 at position 0; expected a single "
      "1, and 0",
      one_hot);
  Write<float>("y.npy", "<f4", "4, 2", {0, 1, 0, 0, 1, 0, 0, 1});
  ExpectError(
      "y.npy: the target of example 1 is 0 everywhere; expected a single 1",
      one_hot);
  // Numbers of classes stay what they are.
  Write<int64_t>("y.npy", "<i8", "4,", {1, 0, 0, 2});
  LENSLET_ASSERT_OK_AND_ASSIGN(const Dataset numbers, Load(one_hot));
  EXPECT_THAT(*numbers.Classes(), ElementsAre(1, 0, 0, 2));
}

TEST_F(NpyTest, ARecipeIsToldOfOneHotRows) {
  Write<float>("x.npy", "<f4", "2, 1", {1, 2});
  Write<float>("y.npy", "<f4", "2, 3", {0, 1, 0, 1, 0, 0});
  const auto load =
      [&](const std::string& target) -> absl::StatusOr<LoadedData> {
    DataProto data;
    TextLocations locations;
    LENSLET_RETURN_IF_ERROR(ParseProtoText(
        "npy { train_inputs: 'x.npy' train_targets: 'y.npy' } " + target,
        "test", data, locations));
    return LoadData(data, AllDataSources(), {.folder = folder_});
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData values, load(""));
  EXPECT_THAT(values.warnings,
              ElementsAre("y.npy: each target has a single 1, and otherwise "
                          "0, and is learned as 3 values; if it stands for a "
                          "class, data.target { label {} } reads it as one"));
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData chosen,
                               load("target { value {} }"));
  EXPECT_THAT(chosen.warnings, IsEmpty());
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData classes,
                               load("target { label {} }"));
  EXPECT_THAT(classes.warnings, IsEmpty());
  EXPECT_THAT(*classes.train.Classes(), ElementsAre(1, 0));
  Write<int64_t>("y.npy", "<i8", "2, 3", {0, 1, 0, 1, 0, 0});
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData integers, load(""));
  EXPECT_THAT(integers.warnings,
              ElementsAre("y.npy: each target has a single 1, and otherwise "
                          "0, and is learned as a class at each of 3 "
                          "positions; if it stands for a class, data.target { "
                          "label {} } reads it as one"));
}

TEST_F(NpyTest, RefusesOtherFiles) {
  Write<uint8_t>("y.npy", "|u1", "2,", {1, 0});
  const auto expect = [&](const std::string& bytes, const std::string& error) {
    Write("x.npy", bytes);
    ExpectError("x.npy: " + error);
  };
  const auto expect_header = [&](const std::string& header,
                                 const std::string& error) {
    expect(NpyFileBytes(header, "12345678"), error);
  };
  expect("", "is not a NumPy file; expected one of np.save()");
  Write("x.npy", "PK\x03\x04");
  EXPECT_THAT(Load(), StatusIs(absl::StatusCode::kDataLoss,
                               Path("x.npy: is a damaged .npz file: it has no "
                                    "directory at its end")));
  expect("\x93NUMPY", "ends within its header");
  expect("\x93NUMPY\x04...",
         "has version 4 of NumPy's format; expected 1, 2 "
         "or 3");
  const std::string good = NpyFileBytes(HeaderOf("<f4", "2, 1"), "12345678");
  for (const size_t size : {7, 8, 9, 10, 127}) {
    expect(good.substr(0, size), "ends within its header");
  }
  expect(good.substr(0, 131),
         "has 3 bytes after its header; expected 8, for float32 of shape [2, "
         "1]");
  expect(good + "x",
         "has 9 bytes after its header; expected 8, for float32 of shape [2, "
         "1]");
  expect_header(HeaderOf(">f4", "2, 1"),
                "has numbers of type \">f4\"; expected integers, float32, "
                "float64 or bool, little-endian; convert them with "
                "astype(\"<f4\")");
  expect_header(HeaderOf(">i4", "2, 1"),
                "has numbers of type \">i4\"; expected integers, float32, "
                "float64 or bool, little-endian; convert them with "
                "astype(\"<i8\")");
  expect_header(HeaderOf("<i2", "2, 2"),
                "has inputs of type int16; expected uint8, float32 or float64; "
                "convert them with astype(\"float32\")");
  expect_header(HeaderOf("<i8", "1, 1"),
                "has inputs of type int64; expected uint8, float32 or float64; "
                "convert them with astype(\"float32\")");
  expect_header(
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}",
      "has records of several fields; expected an array of numbers");
  expect_header("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1)}",
                "has an array in Fortran order; expected C order; convert it "
                "with np.ascontiguousarray()");
  expect_header(HeaderOf("<f4", "2,"),
                "has an array of shape [2]; expected inputs [examples, ...], "
                "and at least one number");
  expect_header(
      HeaderOf("|u1", "9999999999, 9999999999"),
      Shape::Create({9999999999, 9999999999}).status().message().data());
  expect_header(HeaderOf("<f8", "1152921504606846976, 2"),
                "has 8 bytes after its header; expected 9223372036854775807, "
                "for float64 of shape [1152921504606846976, 2]");
}

TEST_F(NpyTest, ExecutesNothing) {
  Write<uint8_t>("y.npy", "|u1", "2,", {1, 0});
  for (const std::string header :
       {"__import__('os').system('true')", "{'descr': open('a')}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 * 1, 1)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1)} + {}",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), 'a': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'shape': (2, 1)}",
        "{'descr': '<f4', 'fortran_order': 1, 'shape': (2, 1)}", "{", "{'",
        "{'shape': (99999999999999999999,)}", "{'shape': (1,1,1,1,1,1,1)}"}) {
    Write("x.npy", NpyFileBytes(header, "12345678"));
    const absl::StatusOr<Dataset> dataset = Load();
    ASSERT_FALSE(dataset.ok()) << header;
    EXPECT_THAT(std::string(dataset.status().message()),
                ::testing::StartsWith(Path("x.npy: its header is \"")));
  }
}

TEST_F(NpyTest, IsADataSource) {
  Write<float>("x.npy", "<f4", "2, 1", {1, 3});
  Write<int64_t>("y.npy", "<i8", "2", {1, 0});
  Write<float>("xt.npy", "<f4", "1, 1", {7});
  Write<int64_t>("yt.npy", "<i8", "1", {0});
  const auto load = [&](const std::string& text) -> absl::StatusOr<LoadedData> {
    DataProto data;
    TextLocations locations;
    LENSLET_RETURN_IF_ERROR(ParseProtoText(text, "test", data, locations));
    return LoadData(data, AllDataSources(), {.folder = folder_});
  };
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData data,
      load("npy { train_inputs: 'x.npy' train_targets: 'y.npy' "
           "test_inputs: 'xt.npy' test_targets: 'yt.npy' "
           "class_names: ['a', 'b'] } normalization {}"));
  EXPECT_THAT(data.train.normalization.mean, ElementsAre(2));
  EXPECT_THAT(data.test.target_names, ElementsAre("a", "b"));
  EXPECT_THAT(*data.test.Classes(), ElementsAre(0));
  // Without names, the numbers say which classes test examples have.
  Write<int64_t>("y.npy", "<i8", "2", {1, -1});
  Write<int64_t>("yt.npy", "<i8", "1", {1});
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData numbers,
      load("npy { train_inputs: 'x.npy' train_targets: 'y.npy' "
           "test_inputs: 'xt.npy' test_targets: 'yt.npy' }"));
  EXPECT_THAT(numbers.test.target_names, ElementsAre("-1", "1"));
  EXPECT_THAT(*numbers.test.Classes(), ElementsAre(1));
  LENSLET_ASSERT_OK_AND_ASSIGN(
      const LoadedData same,
      load("npy { train_inputs: 'x.npy' } target { input {} }"));
  EXPECT_THAT(TargetsOf(same.train), ElementsAre(1, 3));
  EXPECT_THAT(same.train.target_names, IsEmpty());
  EXPECT_THAT(load("npy { train_inputs: 'x.npy' }"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "data.npy.train_targets is required"));
  EXPECT_THAT(load("npy { train_inputs: 'x.npy' train_targets: 'y.npy' } "
                   "target { value { columns: 'a' } }"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "data.target names columns, which data.npy has not; "
                       "expected the targets in data.npy.train_targets"));
}

}  // namespace
}  // namespace lenslet
