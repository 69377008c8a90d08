#include "lenslet/inspect/report/browser.h"

#include <sys/wait.h>

#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/base/temp_folder.h"

namespace lenslet {
namespace {

constexpr char kBrowser[] = "/usr/bin/chromium-headless-shell";

constexpr char kBefore[] = R"(<head><script>
  var problems = [];
  addEventListener('error', (event) => problems.push(
      event.message || 'not loaded: ' + event.target.outerHTML), true);
  addEventListener('unhandledrejection', (event) => problems.push(
      String(event.reason)));
  addEventListener('securitypolicyviolation', (event) => problems.push(
      event.violatedDirective + ': ' + event.blockedURI), true);
</script>)";

// Text of an element, in which the browser escapes these when it prints it.
constexpr char kAfter[] = R"(<script>
  function report(object) {
    const element = document.createElement('pre');
    element.id = 'reported';
    element.hidden = true;
    element.textContent = JSON.stringify(object);
    document.body.append(element);
  }
  addEventListener('load', () => {)";

// What the page reported, from the elements that the browser printed.
absl::StatusOr<nlohmann::json> FindReport(absl::string_view dom) {
  constexpr absl::string_view kStart = "<pre id=\"reported\" hidden=\"\">";
  const size_t start = dom.rfind(kStart);
  if (start == absl::string_view::npos) {
    return absl::InternalError("the page reported nothing");
  }
  const absl::string_view rest = dom.substr(start + kStart.size());
  const std::string text = absl::StrReplaceAll(
      rest.substr(0, rest.find("</pre>")),
      {{"&lt;", "<"}, {"&gt;", ">"}, {"&nbsp;", "\u00a0"}, {"&amp;", "&"}});
  nlohmann::json report =
      nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!report.is_object()) {
    return absl::InternalError(absl::StrCat("reported: ", text));
  }
  return report;
}

std::string WithScript(const std::string& html, const std::string& script) {
  return absl::StrReplaceAll(
      html, {{"<head>", kBefore},
             {"</body>\n</html>",
              absl::StrCat(kAfter, script, "});</script></body></html>")}});
}

}  // namespace

absl::StatusOr<OpenedPage> OpenInBrowser(const std::string& html,
                                         const std::string& script,
                                         const BrowserOptions& options) {
  if (!ReadFile(kBrowser).ok()) {
    return absl::NotFoundError(absl::StrCat(
        kBrowser,
        " is not installed. Run ./bazelw test, or: apt-get install "
        "chromium-headless-shell"));
  }
  const std::string folder = EmptyTempFolder("browser");
  LENSLET_RETURN_IF_ERROR(
      WriteFileAtomically(folder + "/page.html", WithScript(html, script)));
  // Root needs --no-sandbox; the page is our own. /dev/shm may be small. A
  // resolver without hosts makes sure that nothing is asked of the network.
  const std::string command = absl::StrCat(
      "HOME='", folder, "' timeout 60 ", kBrowser,
      " --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars"
      " --host-resolver-rules='MAP * ~NOTFOUND'",
      " --blink-settings=preferredColorScheme=", options.dark ? 0 : 1,
      " --window-size=", options.width, ",", options.height,
      " --user-data-dir='", folder,
      "/profile' --virtual-time-budget=5000 --screenshot='", folder,
      "/page.png' --dump-dom 'file://", folder, "/page.html' >'", folder,
      "/dom' 2>'", folder, "/log'");
  const int status = std::system(command.c_str());
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::InternalError(
        absl::StrCat(kBrowser, " failed with ", status, ":\n",
                     ReadFile(folder + "/log").value_or("")));
  }
  OpenedPage page;
  LENSLET_ASSIGN_OR_RETURN(const std::string dom, ReadFile(folder + "/dom"));
  LENSLET_ASSIGN_OR_RETURN(page.report, FindReport(dom));
  LENSLET_ASSIGN_OR_RETURN(page.screenshot, ReadFile(folder + "/page.png"));
  return page;
}

}  // namespace lenslet
