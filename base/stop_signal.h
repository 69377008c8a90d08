// Whether somebody wants the process to end: Ctrl-C, or SIGTERM.

#ifndef LENSLET_BASE_STOP_SIGNAL_H_
#define LENSLET_BASE_STOP_SIGNAL_H_

namespace lenslet {

// From now on the first SIGINT or SIGTERM is only noted, for the program to end
// in order, and so are those of the second after it: what stops programs may
// signal both the process and its group. A later one ends it at once, as usual.
// For main(), once.
void CatchStopSignals();

// The signal that came, or 0. Any thread.
int StopSignal();

}  // namespace lenslet

#endif  // LENSLET_BASE_STOP_SIGNAL_H_
