// Reads data of each kind from files, which it makes first: a table, NumPy's
// arrays, images with a table of targets, images with masks, a packed file.
// docs/data.md explains them.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "lenslet/base/check.h"
#include "lenslet/data/arrays.h"
#include "lenslet/data/csv_table.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/image_file.h"
#include "lenslet/data/image_masks.h"
#include "lenslet/data/image_table.h"
#include "lenslet/data/npy.h"
#include "lenslet/data/packed_file.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {
namespace {

void Print(const char* kind, const absl::StatusOr<Dataset>& data) {
  if (!data.ok()) {
    std::cout << kind << ": " << data.status().message() << "\n";
    return;
  }
  std::cout << kind << ": " << data->size() << " examples of shape "
            << data->example_shape()
            << ", targets: " << absl::StrJoin(data->target_names, ", ") << "\n";
}

void WriteText(const std::string& name, absl::string_view text) {
  std::ofstream(name) << text;
}

// A file of format version 1 with numbers of `type`, such as "<f4".
void WriteNpy(const std::string& name, const std::string& type,
              const std::string& shape, absl::string_view numbers) {
  std::string header = "{'descr': '" + type +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize(117, ' ');
  header += '\n';
  std::ofstream(name, std::ios::binary)
      << absl::string_view("\x93NUMPY\x01\x00\x76\x00", 10) << header
      << numbers;
}

void WriteImage(const std::string& name, uint8_t gray) {
  Tensor image({8, 8, 1}, ElementType::kUint8);
  for (uint8_t& pixel : image.span<uint8_t>()) pixel = gray;
  LENSLET_CHECK(WritePngFile(name, image).ok());
}

absl::StatusOr<Dataset> Houses() {
  WriteText("houses.csv",
            "id,rooms,area,price\n1,3,70.5,210\n2,2,51,160.5\n3,5,120,330\n");
  absl::StatusOr<CsvTable> table = LoadCsvTable(
      "houses.csv", {.ignore = {"id"}, .target_columns = {"price"}});
  absl::StatusOr<Dataset> data =
      MakeDataset({.inputs = std::move(table->inputs),
                   .targets = std::move(table->targets),
                   .kind = TargetKind::kValues},
                  table->target_names);
  return data;
}

absl::StatusOr<Dataset> Arrays() {
  const float x[] = {0.5f, 1, -2, 3, 0, 1};
  WriteNpy("x.npy", "<f4", "3, 2",
           absl::string_view(reinterpret_cast<const char*>(x), sizeof(x)));
  WriteNpy("y.npy", "|u1", "3,", absl::string_view("\0\1\1", 3));
  absl::StatusOr<Dataset> data = LoadNpy("x.npy", "y.npy");
  return data;
}

absl::StatusOr<Dataset> Ages() {
  std::filesystem::create_directories("images/more");
  WriteImage("images/0001.png", 50);
  WriteImage("images/more/0002.png", 200);
  WriteText("train.csv", "file,age\n0001.png,34\nmore/0002.png,27.5\n");
  absl::StatusOr<Dataset> data = LoadImageTable(
      "train.csv", "images", {64, 64, 3},
      {.target_columns = {"age"}, .text_column = "file"}, nullptr);
  return data;
}

absl::StatusOr<Dataset> Roads() {
  std::filesystem::create_directories("masks");
  WriteImage("masks/0001.png", 1);
  absl::StatusOr<Dataset> data = LoadImageMasks(
      "images", "masks", {96, 96, 3},
      {.masks = {.class_names = {"ground", "road", "car"}, .ignored = 255}});
  return data;
}

absl::StatusOr<Dataset> Packed() {
  const absl::StatusOr<Dataset> roads = Roads();
  if (!roads.ok()) return roads;
  LENSLET_CHECK(WritePackedFile(*roads, "train.pack").ok());
  absl::StatusOr<Dataset> data =
      OpenPackedFile("train.pack", {.mixed_bytes = int64_t{256} << 20});
  return data;
}

}  // namespace
}  // namespace lenslet

int main() {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / "lenslet_data_kinds";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::filesystem::current_path(folder);
  lenslet::Print("houses", lenslet::Houses());
  lenslet::Print("arrays", lenslet::Arrays());
  lenslet::Print("ages", lenslet::Ages());
  lenslet::Print("roads", lenslet::Roads());
  lenslet::Print("packed", lenslet::Packed());
  std::filesystem::current_path("/");
  std::filesystem::remove_all(folder);
}
