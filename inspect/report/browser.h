// Opens pages in a browser without a window, for tests.

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
  bool dark = false;  // What the page is told that its reader prefers.
};

struct OpenedPage {
  // What the page's script gave to report(), an object.
  nlohmann::json report;
  std::string screenshot;  // A PNG file's bytes.
};

// Opens `html` as a file, with `script` added to its end, which sees the array
// `problems`: the texts of errors that no script caught, and of requests that
// the page's policy stopped. The script calls report(object) once. Needs
// Debian's package chromium-headless-shell. Errors: NotFound if it is not
// installed; Internal, with what it printed, if it fails or nothing was
// reported within a minute.
absl::StatusOr<OpenedPage> OpenInBrowser(const std::string& html,
                                         const std::string& script,
                                         const BrowserOptions& options);

}  // namespace lenslet

#endif  // LENSLET_INSPECT_REPORT_BROWSER_H_
