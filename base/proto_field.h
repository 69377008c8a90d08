// Fields of protobuf messages by their names, set from what people type.

#ifndef LENSLET_BASE_PROTO_FIELD_H_
#define LENSLET_BASE_PROTO_FIELD_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace lenslet {

// Sets the field that `path` leads to from the message on, such as
// "optimizer.momentum". The value is as in protobuf's text format, where
// strings may go without quotation marks, and { ... } stands for a message. A
// list loses what it had, and has the values between commas, in brackets or
// without. Errors: InvalidArgument, with the reason alone; then the message is
// as it was.
absl::Status SetProtoField(absl::string_view path, absl::string_view value,
                           google::protobuf::Message& message);

}  // namespace lenslet

#endif  // LENSLET_BASE_PROTO_FIELD_H_
