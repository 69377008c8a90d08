#include "lenslet/fashion_mnist.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/data/fashion_mnist.h"
#include "lenslet/data/split.h"

namespace lenslet {

absl::StatusOr<TrainAndTest> FashionMnist() {
  std::error_code error;
  const std::string program =
      std::filesystem::read_symlink("/proc/self/exe", error);
  LENSLET_ASSIGN_OR_RETURN(Dataset train,
                           LoadFashionMnist(program, Split::kTrain));
  LENSLET_ASSIGN_OR_RETURN(Dataset test,
                           LoadFashionMnist(program, Split::kTest));
  return TrainAndTest{.train = std::move(train), .test = std::move(test)};
}

}  // namespace lenslet
