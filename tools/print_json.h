// Prints JSON so that it controls no terminal and stays JSON.

#ifndef LENSLET_TOOLS_PRINT_JSON_H_
#define LENSLET_TOOLS_PRINT_JSON_H_

#include <string>

#include "nlohmann/json.hpp"

namespace lenslet {

// Returns the JSON as one line, which ends in "\n". Text that is not UTF-8, as
// names of files may be, is changed so that it is.
std::string JsonLine(const nlohmann::ordered_json& json);

// Prints JSON and flushes it: its reader may be waiting for it. Characters that
// a terminal would not show become JSON's escapes; the JSON is then one line.
void PrintJson(const std::string& text);

}  // namespace lenslet

#endif  // LENSLET_TOOLS_PRINT_JSON_H_
