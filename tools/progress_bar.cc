#include "lenslet/tools/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lenslet/base/text_format.h"

namespace lenslet {
namespace {

constexpr int kBarWidth = 20;
constexpr int kLeastBarWidth = 4;
constexpr int kMostColumns = 80;

int TerminalColumns(std::FILE* file) {
  winsize size = {};
  if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return 80;
  }
  return size.ws_col;
}

}  // namespace

std::function<void(int64_t done, int64_t total)> ProgressOn(
    std::FILE* file, const std::string& label) {
  const auto bar = std::make_shared<std::unique_ptr<ProgressBar>>();
  return [file, label, bar](int64_t done, int64_t total) {
    if (done >= total) {
      bar->reset();
      return;
    }
    if (*bar == nullptr) *bar = std::make_unique<ProgressBar>(file, label);
    (*bar)->Update(static_cast<double>(done) / static_cast<double>(total),
                   absl::StrCat(WithCommas(done), " of ", WithCommas(total)));
  };
}

std::string ProgressLine(absl::string_view label, double share,
                         absl::string_view text, int columns) {
  share = std::clamp(share, 0.0, 1.0);
  columns = std::clamp(columns, 1, kMostColumns);
  const std::string end = absl::StrFormat(
      "] %3d %%  %s", static_cast<int>(std::floor(share * 100)), text);
  const int others = static_cast<int>(label.size() + 2 + end.size());
  const int width = std::clamp(columns - 1 - others, kLeastBarWidth, kBarWidth);
  const int filled = static_cast<int>(std::floor(share * width));
  std::string line = absl::StrCat(label, " [", std::string(filled, '#'),
                                  std::string(width - filled, '-'), end);
  // The last column stays free: writing to it moves some terminals on.
  line.resize(std::min<size_t>(line.size(), columns - 1));
  return line;
}

ProgressBar::ProgressBar(std::FILE* file, const std::string& label)
    : file_(file),
      label_(label),
      terminal_(isatty(fileno(file)) == 1),
      drawn_(Clock::now()) {}

ProgressBar::~ProgressBar() {
  if (!visible_) return;
  std::fputs("\r\033[K", file_);
  std::fflush(file_);
}

void ProgressBar::Update(double share, absl::string_view text) {
  const auto interval = terminal_ ? std::chrono::milliseconds(100)
                                  : std::chrono::milliseconds(10000);
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < interval) return;
  drawn_ = now;
  if (terminal_) {
    std::fprintf(
        file_, "\r%s\033[K",
        ProgressLine(label_, share, text, TerminalColumns(file_)).c_str());
    visible_ = true;
  } else {
    std::fprintf(file_, "%s  %3.0f %%  %s\n", label_.c_str(), share * 100,
                 std::string(text).c_str());
  }
  std::fflush(file_);
}

}  // namespace lenslet
