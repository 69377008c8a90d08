// Opens pages in a headless browser, for tests.

#ifndef LENSLET_INSPECT_REPORT_BROWSER_H_
#define LENSLET_INSPECT_REPORT_BROWSER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace lenslet {

struct BrowserOptions {
  int64_t width = 1280;  // CSS pixels.
  int64_t height = 900;
  bool dark = false;  // The preferred color scheme.
};

struct OpenedPage {
  // The object that the script passed to report().
  nlohmann::json report;
  std::string screenshot;  // A PNG file's bytes.
};

// Opens `html` as a file, with `script` appended. The script must call
// report(object) once. It can read the array `problems`, which has the texts of
// uncaught errors and of requests blocked by the page's policy. Needs Debian's
// package chromium-headless-shell. Errors: NotFound if that is not installed;
// Internal, with the browser's output, if it fails or reports nothing within a
// minute.
absl::StatusOr<OpenedPage> OpenInBrowser(const std::string& html,
                                         const std::string& script,
                                         const BrowserOptions& options);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_BROWSER_H_
