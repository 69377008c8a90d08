#include "lenslet/models/testing/graph_of.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "lenslet/models/build_graph.h"
#include "lenslet/models/model_text.h"

namespace lenslet {
namespace {

template <typename T>
T ValueOrDie(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "%s\n", value.status().ToString().c_str());
  std::abort();
}

}  // namespace

Graph GraphOf(absl::string_view text) {
  return ValueOrDie(
      BuildGraph(ValueOrDie(ParseModelText(text, "test.textproto"))));
}

}  // namespace lenslet
