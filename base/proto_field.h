// Sets fields of protobuf messages by name, from text that users type.

#ifndef LENSLET_BASE_PROTO_FIELD_H_
#define LENSLET_BASE_PROTO_FIELD_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace lenslet {

// Sets the field at `path`, relative to the message, such as
// "optimizer.momentum". The value is in protobuf's text format, except that
// strings need no quotation marks. A message is written as { ... }. Setting a
// list replaces its contents; its values are separated by commas, and brackets
// are optional. Errors: InvalidArgument, with only the reason. The message is
// unchanged on error, in which `owner` is what has no such field: "conv2d"; or
// if it is "", the plural of the message's type.
absl::Status SetProtoField(absl::string_view path, absl::string_view value,
                           google::protobuf::Message& message,
                           absl::string_view owner = "");

}  // namespace lenslet

#endif  // LENSLET_BASE_PROTO_FIELD_H_
