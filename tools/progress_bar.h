// Shows how far a long run is.
//
// On a terminal, one line that is drawn anew:
//   epoch 3/10 [############--------]  60 %  loss 0.703  18,642 examples/s
// Anywhere else, a plain line now and then.

#ifndef LENSLET_TOOLS_PROGRESS_BAR_H_
#define LENSLET_TOOLS_PROGRESS_BAR_H_

#include <chrono>
#include <cstdio>
#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

class ProgressBar {
 public:
  // Writes to `file`, which must outlive it, with `label` in front.
  ProgressBar(std::FILE* file, const std::string& label);
  // Takes the bar off the terminal.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `share` in [0, 1] is done; `text` stands behind the bar. Cheap enough to
  // call at every step: it draws ten times a second, and writes a plain line
  // every ten seconds.
  void Update(double share, absl::string_view text);

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* const file_;
  const std::string label_;
  const bool terminal_;
  Clock::time_point drawn_;
  bool visible_ = false;
};

// The line that a ProgressBar draws on a terminal of `columns` columns; `text`
// is cut where it does not fit.
std::string ProgressLine(absl::string_view label, double share,
                         absl::string_view text, int columns);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_PROGRESS_BAR_H_
