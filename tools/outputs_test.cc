#include "lenslet/tools/outputs.h"

#include <filesystem>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/predict/checkpoint.h"

namespace lenslet {
namespace {

using ::testing::HasSubstr;

class OutputsTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  void Write(const std::string& name, const std::string& text) {
    LENSLET_ASSERT_OK(WriteFileAtomically(Path(name), text));
  }

  absl::Status Check(const std::string& output, OutputKind kind,
                     const std::string& input) {
    return CheckOutput("--output", output, kind, {input});
  }

  static auto Refuses(const std::string& message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message));
  }

  const std::string folder_ = EmptyTempFolder("outputs_test");
};

TEST_F(OutputsTest, PassesNewFilesAndEarlierResults) {
  Write("data.csv", "1,2\n");
  Write("old.json", "{\"accuracy\": 1}\n");
  LENSLET_EXPECT_OK(Check("", OutputKind::kOther, Path("data.csv")));
  LENSLET_EXPECT_OK(Check("-", OutputKind::kOther, Path("data.csv")));
  LENSLET_EXPECT_OK(
      Check(Path("new.json"), OutputKind::kOther, Path("data.csv")));
  LENSLET_EXPECT_OK(
      Check(Path("old.json"), OutputKind::kOther, Path("data.csv")));
}

TEST_F(OutputsTest, RefusesAnInputByAnyName) {
  Write("data.csv", "1,2\n");
  std::filesystem::create_symlink(Path("data.csv"), Path("link.csv"));
  std::filesystem::create_hard_link(Path("data.csv"), Path("hard_link.csv"));
  for (const char* name : {"data.csv", "./data.csv", "../outputs_test/data.csv",
                           "link.csv", "hard_link.csv"}) {
    EXPECT_THAT(Check(Path(name), OutputKind::kOther, Path("data.csv")),
                Refuses("--output is " + Path(name) +
                        ", which the command reads; expected another file"))
        << name;
  }
}

TEST_F(OutputsTest, RefusesWhatARunKeepsInItsFolder) {
  const std::string run = Path("run");
  for (const char* name : {"recipe.textproto", "latest.ckpt", "best.ckpt",
                           "step-000000012.ckpt", "metrics.jsonl"}) {
    // Whether the folder and the file exist or not.
    EXPECT_THAT(Check(run + "/" + name, OutputKind::kCheckpoint, run),
                Refuses("which a run keeps there"))
        << name;
    EXPECT_THAT(Check(run + "/" + name, OutputKind::kCheckpoint, run + "/"),
                Refuses("which a run keeps there"))
        << name;
  }
  LENSLET_EXPECT_OK(Check(run + "/report.html", OutputKind::kOther, run));
  LENSLET_EXPECT_OK(Check(run + "/mine.ckpt", OutputKind::kCheckpoint, run));
}

TEST_F(OutputsTest, RefusesWhatAnotherRunKeeps) {
  std::filesystem::create_directory(Path("run"));
  Write("run/metrics.jsonl", "");
  Write("run/metrics.csv", "step,epoch\n");
  EXPECT_THAT(Check(Path("run/metrics.csv"), OutputKind::kOther, ""),
              Refuses("which a run keeps there"));
  LENSLET_EXPECT_OK(Check(Path("metrics.csv"), OutputKind::kOther, ""));
}

TEST_F(OutputsTest, ReplacesOnlyTextsThatTheCommandWrote) {
  Write("empty", "");
  Write("note", "dear diary");
  Write("model", "input { name: 'x' shape: 8 }");
  Write("imported", absl::StrCat(kImportedModel, "\ninput { name: 'x' }"));
  Write("scores.json", "{\"accuracy\": 1}\n");
  Write("certificate", "{\n  \"lenslet_version\": \"1\"\n}\n");
  for (const auto& [kind, own, reason] :
       {std::tuple(OutputKind::kModel, "imported",
                   ", which lenslet import did not write;"),
        {OutputKind::kCertificate, "certificate",
         ", which is no certificate;"}}) {
    for (const char* name : {"note", "scores.json"}) {
      EXPECT_THAT(Check(Path(name), kind, ""), Refuses(reason)) << name;
    }
    LENSLET_EXPECT_OK(Check(Path("empty"), kind, ""));
    LENSLET_EXPECT_OK(Check(Path(own), kind, ""));
  }
  EXPECT_THAT(Check(Path("model"), OutputKind::kModel, ""),
              Refuses(", which lenslet import did not write;"));
  EXPECT_THAT(Check(Path("model"), OutputKind::kCertificate, ""),
              Refuses(", a model;"));
}

TEST_F(OutputsTest, ReplacesOnlyItsOwnKind) {
  Write("model", "input { name: 'x' shape: 8 }");
  Write("recipe", "model: 'lenet' epochs: 2");
  Write("image", "P5 1 1 255\nx");
  LENSLET_ASSERT_OK(SaveCheckpoint(Path("checkpoint"), {}));
  const auto check = [&](const char* name, OutputKind kind) {
    return Check(Path(name), kind, "");
  };
  EXPECT_THAT(check("model", OutputKind::kOther), Refuses(", a model;"));
  EXPECT_THAT(check("recipe", OutputKind::kCheckpoint), Refuses(", a recipe;"));
  EXPECT_THAT(check("image", OutputKind::kOther), Refuses(", an image;"));
  EXPECT_THAT(check("image", OutputKind::kCheckpoint), Refuses(", an image;"));
  LENSLET_EXPECT_OK(check("image", OutputKind::kImage));
  EXPECT_THAT(check("checkpoint", OutputKind::kOther),
              Refuses(", a checkpoint;"));
  LENSLET_EXPECT_OK(check("checkpoint", OutputKind::kCheckpoint));
  Write("text", "a letter");
  EXPECT_THAT(check("text", OutputKind::kCheckpoint),
              Refuses(", which is no checkpoint;"));
  Write("labels-idx1-ubyte", std::string("\0\0\x08\x01", 4));
  Write("labels.gz", "\x1f\x8b");
  for (const char* data : {"labels-idx1-ubyte", "labels.gz"}) {
    EXPECT_THAT(check(data, OutputKind::kOther),
                Refuses(", which is no text;"));
  }
  Write("onnx", "\x08\x08\x12");
  LENSLET_EXPECT_OK(check("onnx", OutputKind::kOnnx));
  EXPECT_THAT(check("onnx", OutputKind::kCheckpoint),
              Refuses(", an ONNX model;"));
  Write("text.onnx", "a letter");
  EXPECT_THAT(check("text.onnx", OutputKind::kOnnx),
              Refuses(", which is no ONNX model;"));
  // As a failed write may leave it.
  Write("empty", "");
  Write("empty.onnx", "");
  LENSLET_EXPECT_OK(check("empty.onnx", OutputKind::kOnnx));
  LENSLET_EXPECT_OK(check("empty", OutputKind::kCheckpoint));
}

}  // namespace
}  // namespace lenslet
