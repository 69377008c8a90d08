// Folders for tests to write into.

#ifndef LENSLET_BASE_TEMP_FOLDER_H_
#define LENSLET_BASE_TEMP_FOLDER_H_

#include <filesystem>
#include <string>

#include "gtest/gtest.h"

namespace lenslet {

// Creates an empty folder called `name` in the test's temporary folder, and
// returns its path. Deletes an existing folder of that name.
inline std::string EmptyTempFolder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "/" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace lenslet

#endif  // LENSLET_BASE_TEMP_FOLDER_H_
