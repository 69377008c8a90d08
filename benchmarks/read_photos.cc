// Reads a folder of images as training does, and prints the seconds:
//   read_photos FOLDER SIDE THREADS [CACHE_FOLDER]
// benchmarks/phone_photos.sh compares it with a loader in Python.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "lenslet/data/dataset.h"
#include "lenslet/data/image_folder.h"
#include "lenslet/data/unreadable_files.h"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  if (argc != 4 && argc != 5) {
    std::fprintf(stderr, "usage: read_photos FOLDER SIDE THREADS [CACHE]\n");
    return 2;
  }
  const int64_t side = std::atoi(argv[2]);
  const Clock::time_point start = Clock::now();
  std::vector<lenslet::UnreadableFile> unreadable;
  const absl::StatusOr<lenslet::Dataset> dataset = lenslet::LoadImageFolders(
      argv[1], {side, side, 3}, {},
      {.read = {.skip_unreadable = true,
                .threads = std::atoi(argv[3]),
                .cache_folder = argc == 5 ? argv[4] : ""},
       .unreadable = &unreadable});
  if (!dataset.ok()) {
    std::fprintf(stderr, "read_photos: %s\n",
                 dataset.status().ToString().c_str());
    return 1;
  }
  const std::chrono::duration<double> seconds = Clock::now() - start;
  std::printf("lenslet: %d of %d images of %d x %d in %.2f s\n",
              static_cast<int>(dataset->size()),
              static_cast<int>(dataset->size() + unreadable.size()),
              static_cast<int>(side), static_cast<int>(side), seconds.count());
  return 0;
}
