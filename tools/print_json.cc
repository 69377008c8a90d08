#include "lenslet/tools/print_json.h"

#include "absl/strings/str_cat.h"
#include "lenslet/base/printable.h"
#include "lenslet/tools/program.h"

namespace lenslet {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json, bool ensure_ascii) {
  return absl::StrCat(
      json.dump(-1, ' ', ensure_ascii, Json::error_handler_t::replace), "\n");
}

}  // namespace

std::string JsonLine(const Json& json) {
  return Dump(json, /*ensure_ascii=*/false);
}

void PrintJson(const std::string& text) {
  PrintText(PrintableLines(text) == text
                ? text
                : Dump(Json::parse(text, nullptr, /*allow_exceptions=*/false),
                       /*ensure_ascii=*/true));
  FlushOutput();
}

}  // namespace lenslet
