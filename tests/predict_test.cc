// lenslet predict, as a user or another program runs it.

#include <sys/stat.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_matchers.h"
#include "lenslet/base/temp_folder.h"
#include "lenslet/data/testing/idx_bytes.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"
#include "lenslet/predict/checkpoint.h"
#include "lenslet/tests/run_program.h"
#include "lenslet/tests/small_run.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;
using Json = nlohmann::json;

constexpr int kFailure = 1;
constexpr int kUsage = 2;

// A model of images of 1 x 4 pixels: the brightest one's place is the class.
class PredictTest : public ::testing::Test {
 protected:
  PredictTest() {
    CheckpointProto checkpoint;
    *checkpoint.mutable_model() =
        ParseModelText(
            "input { name: 'image' shape: [1, 4, 1] }\n"
            "layer { name: 'flatten' flatten {} }\n"
            "layer { name: 'linear' linear { output_features: 4 } }\n",
            "test.textproto")
            ->model;
    const Graph graph = *BuildGraph(checkpoint.model());
    Parameters parameters = *Parameters::Create(graph);
    for (int64_t i = 0; i < 4; ++i) parameters.view(0).at({i, i}) = 8;
    CopyParameters(parameters, checkpoint);
    for (const char* name : {"first", "second", "third", "caf\u00e9"}) {
      checkpoint.add_class_name(name);
    }
    EXPECT_THAT(SaveCheckpoint(Path("model.ckpt"), checkpoint), IsOk());
    for (int i = 0; i < 4; ++i) {
      std::string pixels(4, '\0');
      pixels[i] = '\xff';
      EXPECT_THAT(WriteFileAtomically(Path(absl::StrCat(i, ".pgm")),
                                      "P5 4 1 255\n" + pixels),
                  IsOk());
    }
    EXPECT_THAT(WriteFileAtomically(Path("broken.png"), "\x89PNG\r\n"), IsOk());
  }

  ProgramResult Predict(std::vector<std::string> arguments,
                        const std::string& input = "/dev/null") {
    arguments.insert(arguments.begin(), Path("model.ckpt"));
    return RunLenslet("predict", arguments, /*prefix=*/"", input);
  }

  // A file to read paths from.
  std::string Input(const std::string& text) {
    EXPECT_THAT(WriteFileAtomically(Path("input"), text), IsOk());
    return Path("input");
  }

  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  // The JSON object of each line.
  static std::vector<Json> Lines(const std::string& text) {
    EXPECT_THAT(text, EndsWith("\n"));
    std::vector<Json> lines;
    for (const auto line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      lines.push_back(Json::parse(line, nullptr, /*allow_exceptions=*/false));
      EXPECT_TRUE(lines.back().is_object()) << line;
    }
    return lines;
  }

  const std::string folder_ = EmptyTempFolder("predict_test");
};

// Three scores of 0 and one of 8.
TEST_F(PredictTest, AnswersInJsonLines) {
  const ProgramResult result =
      Predict({"--json", Path("3.pgm"), Path("0.pgm")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out,
              StartsWith("{\"file\":\"" + Path("3.pgm") +
                         "\",\"class\":\"caf\u00e9\",\"class_index\":3,"
                         "\"probability\":0.99"));
  const std::vector<Json> lines = Lines(result.out);
  ASSERT_THAT(lines, SizeIs(2));
  const double best = 1 / (1 + 3 * std::exp(-8));
  // Floats.
  EXPECT_NEAR(lines[0]["probability"].get<double>(), best, 1e-6);
  ASSERT_THAT(lines[0]["top"], SizeIs(3));
  EXPECT_EQ(lines[0]["top"][0]["class"], "caf\u00e9");
  EXPECT_EQ(lines[0]["top"][0]["class_index"], 3);
  EXPECT_EQ(lines[0]["top"][0]["probability"], lines[0]["probability"]);
  EXPECT_EQ(lines[0]["top"][1]["class"], "first");
  EXPECT_EQ(lines[0]["top"][1]["class_index"], 0);
  EXPECT_NEAR(lines[0]["top"][1]["probability"].get<double>(), (1 - best) / 3,
              1e-6);
  EXPECT_EQ(lines[1]["file"], Path("0.pgm"));
  EXPECT_EQ(lines[1]["class"], "first");
}

TEST_F(PredictTest, ABrokenImageDoesNotStopTheOthers) {
  const std::vector<std::string> files = {Path("1.pgm"), Path("broken.png"),
                                          Path("none.png"), Path("2.pgm")};
  std::vector<std::string> arguments = files;
  ProgramResult result = Predict(arguments);
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_THAT(result.out, AllOf(StartsWith(Path("1.pgm") + "\n"),
                                ContainsRegex("\n +99.9 %  second\n"),
                                HasSubstr("\n" + Path("2.pgm") + "\n"),
                                ContainsRegex("\n +99.9 %  third\n"),
                                EndsWith("computed by direct\n")));
  EXPECT_THAT(result.err,
              AllOf(StartsWith("lenslet predict: " + Path("broken.png") + ": "),
                    HasSubstr("\nlenslet predict: " + Path("none.png") +
                              ": No such file or directory\n")));

  arguments.push_back("--json");
  result = Predict(arguments);
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(result.err, "");
  const std::vector<Json> lines = Lines(result.out);
  ASSERT_THAT(lines, SizeIs(4));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(lines[i]["file"], files[i]);
  EXPECT_EQ(lines[0]["class"], "second");
  EXPECT_THAT(lines[1]["error"].get<std::string>(),
              StartsWith(Path("broken.png") + ": "));
  EXPECT_THAT(lines[1], SizeIs(2));
  EXPECT_EQ(lines[2]["error"],
            Path("none.png") + ": No such file or directory");
  EXPECT_EQ(lines[3]["class"], "third");
}

TEST_F(PredictTest, ReadsPathsFromStandardInput) {
  // Line ends of two kinds, an empty line, no line end at the end.
  const std::string input =
      Input(Path("2.pgm") + "\r\n\n" + Path("1.pgm") + "\n" + Path("0.pgm"));
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--json", "-"}, {"--json"}}) {
    const ProgramResult result = Predict(arguments, input);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const std::vector<Json> lines = Lines(result.out);
    ASSERT_THAT(lines, SizeIs(3));
    EXPECT_EQ(lines[0]["file"], Path("2.pgm"));
    EXPECT_EQ(lines[0]["class"], "third");
    EXPECT_EQ(lines[1]["class"], "second");
    EXPECT_EQ(lines[2]["class"], "first");
  }
  const ProgramResult both = Predict({"--json", Path("3.pgm"), "-"}, input);
  EXPECT_THAT(Lines(both.out), SizeIs(4));
}

TEST_F(PredictTest, InputWithoutAnImageIsAnError) {
  for (const char* text : {"", "\n\r\n"}) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"--json", "-"}, {}}) {
      const ProgramResult result = Predict(arguments, Input(text));
      EXPECT_EQ(result.exit_code, kFailure);
      EXPECT_EQ(result.out, "");
      EXPECT_EQ(result.err,
                "lenslet predict: -: is empty; expected one path on each line, "
                "or an image; --count=3 classifies images of the model's data "
                "instead\n");
    }
  }
}

TEST_F(PredictTest, InputThatIsNoTextIsOneError) {
  const ProgramResult result = Predict({"-"}, Path("model.ckpt"));
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err,
            "lenslet predict: -: is neither text nor an image: it has control "
            "characters; expected one path on each line, or a PNG, JPEG, BMP, "
            "GIF, TIFF, WebP, PGM or PPM file\n");
  EXPECT_EQ(Predict({"-"}, Input("\x1b[2J\nx\n")).err, result.err);
  // A file may have such a name.
  std::filesystem::copy_file(Path("1.pgm"), Path("a\tb.pgm"));
  EXPECT_EQ(Predict({"-"}, Input(Path("a\tb.pgm"))).exit_code, 0);
}

// As the same file by its name.
TEST_F(PredictTest, InputMayBeATelephonesImage) {
  const ProgramResult result =
      Predict({"-"}, Input(std::string("\0\0\0\x18", 4) + "ftypheic and more"));
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(result.err,
            "lenslet predict: -: is a HEIC file; expected a PNG, JPEG, BMP, "
            "GIF, TIFF, WebP, PGM or PPM file: convert to JPEG, for example "
            "with heif-convert\n");
}

TEST_F(PredictTest, NothingComputesWithoutAnImage) {
  const ProgramResult result = Predict({Path("none.pgm")});
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(result.out, "");
}

TEST_F(PredictTest, AnErrorInACheckpointNamesTheFile) {
  CheckpointProto checkpoint = *LoadCheckpoint(Path("model.ckpt"));
  checkpoint.mutable_parameter(0)->set_name("a\x1b[2J");
  EXPECT_THAT(SaveCheckpoint(Path("model.ckpt"), checkpoint), IsOk());
  EXPECT_THAT(Predict({Path("1.pgm")}).err,
              StartsWith("lenslet predict: " + Path("model.ckpt") +
                         ": parameter \"a\\x1b[2J"));
  checkpoint.clear_model();
  EXPECT_THAT(SaveCheckpoint(Path("model.ckpt"), checkpoint), IsOk());
  for (const char* command :
       {"predict", "evaluate", "summarize", "draw", "profile", "visualize"}) {
    std::vector<std::string> arguments = {Path("model.ckpt")};
    if (command == std::string("visualize")) {
      arguments.push_back("--output=" + Path("pictures"));
    }
    const ProgramResult result = RunLenslet(command, arguments);
    EXPECT_EQ(result.exit_code, kFailure) << command;
    EXPECT_EQ(result.out, "") << command;
    EXPECT_EQ(result.err,
              absl::StrCat("lenslet ", command, ": ", Path("model.ckpt"),
                           ": the checkpoint has parameters without their "
                           "model; a network built in code reads it with "
                           "LoadParameters()\n"));
  }
}

TEST_F(PredictTest, FilesAndADataSetCannotBeCombined) {
  for (const char* flag : {"--count=2", "--index=1", "--split=train",
                           "--data_dir=x", "--data=csv {}"}) {
    const ProgramResult result = Predict({Path("1.pgm"), flag});
    EXPECT_EQ(result.exit_code, kUsage);
    const std::string name =
        std::string(flag).substr(0, std::string(flag).find('='));
    EXPECT_THAT(result.err,
                StartsWith("lenslet predict: " + Path("1.pgm") + " and " +
                           name + " cannot be combined; "));
    EXPECT_EQ(result.out, "");
  }
}

// All images are checked before the first is classified.
TEST_F(PredictTest, WhatIsNoImageIsNamed) {
  ProgramResult result = Predict({Path("1.pgm"), folder_});
  EXPECT_EQ(result.exit_code, kUsage);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "lenslet predict: " + folder_ +
                            " is a folder of images; expected an image; to "
                            "classify its images: find " +
                            folder_ + " -type f | lenslet predict " +
                            Path("model.ckpt") + "\n");
  result = Predict({Path("model.ckpt")});
  EXPECT_EQ(result.exit_code, kUsage);
  EXPECT_THAT(result.err, HasSubstr("is a checkpoint; expected an image"));
}

TEST_F(PredictTest, ANameThatIsNoUtf8IsReplaced) {
  const ProgramResult result =
      Predict({"--json", "-"}, Input("/none/\xff.png\n"));
  EXPECT_EQ(result.exit_code, kFailure);
  const std::vector<Json> lines = Lines(result.out);
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0]["file"], "/none/\ufffd.png");
}

// Each answer before the next question.
TEST_F(PredictTest, ReadsAnImageFromStandardInput) {
  const ProgramResult named = Predict({"--json", Path("1.pgm")});
  ASSERT_EQ(named.exit_code, 0) << named.err;
  const ProgramResult piped = Predict({"--json", "-"}, Path("1.pgm"));
  EXPECT_EQ(piped.exit_code, 0) << piped.err;
  EXPECT_EQ(
      piped.out,
      absl::StrReplaceAll(
          named.out, {{absl::StrCat("\"", Path("1.pgm"), "\""), "\"-\""}}));
  // Cut short.
  const std::string bytes = *ReadFile(Path("1.pgm"));
  const ProgramResult broken =
      Predict({"--json"}, Input(bytes.substr(0, bytes.size() / 2)));
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.out, AllOf(StartsWith("{\"file\":\"-\",\"error\":\"-: "),
                                EndsWith("\"}\n")));
}

TEST_F(PredictTest, AnswersBeforeTheInputEnds) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  // Whoever waits for an answer that does not come learns so.
  FILE* out = popen(
      absl::StrCat("timeout 30 ", ProgramPath("tools/lenslet"),
                   " predict --json ", Path("model.ckpt"), " <", Path("pipe"))
          .c_str(),
      "r");
  ASSERT_NE(out, nullptr);
  std::ofstream in(Path("pipe"));
  for (const char* name : {"1.pgm", "3.pgm", "broken.png"}) {
    in << Path(name) << std::endl;
    char line[4096] = "";
    EXPECT_NE(std::fgets(line, sizeof(line), out), nullptr);
    EXPECT_THAT(line, StartsWith("{\"file\":\"" + Path(name)));
  }
  in.close();
  EXPECT_EQ(WEXITSTATUS(pclose(out)), kFailure);
}

TEST_F(PredictTest, TestImagesInJsonLines) {
  const std::string data = EmptyTempFolder("predict_test_data");
  LENSLET_ASSERT_OK(
      WriteSmallMnist(data, {.height = 1, .width = 4, .classes = 4}));
  // The test set is asked for, though there is input.
  const auto predict = [&] {
    return Predict({"--json", "--data_dir=" + data, "--index=6", "--count=2"},
                   Input("a.png\n"));
  };
  EXPECT_EQ(predict().err,
            "lenslet predict: class 0 is \"first\" in the model but \"class "
            "0\" in the data set\n");
  LENSLET_ASSERT_OK(WriteFileAtomically(data + "/classes.txt", "0\n1\n2\n3\n"));
  const ProgramResult result = predict();
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<Json> lines = Lines(result.out);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0]["test_image"], 6);
  EXPECT_EQ(lines[0]["true_class"], "third");
  EXPECT_EQ(lines[0]["true_class_index"], 2);
  EXPECT_EQ(lines[0]["class"], "third");
  EXPECT_EQ(lines[0]["class_index"], 2);
  EXPECT_EQ(lines[1]["test_image"], 7);
}

TEST_F(PredictTest, TakesImagesOfTheRunsOwnData) {
  const std::string run = folder_ + "/run";
  const ProgramResult trained =
      Train(WriteSmallRecipe(folder_), run, {"--epochs=1"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto predict = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), run);
    return RunLenslet("predict", arguments);
  };
  ProgramResult result = predict({"--index=199", "--count=1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("test image 199: class "));
  result = predict({"--split=validation", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::vector<Json> lines = Lines(result.out);
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[2]["validation_image"], 2);
  result = predict({"--split=validation", "--index=81"});
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(result.err,
            "lenslet predict: --index is 81; expected a number below 81, the "
            "number of validation images\n");
  result = predict({"--split=validation", "--count=82"});
  EXPECT_EQ(result.exit_code, kFailure);
  EXPECT_EQ(result.err,
            "lenslet predict: --count is 82; expected a number of at most 81, "
            "the number of validation images\n");
  // Without --count, as many as there are.
  result = predict({"--split=validation", "--index=80", "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(Lines(result.out), SizeIs(1));
}

TEST_F(PredictTest, HelpExplainsEachFlag) {
  const ProgramResult result = RunLenslet("predict", {"--help"});
  EXPECT_EQ(result.exit_code, 0);
  const std::string help = absl::StrReplaceAll(result.out, {{"\n", " "}});
  for (const char* text :
       {"predict CHECKPOINT [FILE ...]", "--data TEXT", "--data_dir", "--split",
        "--index", "--count", "--json", "--output_dir", "--backend", "standard",
        "exit code"}) {
    EXPECT_THAT(help, HasSubstr(text));
  }
}

TEST_F(PredictTest, AWrongFlagIsOneLineAndExitCode2) {
  for (const char* flag :
       {"--jsn", "--json=yes", "--backend=cuda", "--split=x", "--data=x"}) {
    const ProgramResult result = Predict({flag});
    EXPECT_EQ(result.exit_code, kUsage);
    EXPECT_THAT(result.err, StartsWith("lenslet predict: "));
    EXPECT_EQ(result.out, "");
  }
}

}  // namespace
}  // namespace lenslet
