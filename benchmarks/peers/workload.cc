#include "lenslet/benchmarks/peers/workload.h"

#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace lenslet::peers {
namespace {

template <typename T>
bool ParseNumber(absl::string_view text, int64_t min, int64_t max, T& value) {
  int64_t number;
  if (!absl::SimpleAtoi(text, &number) || number < min || number > max) {
    return false;
  }
  value = static_cast<T>(number);
  return true;
}

bool SetField(absl::string_view name, absl::string_view value,
              WorkerSettings& settings) {
  constexpr int64_t kAny = std::numeric_limits<int64_t>::max();
  Workload& workload = settings.workload;
  if (name == "model") {
    workload.model = std::string(value);
    return true;
  }
  if (name == "activation") {
    for (Activation activation : {Activation::kSigmoid, Activation::kRelu}) {
      if (value != Name(activation)) continue;
      workload.activation = activation;
      return true;
    }
    return false;
  }
  if (name == "width") return ParseNumber(value, 1, 64, workload.width);
  if (name == "image") return ParseNumber(value, 28, 512, workload.image_size);
  if (name == "channels") return ParseNumber(value, 1, 512, workload.channels);
  if (name == "batch") return ParseNumber(value, 1, 60000, workload.batch);
  if (name == "threads") return ParseNumber(value, 1, 1024, workload.threads);
  if (name == "seed") return ParseNumber(value, 0, kAny, workload.seed);
  if (name == "examples") {
    return ParseNumber(value, 1, 60000, workload.examples);
  }
  if (name == "variant") {
    settings.variant = std::string(value);
    return true;
  }
  if (name == "data") {
    settings.data_folder = std::string(value);
    return true;
  }
  return false;
}

}  // namespace

absl::string_view Name(Activation activation) {
  return activation == Activation::kSigmoid ? "sigmoid" : "relu";
}

std::vector<std::string> ToArguments(const WorkerSettings& settings) {
  const Workload& workload = settings.workload;
  return {absl::StrCat("model=", workload.model),
          absl::StrCat("activation=", Name(workload.activation)),
          absl::StrCat("width=", workload.width),
          absl::StrCat("image=", workload.image_size),
          absl::StrCat("channels=", workload.channels),
          absl::StrCat("batch=", workload.batch),
          absl::StrCat("threads=", workload.threads),
          absl::StrCat("seed=", workload.seed),
          absl::StrCat("examples=", workload.examples),
          absl::StrCat("variant=", settings.variant),
          absl::StrCat("data=", settings.data_folder)};
}

absl::StatusOr<WorkerSettings> ParseWorkerSettings(
    absl::Span<char* const> arguments) {
  WorkerSettings settings;
  for (const char* argument : arguments) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(argument, absl::MaxSplits('=', 1));
    if (!SetField(parts.first, parts.second, settings)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", argument, "\" is not an argument of a worker of the peers ",
          "benchmark; //benchmarks:peers starts them"));
    }
  }
  return settings;
}

}  // namespace lenslet::peers
