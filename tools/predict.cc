// Classifies test images or image files with a trained model.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "data/dataset.h"
#include "data/fashion_mnist.h"
#include "data/image_file.h"
#include "data/mnist.h"
#include "data/terminal_picture.h"
#include "ops/backend.h"
#include "tools/command_line.h"
#include "train/checkpoint.h"
#include "train/predictor.h"

namespace lenslet {
namespace {

constexpr char kProgram[] = "predict";
constexpr int64_t kTopClasses = 3;

struct Flags {
  std::string checkpoint;
  std::string data_dir;
  std::string backend;
  int64_t first = 0;
  int64_t count = 3;
  std::vector<std::string> files;
};

std::optional<int> ParseFlags(int argc, char** argv, Flags& flags) {
  CommandLine line(kProgram,
                   "Classifies images with a model that train_lenet saved, and "
                   "shows each with its\nthree most probable classes: image "
                   "files, or images of a test set if no file is\ngiven.");
  line.AddFlag("checkpoint", "File that train_lenet --output wrote. Needed.",
               flags.checkpoint);
  line.AddFlag("data_dir",
               "Folder with the test images, in MNIST's format. Without: "
               "Fashion-MNIST.",
               flags.data_dir);
  line.AddFlag("first", "Number of the first test image, from 0 on.",
               flags.first, {.min = 0});
  line.AddFlag("count", "Test images to classify.", flags.count, {.min = 1});
  line.AddFlag(
      "backend",
      "What computes: direct, lanes, xnnpack or reference. Without: the "
      "fastest for that many images.",
      flags.backend);
  line.AddArguments("image",
                    "PNG or binary PGM or PPM files; other sizes than the "
                    "model's are made to fit.",
                    flags.files);
  return line.Parse(argc, argv);
}

void PrintAnswer(const Tensor& image, const std::vector<ClassScore>& answer) {
  std::printf("%s", TerminalPicture(image).c_str());
  for (const ClassScore& score : answer) {
    std::printf("  %5.1f %%  %s\n", 100 * score.probability,
                score.class_name.c_str());
  }
  std::printf("\n");
}

absl::Status PredictFiles(const std::vector<std::string>& files,
                          Predictor& predictor) {
  for (const std::string& file : files) {
    LENSLET_ASSIGN_OR_RETURN(
        const FittedImage fitted,
        ReadFittedImage(UserPath(file), predictor.image_shape()));
    LENSLET_ASSIGN_OR_RETURN(const std::vector<ClassScore> answer,
                             predictor.Predict(fitted.image, kTopClasses));
    std::printf("%s%s\n", file.c_str(), fitted.changes.c_str());
    PrintAnswer(fitted.image, answer);
  }
  return absl::OkStatus();
}

absl::Status PredictTestImages(const Flags& flags, const std::string& argv0,
                               Predictor& predictor) {
  std::string data_dir = UserPath(flags.data_dir);
  if (data_dir.empty()) {
    LENSLET_ASSIGN_OR_RETURN(data_dir, FindFashionMnist(argv0));
  }
  LENSLET_ASSIGN_OR_RETURN(const Dataset test,
                           LoadMnist(data_dir, Split::kTest));
  if (flags.first >= test.size() || flags.count > test.size() - flags.first) {
    return absl::OutOfRangeError(
        absl::StrCat("there are ", test.size(), " test images, asked for ",
                     flags.count, " from number ", flags.first, " on"));
  }
  std::vector<Tensor> images;
  for (int64_t i = flags.first; i < flags.first + flags.count; ++i) {
    images.push_back(test.Image(i));
  }
  LENSLET_ASSIGN_OR_RETURN(const std::vector<std::vector<ClassScore>> answers,
                           predictor.Predict(images, kTopClasses));
  int64_t correct = 0;
  for (int64_t i = flags.first; i < flags.first + flags.count; ++i) {
    const std::vector<ClassScore>& answer = answers[i - flags.first];
    const int64_t label = test.labels.data<uint8_t>()[i];
    const bool is_correct = answer[0].class_index == label;
    correct += is_correct;
    std::printf("test image %s: %s (%s)\n", absl::StrCat(i).c_str(),
                test.class_names[label].c_str(),
                is_correct ? "correct" : "wrong");
    PrintAnswer(images[i - flags.first], answer);
  }
  std::printf("%s of %s correct\n", absl::StrCat(correct).c_str(),
              absl::StrCat(flags.count).c_str());
  return absl::OkStatus();
}

absl::Status Run(const Flags& flags, const PredictorOptions& options,
                 const std::string& argv0) {
  LENSLET_ASSIGN_OR_RETURN(const CheckpointProto checkpoint,
                           LoadCheckpoint(UserPath(flags.checkpoint)));
  LENSLET_ASSIGN_OR_RETURN(const std::unique_ptr<Predictor> predictor,
                           Predictor::Create(checkpoint, options));
  LENSLET_RETURN_IF_ERROR(flags.files.empty()
                              ? PredictTestImages(flags, argv0, *predictor)
                              : PredictFiles(flags.files, *predictor));
  std::printf("computed by %s\n",
              std::string(Name(predictor->backend())).c_str());
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  if (const auto exit_code = ParseFlags(argc, argv, flags)) return *exit_code;
  if (flags.checkpoint.empty()) {
    return ReportUsage(kProgram, "--checkpoint is needed");
  }
  // Files come one by one.
  constexpr int64_t kImagesAtOnce = 64;
  PredictorOptions options = {
      .images = flags.files.empty() ? std::min(flags.count, kImagesAtOnce) : 1};
  if (!flags.backend.empty()) {
    const absl::StatusOr<Backend> backend = BackendByName(flags.backend);
    if (!backend.ok()) {
      return ReportUsage(
          kProgram, absl::StrCat("--backend: ", backend.status().message()));
    }
    options.backend = *backend;
  }
  const absl::Status status = Run(flags, options, argv[0]);
  return status.ok() ? 0 : ReportFailure(kProgram, status);
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
