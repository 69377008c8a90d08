// What protoc says of model.proto, as a FileDescriptorSet of
// google/protobuf/descriptor.proto.

#ifndef LENSLET_MODELS_MODEL_DESCRIPTOR_H_
#define LENSLET_MODELS_MODEL_DESCRIPTOR_H_

#include "absl/strings/string_view.h"

namespace lenslet {

absl::string_view ModelDescriptor();

}  // namespace lenslet

#endif  // LENSLET_MODELS_MODEL_DESCRIPTOR_H_
