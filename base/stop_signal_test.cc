#include "lenslet/base/stop_signal.h"

#include <unistd.h>

#include <csignal>

#include "gtest/gtest.h"

namespace lenslet {
namespace {

TEST(StopSignalDeathTest, NotesTheFirstOneAndEndsByALaterOne) {
  EXPECT_EXIT(
      {
        CatchStopSignals();
        if (StopSignal() != 0) _exit(1);
        std::raise(SIGTERM);
        if (StopSignal() != SIGTERM) _exit(2);
        std::raise(SIGINT);  // At once after the first.
        if (StopSignal() != SIGTERM) _exit(3);
        usleep(2'500'000);
        std::raise(SIGINT);
        _exit(4);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace lenslet
