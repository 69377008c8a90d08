#include "lenslet/tests/small_run.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "lenslet/base/file.h"
#include "nlohmann/json.hpp"

namespace lenslet {
namespace {

constexpr char kModel[] = R"(
input { name: "image" shape: [8, 8, 1] }
layer { name: "conv" conv2d { kernel: 3 output_channels: 4 bias: false } }
layer { name: "norm" batch_norm {} }
layer { name: "relu" relu {} }
layer { name: "flatten" flatten {} }
layer { name: "dropout" dropout { rate: 0.2 } }
layer { name: "classes" linear { output_features: 3 } }
)";

constexpr char kRecipe[] = R"(
model: "model.textproto"
data {
  synthetic { shape: [8, 8, 1] classes: 3 train_examples: 400 noise: 0.8 }
  validation_fraction: 0.2
  normalization {}
}
augmentation { shift: 1 flip: true noise: 0.05 }
batch_size: 16
accumulate_batches: 2
epochs: 6
seed: 3
loss { cross_entropy { label_smoothing: 0.1 } }
optimizer { kind: ADAMW weight_decay: 0.01 }
learning_rate: 0.01
schedule { one_cycle {} }
reduce_on_plateau { patience: 1 gamma: 0.5 }
clip_norm: 1
average_decay: 0.9
save { every_steps: 1 keep: 3 }
)";

}  // namespace

std::string WriteSmallRecipe(const std::string& folder) {
  const std::string path = folder + "/recipe.textproto";
  EXPECT_TRUE(WriteFileAtomically(folder + "/model.textproto", kModel).ok());
  EXPECT_TRUE(WriteFileAtomically(path, kRecipe).ok());
  return path;
}

std::vector<std::string> TrainArguments(const std::string& recipe,
                                        const std::string& run_dir) {
  return {"train", recipe, "--run_dir=" + run_dir, "--report=false"};
}

ProgramResult Train(const std::string& recipe, const std::string& run_dir,
                    const std::vector<std::string>& more,
                    const std::string& prefix) {
  std::vector<std::string> arguments = TrainArguments(recipe, run_dir);
  arguments.insert(arguments.end(), more.begin(), more.end());
  return RunProgram("tools/lenslet", arguments, prefix);
}

bool TrainAndKill(const std::string& recipe, const std::string& run_dir,
                  double seconds, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = TrainArguments(recipe, run_dir);
  arguments.insert(arguments.end(), more.begin(), more.end());
  arguments.insert(arguments.begin(), ProgramPath("tools/lenslet"));
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t process = fork();
  if (process == 0) {
    if (std::freopen("/dev/null", "w", stdout) != nullptr) {
      execv(argv[0], argv.data());
    }
    _exit(127);
  }
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  kill(process, SIGKILL);
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  if (WIFSIGNALED(status)) return true;
  EXPECT_EQ(WEXITSTATUS(status), 0);
  return false;
}

std::string FinalBytes(const std::string& run_dir) {
  return ReadFile(run_dir + "/latest.ckpt").value_or("no latest.ckpt");
}

std::vector<std::string> TimelessMetrics(const std::string& run_dir) {
  const std::string text =
      ReadFile(run_dir + "/metrics.jsonl").value_or("no metrics.jsonl");
  std::vector<std::string> lines =
      absl::StrSplit(text, '\n', absl::SkipEmpty());
  for (std::string& line : lines) {
    nlohmann::json json =
        nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    EXPECT_FALSE(json.is_discarded()) << line;
    json.erase("seconds");
    json.erase("examples_per_second");
    line = json.dump();
  }
  return lines;
}

}  // namespace lenslet
