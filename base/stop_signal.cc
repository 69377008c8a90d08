#include "lenslet/base/stop_signal.h"

#include <csignal>
#include <ctime>

namespace lenslet {
namespace {

// A handler can reach nothing but such variables.
volatile std::sig_atomic_t g_signal = 0;
volatile std::time_t g_noted_at = 0;

void NoteSignal(int signal) {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (g_signal == 0) {
    g_signal = signal;
    g_noted_at = now.tv_sec;
  } else if (now.tv_sec > g_noted_at + 1) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

}  // namespace

void CatchStopSignals() {
  struct sigaction action = {};
  action.sa_handler = NoteSignal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int StopSignal() { return g_signal; }

}  // namespace lenslet
