// A storm of random operators and networks over all backends: for a number of
// seconds, each is computed by each backend, forward and backward, and compared
// with the reference, in memory between pages that may not be touched.
//
//   .ci/storm 1800
//
// The same seed gives the same cases in the same order. A failure prints the
// case and how to run it alone; a case that ends the process does, too.

#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/ops/backend.h"
#include "lenslet/ops/testing/guarded_memory.h"
#include "lenslet/ops/testing/kernel_checks.h"
#include "lenslet/tests/storm_cases.h"
#include "lenslet/tests/storm_models.h"

// Sanitizers call it before they end the process; absent without them.
extern "C" void __sanitizer_set_death_callback(void (*callback)())
    __attribute__((weak));

namespace lenslet {
namespace {

struct StormOptions {
  int64_t seconds = 20;
  int64_t seed = 1;
  int64_t only = -1;  // The number of the only case to run.
};

// What runs now, for those who end the process. Signal handlers get no argument
// of ours.
std::array<char, 16384>& RunningCase() {
  static std::array<char, 16384> text = {};
  return text;
}

void PrintRunningCase() {
  const char* text = RunningCase().data();
  // Nothing can be done where it fails.
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
}

void OnSignal(int signal) {
  PrintRunningCase();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void PrintCaseAtDeath() {
  // An operator may use up the stack.
  static std::array<char, 65536> stack;
  const stack_t alternative = {
      .ss_sp = stack.data(), .ss_flags = 0, .ss_size = stack.size()};
  sigaltstack(&alternative, nullptr);
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    sigaction(signal, &action, nullptr);
  }
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(PrintRunningCase);
  }
}

// How many cases of a kind ran, and how many of them each backend had a kernel
// for.
struct Count {
  int64_t cases = 0;
  std::map<Backend, int64_t> backends;
};

class Storm {
 public:
  explicit Storm(const StormOptions& options)
      : options_(options),
        operators_(StormOperators()),
        counts_(operators_.size() + 1) {}

  void Run() {
    PrintCaseAtDeath();
    UseGuardedMemoryInXnnpack();
    if (options_.only >= 0) {
      RunCase(options_.only);
      return;
    }
    std::printf("storm: seed %ld, %ld seconds\n",
                static_cast<long>(options_.seed),
                static_cast<long>(options_.seconds));
    std::fflush(stdout);
    const auto start = std::chrono::steady_clock::now();
    const std::chrono::seconds time(options_.seconds);
    int64_t cases = 0;
    while (std::chrono::steady_clock::now() - start < time &&
           failed_cases_ < kMostFailures) {
      RunCase(cases++);
    }
    PrintCounts();
    EXPECT_GT(cases, 0);
  }

 private:
  static constexpr int64_t kMostFailures = 5;  // Failed cases.
  // A network after so many operators.
  static constexpr int64_t kModelEvery = 3;

  void RunCase(int64_t number) {
    Random random(options_.seed, /*stream=*/number);
    const bool at_end = random.Below(2) == 0;
    SetGuardedEnd(at_end ? GuardedEnd::kEnd : GuardedEnd::kBegin);
    const int64_t failures = failures_;
    if (random.Below(kModelEvery + 1) == 0) {
      RunModel(number, random);
    } else {
      RunOperator(number, random);
    }
    if (failures_ > failures) ++failed_cases_;
  }

  // Runs one check of a case, and says which one where it fails or ends the
  // process.
  template <typename Body>
  void Check(int64_t number, const std::string& what, Body body) {
    std::snprintf(RunningCase().data(), RunningCase().size(), "%s",
                  absl::StrCat("\nstorm: ", what, "\nstorm: again with --seed=",
                               options_.seed, " --case=", number, "\n")
                      .c_str());
    ::testing::TestPartResultArray failures;
    {
      ::testing::ScopedFakeTestPartResultReporter reporter(
          ::testing::ScopedFakeTestPartResultReporter::
              INTERCEPT_ONLY_CURRENT_THREAD,
          &failures);
      body();
    }
    if (failures.size() == 0) return;
    failures_ += failures.size();
    ADD_FAILURE() << RunningCase().data()
                  << failures.GetTestPartResult(0).message();
  }

  size_t PickKind(Random& random) const {
    int64_t sum = 0;
    for (const StormOperator& op : operators_) sum += op.weight;
    int64_t left = random.Below(sum);
    size_t kind = 0;
    while (left >= operators_[kind].weight) left -= operators_[kind++].weight;
    return kind;
  }

  void RunOperator(int64_t number, Random& random) {
    const size_t kind = PickKind(random);
    const KernelCase c = operators_[kind].make(random);
    ++counts_[kind].cases;
    for (const Backend backend : kBackends) {
      if (backend == Backend::kReference) continue;
      Check(number,
            absl::StrCat(std::string(Name(backend)), ", ",
                         operators_[kind].name, ": ", c.name),
            [&] {
              KernelCase runs = c;
              // Some backends have a kernel without gradients.
              if (runs.training && !HasKernel(runs, backend)) {
                runs.training = false;
              }
              if (!HasKernel(runs, backend)) return;
              ++counts_[kind].backends[backend];
              CheckAgainstReference(runs, backend);
            });
    }
  }

  void RunModel(int64_t number, Random& random) {
    const std::string model = RandomModel(random);
    const uint64_t seed = random.Bits();
    ++counts_.back().cases;
    for (const Backend backend : kBackends) {
      if (backend == Backend::kReference) continue;
      ++counts_.back().backends[backend];
      for (const bool training : {false, true}) {
        if (training && !CanTrain(backend)) continue;
        Check(number,
              absl::StrCat(std::string(Name(backend)),
                           training ? ", training" : ", inference",
                           " of a network:\n", model),
              [&] {
                Random numbers(seed);
                CheckModelAgainstReference(model, backend, training, numbers);
              });
      }
    }
  }

  void PrintCounts() const {
    std::printf("storm: cases, and how many had a kernel of");
    for (const Backend backend : kBackends) {
      if (backend == Backend::kReference) continue;
      std::printf(" %s", std::string(Name(backend)).c_str());
    }
    std::printf("\n");
    for (size_t i = 0; i < counts_.size(); ++i) {
      const std::string name =
          i < operators_.size() ? operators_[i].name : "networks";
      std::printf("%-24s %8ld", name.c_str(),
                  static_cast<long>(counts_[i].cases));
      for (const Backend backend : kBackends) {
        if (backend == Backend::kReference) continue;
        const auto found = counts_[i].backends.find(backend);
        std::printf(" %8ld", found == counts_[i].backends.end()
                                 ? 0
                                 : static_cast<long>(found->second));
      }
      std::printf("\n");
    }
  }

  const StormOptions options_;
  const std::vector<StormOperator> operators_;
  std::vector<Count> counts_;  // Of the operators, then of networks.
  int64_t failures_ = 0;
  int64_t failed_cases_ = 0;
};

class StormTest : public ::testing::Test {
 public:
  explicit StormTest(const StormOptions& options) : options_(options) {}
  void TestBody() override { Storm(options_).Run(); }

 private:
  const StormOptions options_;
};

// Sets `value` if the argument is --name=NUMBER.
bool ParseFlag(absl::string_view argument, absl::string_view name,
               int64_t& value) {
  return absl::ConsumePrefix(&argument, absl::StrCat("--", name, "=")) &&
         absl::SimpleAtoi(argument, &value);
}

int Main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  StormOptions options;
  for (int i = 1; i < argc; ++i) {
    if (!ParseFlag(argv[i], "seconds", options.seconds) &&
        !ParseFlag(argv[i], "seed", options.seed) &&
        !ParseFlag(argv[i], "case", options.only)) {
      std::fprintf(stderr,
                   "storm_test: %s; expected --seconds=N, --seed=N or "
                   "--case=N\n",
                   argv[i]);
      return 2;
    }
  }
  ::testing::RegisterTest("StormTest", "BackendsComputeWhatTheReferenceDoes",
                          nullptr, nullptr, __FILE__, __LINE__,
                          [options] { return new StormTest(options); });
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
