// Shows the progress of a long run.
//
// On a terminal, redraws one line:
//   epoch 3/10 [############--------]  60 %  loss 0.703  18,642 examples/s
// Elsewhere, prints a plain line now and then.

#ifndef LENSLET_TOOLS_PROGRESS_BAR_H_
#define LENSLET_TOOLS_PROGRESS_BAR_H_

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"

namespace lenslet {

class ProgressBar {
 public:
  // Writes to `file`, which must outlive the bar. Lines start with `label`.
  ProgressBar(std::FILE* file, const std::string& label);
  // Erases the bar from the terminal.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `share`, in [0, 1], is the part that is done. `text` follows the bar. Cheap
  // enough to call at every step: it redraws at most ten times a second, and
  // prints plain lines every ten seconds.
  void Update(double share, absl::string_view text);

 private:
  using Clock = std::chrono::steady_clock;

  std::FILE* const file_;
  const std::string label_;
  const bool terminal_;
  Clock::time_point drawn_;
  bool visible_ = false;
};

// Returns a function that shows a ProgressBar until it is called with `done` =
// `total`. Copies share the bar.
std::function<void(int64_t done, int64_t total)> ProgressOn(
    std::FILE* file, const std::string& label);

// Returns the line that a ProgressBar draws on a terminal of `columns` columns,
// of which it uses at most 80. Shortens the bar and then `text` to fit.
std::string ProgressLine(absl::string_view label, double share,
                         absl::string_view text, int columns);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_PROGRESS_BAR_H_
