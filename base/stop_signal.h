// Tells whether Ctrl-C or SIGTERM asked the process to stop.

#ifndef LENSLET_BASE_STOP_SIGNAL_H_
#define LENSLET_BASE_STOP_SIGNAL_H_

namespace lenslet {

// Records the first SIGINT or SIGTERM so that the program can shut down
// cleanly. Ignores signals within the following second, since supervisors may
// signal both the process and its group. A later signal ends the process at
// once, as usual. Call it once, from main().
void CatchStopSignals();

// Returns the recorded signal, or 0. Thread-safe.
int StopSignal();

}  // namespace lenslet

#endif  // LENSLET_BASE_STOP_SIGNAL_H_
