// An application that trains its own network on its own data, for
// in_memory_run_test:
//
//   in_memory_run_program RUN_DIR [SIGNAL STEPS]
//
// After that many steps of this session, it sends the signal's number to
// itself. It exits with 0 at the end of the run, and with 75 if it was stopped.

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "lenslet/base/stop_signal.h"
#include "lenslet/data/compute_normalization.h"
#include "lenslet/lenslet.h"

namespace lenslet {
namespace {

using namespace layers;  // NOLINT: as users do.

constexpr int kExitStopped = 75;

int Main(int argc, char** argv) {
  CatchStopSignals();
  const int signal = argc > 3 ? std::atoi(argv[2]) : 0;
  const int64_t signal_step = argc > 3 ? std::atoi(argv[3]) : 0;
  Dataset all = MakeSyntheticDataset(
                    {8, 8, 1}, {.examples = 300, .classes = 3, .noise = 0.8})
                    .value();
  all.normalization = ComputeNormalization(all).value();
  TrainAndValidation parts = SplitOff(all, 0.2, /*seed=*/1).value();
  Network net =
      Network::Sequential({8, 8, 1}, {Conv2d(4, 3), BatchNorm(), Relu(),
                                      Flatten(), Dropout(0.2), Linear(3)})
          .value();
  int64_t steps = 0;
  const absl::StatusOr<Metrics> metrics =
      Train(net, parts.train,
            {.epochs = 5,
             .batch_size = 30,
             .learning_rate = 0.01,
             .optimizer = {.kind = OptimizerKind::kAdamW, .weight_decay = 0.01},
             .schedule = {.kind = ScheduleKind::kCosine, .warmup_epochs = 0.4},
             .loss = {.kind = CrossEntropySpec{.label_smoothing = 0.1}},
             .augmentation = {.shift = 1, .flip = true, .noise = 0.05},
             .seed = 3,
             .validation = &parts.validation,
             .run_dir = argv[1],
             .data_name = "noisy patterns",
             .on_epoch = PrintTo(std::cout),
             .stop_requested = [&] {
               if (++steps == signal_step) std::raise(signal);
               return StopSignal() != 0;
             }});
  if (absl::IsCancelled(metrics.status())) {
    std::cerr << metrics.status().message() << "\n";
    return kExitStopped;
  }
  if (!metrics.ok()) {
    std::cerr << metrics.status() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { return lenslet::Main(argc, argv); }
