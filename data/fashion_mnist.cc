#include "lenslet/data/fashion_mnist.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "fashion_mnist/runfile.h"
#include "lenslet/base/file.h"
#include "lenslet/base/status_macros.h"
#include "lenslet/data/mnist.h"
#include "tools/cpp/runfiles/runfiles.h"

namespace lenslet {
namespace {

using ::bazel::tools::cpp::runfiles::Runfiles;

}  // namespace

absl::StatusOr<std::string> FindFashionMnist(const std::string& argv0,
                                             const std::string& installed) {
  // Bazel knows where files are, not directories.
  const std::unique_ptr<Runfiles> runfiles(Runfiles::Create(argv0));
  if (runfiles != nullptr) {
    const std::string file = runfiles->Rlocation(kFashionMnistRunfile);
    if (FileExists(file)) return file.substr(0, file.rfind('/'));
  }
  if (FileExists(installed)) return installed;
  return absl::NotFoundError(absl::StrCat(
      installed, ": Fashion-MNIST is neither here nor among the runfiles of \"",
      argv0, "\"; \"apt-get install dataset-fashion-mnist\" installs it"));
}

absl::StatusOr<Dataset> LoadFashionMnist(const std::string& argv0,
                                         Split split) {
  LENSLET_ASSIGN_OR_RETURN(const std::string folder, FindFashionMnist(argv0));
  return LoadMnist(
      folder, split,
      {.class_names = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                       "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}});
}

}  // namespace lenslet
