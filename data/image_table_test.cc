#include "lenslet/data/image_table.h"

#include <cstdint>
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/proto_text.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/all_sources.h"
#include "lenslet/data/data.pb.h"
#include "lenslet/data/dataset_digest.h"

namespace lenslet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::StartsWith;

class ImageTableTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) const {
    LENSLET_ASSERT_OK(WriteFileAtomically(folder_ + "/" + name, text));
  }
  absl::StatusOr<LoadedData> Load(const std::string& target,
                                  const std::string& more = "") const {
    DataProto data;
    TextLocations locations;
    LENSLET_RETURN_IF_ERROR(ParseProtoText(
        "image_table { train_file: 'train.csv' test_file: 'test.csv' "
        "image_column: 'file' directory: '.' shape: [1, 2, 1] " +
            more + "} " + target,
        "test", data, locations));
    return LoadData(data, AllDataSources(), {.folder = folder_});
  }

  const std::string folder_ = EmptyTempFolder("image_table_test");
};

TEST_F(ImageTableTest, LoadsImagesAndTheirTargets) {
  Write("a.pgm", "P5 2 1 255\n\x07\x08");
  Write("b.pgm", "P5 2 1 255\n\x09\xff");
  Write("train.csv", "age,file,tags,note\n34.5,b.pgm,x;y,\n2,a.pgm,,z\n");
  Write("test.csv", "age,file,tags,note\n1,a.pgm,y,\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData values,
                               Load("target { value { columns: 'age' } }"));
  EXPECT_EQ(values.train.example_shape(), Shape({1, 2, 1}));
  EXPECT_THAT(values.train.Inputs()->span<uint8_t>(),
              ElementsAre(9, 255, 7, 8));
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*values.train.examples, {0, 1}));
  EXPECT_THAT(batch.values(), ElementsAre(34.5f, 2));
  EXPECT_THAT(values.train.target_names, ElementsAre("age"));

  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData labels,
                               Load("target { classes { column: 'tags' } }"));
  EXPECT_THAT(labels.test.target_names, ElementsAre("x", "y"));
  LENSLET_ASSERT_OK(batch.ReadTargets(*labels.test.examples, {0}));
  EXPECT_THAT(batch.values(), ElementsAre(0, 1));
}

TEST_F(ImageTableTest, WarnsOfLabelsFromOneAndMissingOnes) {
  Write("a.pgm", "P5 2 1 255\n\x07\x08");
  Write("test.csv", "age,file\n1,a.pgm\n");
  Write("train.csv", "age,file\n1,a.pgm\n2,a.pgm\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData counted,
                               Load("target { label { column: 'age' } }"));
  EXPECT_THAT(counted.warnings,
              Contains(StartsWith("train.csv: no training example has label 0, "
                                  "which is a class, too; if labels count from "
                                  "1, subtract 1")));
  Write("test.csv", "age,file\nold,a.pgm\n");
  Write("train.csv", "age,file\nold,a.pgm\nnan,a.pgm\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData missing,
                               Load("target { label { column: 'age' } }"));
  EXPECT_THAT(missing.warnings,
              Contains(StartsWith("train.csv: \"nan\" is a class or label")));
}

// As pandas users write them.
TEST_F(ImageTableTest, TakesAbsoluteNames) {
  const std::string folder = std::filesystem::absolute(folder_);
  Write("a.pgm", "P5 2 1 255\n\x07\x08");
  Write("train.csv", "age,file\n34.5," + folder + "/a.pgm\n2,a.pgm\n");
  Write("test.csv", "age,file\n1,a.pgm\n");
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded,
                               Load("target { value { columns: 'age' } }"));
  EXPECT_THAT(loaded.train.Inputs()->span<uint8_t>(), ElementsAre(7, 8, 7, 8));
}

TEST_F(ImageTableTest, ReadsImagesAhead) {
  Write("a.pgm", "P5 2 1 255\n\x07\x08");
  Write("b.pgm", "P5 2 1 255\n\x09\xff");
  Write("train.csv", "age,file\n34.5,b.pgm\n2,a.pgm\n");
  Write("test.csv", "age,file\n1,a.pgm\n");
  const std::string target = "target { value { columns: 'age' } }";
  LENSLET_ASSERT_OK_AND_ASSIGN(const LoadedData loaded,
                               Load(target, "read_ahead { mebibytes: 1 }"));
  EXPECT_FALSE(loaded.train.examples->keeps_inputs());
  loaded.train.examples->WillRead({1, 0});
  EXPECT_THAT(loaded.train.Inputs()->span<uint8_t>(),
              ElementsAre(9, 255, 7, 8));
  ExampleBatch batch;
  LENSLET_ASSERT_OK(batch.ReadTargets(*loaded.train.examples, {1, 0}));
  EXPECT_THAT(batch.values(), ElementsAre(2, 34.5f));
  EXPECT_EQ(loaded.test.size(), 1);
  const std::string digest = *DigestOf(loaded.train);
  Write("train.csv", "age,file\n34.5,b.pgm\n3,a.pgm\n");
  EXPECT_NE(*DigestOf(Load(target, "read_ahead {}")->train), digest);
  Write("train.csv", "age,file\n34.5,b.pgm\n2,a.pgm\n");
  EXPECT_EQ(*DigestOf(Load(target, "read_ahead {}")->train), digest);
  Write("a.pgm", "P5 2 1 255\n\x07\x09");
  EXPECT_NE(*DigestOf(Load(target, "read_ahead {}")->train), digest);
}

TEST_F(ImageTableTest, NamesWhatIsWrong) {
  EXPECT_THAT(Load(""), StatusIs(absl::StatusCode::kInvalidArgument,
                                 "data.target is required"));
  Write("train.csv", "age,file\n1,none.pgm\n");
  const std::string target = "target { value { columns: 'age' } }";
  EXPECT_EQ(Load(target).status().code(), absl::StatusCode::kNotFound);
  Write("train.csv", "age,image\n1,none.pgm\n");
  EXPECT_THAT(Load(target),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       folder_ + "/train.csv: has no column \"file\", which is "
                                 "in image_column; expected one of "
                                 "\"age\", \"image\""));
  Write("train.csv", "age,file\n1,\n");
  EXPECT_THAT(Load(target),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       folder_ + "/train.csv:2: column 2 (\"file\") is \"\"; "
                                 "expected a file's name"));
}

}  // namespace
}  // namespace lenslet
