// tools/train_lenet and "lenslet predict", as a user runs them.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/tests/run_program.h"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr int kFailure = 1;
constexpr int kUsage = 2;

// A data set of 100 images of Fashion-MNIST's size, and a folder for results.
class TrainLenetTest : public ::testing::Test {
 protected:
  TrainLenetTest()
      : data_(EmptyTempFolder("data")), folder_(EmptyTempFolder("results")) {
    EXPECT_THAT(WriteSmallMnist(data_, {.height = 28, .width = 28}), IsOk());
  }

  ProgramResult Train(std::vector<std::string> arguments,
                      const std::string& prefix = "") {
    arguments.push_back("--data_dir=" + data_);
    return RunProgram("tools/train_lenet", arguments, prefix);
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  // One line to stderr, and nothing of a run on stdout.
  static void ExpectOneLine(const ProgramResult& result, int exit_code,
                            const std::string& message) {
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_THAT(result.err,
                AllOf(StartsWith("train_lenet: "), HasSubstr(message)));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1)
        << result.err;
    EXPECT_THAT(result.out, Not(HasSubstr("epoch")));
  }

  const std::string data_;
  const std::string folder_;
};

// A rate by which ReLUs hide from the loss what is not finite.
TEST_F(TrainLenetTest, ARateThatIsMuchTooLargeEndsInTheStep) {
  const ProgramResult result =
      Train({"--model=residual", "--learning_rate=1000", "--epochs=20",
             "--output=" + Path("model.ckpt")});
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_THAT(
      result.err,
      AllOf(StartsWith("train_lenet: "), ContainsRegex("\"[a-z0-9_.]+\""),
            HasSubstr("training has diverged; a smaller learning rate "
                      "than 1000 may help")));
}

TEST_F(TrainLenetTest, PrintsTheNetworkTheEpochsAndTheBooksTwoLines) {
  const ProgramResult result =
      Train({"--epochs=2", "--batch_size=48", "--threads=2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(
      result.out,
      StartsWith(
          "layer     type       output        parameters  multiply-adds  "
          "kernel\n"
          "image     input      28 x 28 x 1\n"
          "conv1     Conv2d     28 x 28 x 6          156        117,600  "
          "lanes\n"
          "sigmoid1  Sigmoid    28 x 28 x 6            0              0  "
          "lanes\n"
          "pool1     AvgPool2d  14 x 14 x 6            0              0  "
          "lanes\n"
          "conv2     Conv2d     10 x 10 x 16       2,416        240,000  "
          "lanes\n"));
  EXPECT_THAT(
      result.out,
      ContainsRegex("\ntotal +61,706 +416,520\n"
                    "\n100 training and 100 test images: IDX files in[ "
                    "\n]+[^\n]*;[ \n]+tested on [a-z, ]+\n10 classes of "
                    "10 training images\n\n"));
  EXPECT_THAT(result.out,
              ContainsRegex("\nepoch 1/2  train loss [0-9.]+  train acc "
                            "[0-9.]+  test acc [0-9.]+  [0-9.]+ s\n"
                            "epoch 2/2  train loss "));
  EXPECT_THAT(result.out,
              ContainsRegex("\nloss [0-9]+[.][0-9][0-9][0-9], train acc "
                            "[01][.][0-9][0-9][0-9], test acc "
                            "[01][.][0-9][0-9][0-9]\n"
                            "[0-9]+[.][0-9] examples/sec on 2 threads "
                            "\\(lanes\\)\n$"));
}

TEST_F(TrainLenetTest, TheNumberOfThreadsDoesNotChangeTheCheckpoint) {
  for (const char* threads : {"1", "2", "3"}) {
    const ProgramResult result = Train(
        {"--epochs=2", "--batch_size=60", absl::StrCat("--threads=", threads),
         absl::StrCat("--output=", Path(threads))});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, EndsWith("saved " + Path(threads) + "\n"));
  }
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string one, ReadFile(Path("1")));
  EXPECT_GT(one.size(), 61706 * 4);
  EXPECT_TRUE(one == *ReadFile(Path("2")));
  EXPECT_TRUE(one == *ReadFile(Path("3")));
  ASSERT_EQ(Train({"--epochs=2", "--batch_size=60", "--seed=1",
                   "--output=" + Path("other")})
                .exit_code,
            0);
  EXPECT_FALSE(one == *ReadFile(Path("other")));
}

TEST_F(TrainLenetTest, TrainsAModelFileOnTheReferenceBackend) {
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("small.textproto"),
      "input { name: 'image' shape: [28, 28, 1] }\n"
      "layer { name: 'pool' avg_pool2d { kernel: 4 } }\n"
      "layer { name: 'flatten' flatten {} }\n"
      "layer { name: 'linear' linear { output_features: 10 } }\n"));
  const ProgramResult result =
      Train({"--model=" + Path("small.textproto"), "--backend=reference",
             "--epochs=1", "--threads=1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("examples/sec on 1 thread (reference)"));
  EXPECT_THAT(result.out, ContainsRegex("pool +AvgPool2d +7 x 7 x 1 .*"
                                        "reference"));
}

TEST_F(TrainLenetTest, HelpExplainsEachFlag) {
  const ProgramResult result = Train({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* flag :
       {"--model", "--data_dir", "--backend", "--epochs", "--batch_size",
        "--learning_rate", "--seed", "--threads", "--output"}) {
    EXPECT_THAT(result.out, HasSubstr(flag));
  }
}

TEST_F(TrainLenetTest, AWrongFlagIsOneLineAndExitCode2) {
  ExpectOneLine(Train({"--epoch=3"}), kUsage,
                "unknown flag --epoch; did you mean \"--epochs\"?");
  ExpectOneLine(Train({"--epochs=0"}), kUsage,
                "--epochs is 0; expected a number of at least 1");
  ExpectOneLine(Train({"--epochs=ten"}), kUsage,
                "--epochs is \"ten\"; expected a whole number");
  ExpectOneLine(Train({"--epochs=99999999999999999999"}), kUsage, "--epochs");
  ExpectOneLine(Train({"--batch_size=-4"}), kUsage,
                "--batch_size is -4; expected a number of at least 1");
  ExpectOneLine(Train({"--learning_rate=0"}), kUsage,
                "--learning_rate is 0; expected a finite number above 0");
  ExpectOneLine(Train({"--learning_rate=nan"}), kUsage, "--learning_rate");
  ExpectOneLine(Train({"--threads=5000"}), kUsage,
                "--threads is 5000; expected a number of at most 1024");
  ExpectOneLine(Train({"--seed=-1"}), kUsage,
                "--seed is -1; expected a number of at least 0");
  ExpectOneLine(Train({"--set=learning_rate=-1"}), kUsage,
                "--set: learning_rate is -1; expected a positive number");
  ExpectOneLine(Train({"--set=learning_rate=0"}), kUsage,
                "--set: learning_rate is 0; expected a positive number");
  ExpectOneLine(Train({"--backend=direct"}), kUsage,
                "--backend is \"direct\", which cannot train; expected lanes, "
                "xnnpack or reference");
  ExpectOneLine(Train({"--backend=cuda"}), kUsage,
                "--backend: unknown backend \"cuda\"; expected one of: "
                "reference, xnnpack");
  ExpectOneLine(Train({"stray"}), kUsage, "stray");
}

TEST_F(TrainLenetTest, AWrongModelIsOneLineAndExitCode1) {
  ExpectOneLine(Train({"--model=lenett"}), kFailure, "did you mean \"lenet\"?");
  ExpectOneLine(Train({"--model=" + Path("none.textproto")}), kFailure,
                Path("none.textproto") + ": No such file");
  LENSLET_ASSERT_OK(
      WriteFileAtomically(Path("bad.textproto"),
                          "input { name: 'image' shape: [28, 28, 1] }\n"
                          "layer {\n"
                          "  name: 'conv1'\n"
                          "  conv2 { output_channels: 6 kernel: 5 }\n"
                          "}\n"));
  ExpectOneLine(Train({"--model=" + Path("bad.textproto")}), kFailure,
                Path("bad.textproto") +
                    ":4:3: layer has no field or kind \"conv2\"; did you mean "
                    "\"conv2d\"?");
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("huge.textproto"),
      "input { name: 'image' shape: [28, 28, 1] }\n"
      "layer { name: 'flatten' flatten {} }\n"
      "layer { name: 'a' linear { output_features: 2147483647 } }\n"
      "layer { name: 'b' linear { output_features: 10 } }\n"));
  ExpectOneLine(Train({"--model=" + Path("huge.textproto")}), kFailure,
                "not enough memory");
}

TEST_F(TrainLenetTest, WrongDataIsOneLineAndExitCode1) {
  const std::string images = data_ + "/train-images-idx3-ubyte";
  const std::string labels = data_ + "/train-labels-idx1-ubyte";
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string good_images, ReadFile(images));
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string good_labels, ReadFile(labels));

  LENSLET_ASSERT_OK(WriteFileAtomically(
      images, good_images.substr(0, good_images.size() - 1)));
  ExpectOneLine(Train({}), kFailure, images);
  LENSLET_ASSERT_OK(WriteFileAtomically(images, good_labels));
  ExpectOneLine(Train({}), kFailure, images);
  LENSLET_ASSERT_OK(WriteFileAtomically(images, good_images));
  std::string wrong_label = good_labels;
  wrong_label[8] = 77;
  LENSLET_ASSERT_OK(WriteFileAtomically(labels, wrong_label));
  ExpectOneLine(Train({}), kFailure, "77");
  std::filesystem::remove(labels);
  ExpectOneLine(Train({}), kFailure, "apt-get install dataset-fashion-mnist");
}

// Before the training, not after it.
TEST_F(TrainLenetTest, AnOutputThatCannotBeWrittenIsReportedAtOnce) {
  ExpectOneLine(Train({"--output=" + Path("none/model.ckpt")}), kFailure,
                Path("none/model.ckpt"));
  ExpectOneLine(Train({"--output=" + folder_}), kFailure,
                "already exists and is not a regular file");
  ExpectOneLine(Train({"--output=/proc/model.ckpt"}), kFailure,
                "/proc/model.ckpt");
  if (geteuid() != 0) {  // Root may write anywhere.
    ASSERT_EQ(chmod(folder_.c_str(), 0555), 0);
    ExpectOneLine(Train({"--output=" + Path("model.ckpt")}), kFailure,
                  "Permission denied");
    ASSERT_EQ(chmod(folder_.c_str(), 0755), 0);
  }
}

TEST_F(TrainLenetTest, AFullDiskLeavesTheOldCheckpoint) {
  const std::string output = "--output=" + Path("model.ckpt");
  ASSERT_EQ(Train({"--epochs=1", output}).exit_code, 0);
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string before,
                               ReadFile(Path("model.ckpt")));
  // A limit on the size of files, 8 blocks of 512 bytes, stands in for a full
  // disk.
  const ProgramResult result =
      Train({"--epochs=1", "--seed=5", output}, "trap '' XFSZ; ulimit -f 8;");
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_THAT(result.err, AllOf(StartsWith("train_lenet: "),
                                HasSubstr(Path("model.ckpt"))));
  EXPECT_TRUE(before == *ReadFile(Path("model.ckpt")));
  // Nothing is left behind beside it.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_),
                          std::filesystem::directory_iterator()),
            1);
}

class PredictTest : public TrainLenetTest {
 protected:
  // A model that has learned the small data set.
  void TrainModel() {
    ASSERT_EQ(Train({"--model=mlp", "--epochs=40", "--batch_size=20",
                     "--learning_rate=0.1", "--output=" + Path("model.ckpt")})
                  .exit_code,
              0);
  }

  ProgramResult Predict(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), Path("model.ckpt"));
    return RunLenslet("predict", arguments);
  }
};

TEST_F(PredictTest, ShowsImagesWithTheirThreeBestClasses) {
  TrainModel();
  const ProgramResult result =
      Predict({"--data_dir=" + data_, "--index=13", "--count=20"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("test image 13: class 3 (correct)\n"));
  EXPECT_THAT(result.out, EndsWith("20 of 20 correct\ncomputed by direct\n"));
  EXPECT_THAT(result.out, ContainsRegex("[^ ]\n +[0-9.]+ %  class 3\n"
                                        " +[0-9.]+ %  class [0-9]\n"
                                        " +[0-9.]+ %  class [0-9]\n\n"));
}

TEST_F(PredictTest, ClassifiesFilesOfAnySize) {
  TrainModel();
  // Image 4 of the test set, as a PGM; and one of another size.
  LENSLET_ASSERT_OK_AND_ASSIGN(const std::string images,
                               ReadFile(data_ + "/t10k-images-idx3-ubyte"));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("four.pgm"),
      absl::StrCat("P5\n28 28\n255\n", images.substr(16 + 4 * 784, 784))));
  LENSLET_ASSERT_OK(WriteFileAtomically(
      Path("small.pgm"),
      absl::StrCat("P5\n4 2\n255\n", std::string(8, '\x7f'))));
  const ProgramResult result = Predict({Path("four.pgm"), Path("small.pgm")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith(Path("four.pgm") + "\n"));
  EXPECT_THAT(result.out, ContainsRegex("[^ ]\n +[0-9.]+ %  class 4\n"));
  EXPECT_THAT(result.out,
              HasSubstr(Path("small.pgm") + ", resized from 4 x 2\n"));
}

TEST_F(PredictTest, SaysWhatIsWrong) {
  EXPECT_EQ(RunLenslet("predict", {}).exit_code, kUsage);
  EXPECT_THAT(
      RunLenslet("predict", {}).err,
      "lenslet predict: expected a checkpoint, an ONNX model or a run's "
      "folder, and images after it if they are yours (--help lists the "
      "flags)\n");
  const ProgramResult missing = Predict({});
  EXPECT_EQ(missing.exit_code, kFailure);
  EXPECT_THAT(missing.err, HasSubstr(Path("model.ckpt")));
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("model.ckpt"), "no checkpoint"));
  EXPECT_THAT(Predict({}).err, HasSubstr("is not a checkpoint"));
  TrainModel();
  EXPECT_THAT(Predict({"--data_dir=" + data_, "--index=99", "--count=2"}).err,
              "lenslet predict: --index is 99 and --count is 2; expected a sum "
              "of at most 100, "
              "the number of test images\n");
  LENSLET_ASSERT_OK(WriteFileAtomically(Path("broken.png"), "\x89PNG\r\n"));
  const ProgramResult broken = Predict({Path("broken.png")});
  EXPECT_EQ(broken.exit_code, kFailure);
  EXPECT_THAT(broken.err, HasSubstr(Path("broken.png")));
}

}  // namespace
}  // namespace lenslet
