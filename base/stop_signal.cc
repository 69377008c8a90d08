#include "base/stop_signal.h"

#include <csignal>

namespace lenslet {
namespace {

// A handler can reach nothing but such a variable.
volatile std::sig_atomic_t g_signal = 0;

void NoteSignal(int signal) { g_signal = signal; }

}  // namespace

void CatchStopSignals() {
  struct sigaction action = {};
  action.sa_handler = NoteSignal;
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int StopSignal() { return g_signal; }

}  // namespace lenslet
