// What LeNet's convolutions have learned: their filters, and the maps that they
// make of two images. With a folder as its argument, writes pictures there too.

#include "lenslet/inspect/feature_maps.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "lenslet/base/check.h"
#include "lenslet/data/batches.h"
#include "lenslet/data/image_file.h"
#include "lenslet/inspect/color_map.h"
#include "lenslet/inspect/contact_sheet.h"
#include "lenslet/inspect/terminal_picture.h"
#include "lenslet/layers/executor.h"
#include "lenslet/lenslet.h"
#include "lenslet/ops/backend.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/tensor/view.h"

namespace lenslet {
namespace {

// Draws maps [n, H, W] in the terminal, `columns` in a row, and writes them to
// FOLDER/NAME.png unless the folder is "".
void Show(absl::string_view title, View<const float> maps, ColorMap colors,
          int64_t columns, int64_t zoom, const std::string& folder,
          const std::string& name) {
  // Filters are compared with one another. A map shows where a filter answers
  // most, however weakly that is.
  const bool scale_each = colors == ColorMap::kGray;
  const Tensor sheet =
      ContactSheet(
          maps,
          {.columns = columns, .zoom = zoom, .gap = 2, .background = {0, 0, 0}})
          .value();
  const int width = static_cast<int>(sheet.shape().dim(1));
  std::cout << title << "\n";
  const std::string picture = TerminalPicture(sheet, width);
  for (absl::string_view line :
       absl::StrSplit(absl::StripSuffix(picture, "\n"), '\n')) {
    std::cout << "|" << line << std::string(width - line.size(), ' ') << "|\n";
  }
  std::cout << "\n";

  if (folder.empty()) return;
  const std::string path = absl::StrCat(folder, "/", name, ".png");
  const absl::Status written = WritePngFile(
      path,
      ContactSheet(maps, {.colors = colors, .scale_each = scale_each}).value());
  if (!written.ok()) {
    std::cerr << written.message() << "\n";
    std::exit(1);
  }
}

// The output of a layer for the executor's one image, [C, H, W].
Tensor MapsOf(const char* layer, Executor& executor) {
  const View<const float> output = executor.LayerOutput(layer).value();
  const Shape& shape = output.shape();  // [1, H, W, C]
  return ActivationMaps(
             output.Reshape({shape.dim(1), shape.dim(2), shape.dim(3)}))
      .value()
      .maps;
}

// The first image of a class.
int64_t FindClass(const Dataset& dataset, absl::string_view name) {
  const std::vector<int32_t> labels = dataset.Classes().value();
  const auto label = std::find_if(
      labels.begin(), labels.end(),
      [&](int32_t label) { return dataset.target_names[label] == name; });
  LENSLET_CHECK(label != labels.end());
  return label - labels.begin();
}

void Main(const std::string& folder) {
  const TrainAndTest data = FashionMnist().value();
  Network lenet = Network::FromModel("lenet_relu").value();
  Train(lenet, data.train, {.epochs = 2, .batch_size = 64}).value();
  std::printf("LeNet with ReLU, test accuracy %.2f\n\n",
              Evaluate(lenet, data.test).value().accuracy);

  // conv1's weight is [6, 5, 5, 1]: with one input channel, six maps of 5x5.
  const View<const float> filters = lenet.parameters().view(0);
  Show("The filters of the first convolution, bright where they add",
       filters.Reshape({6, 5, 5}), ColorMap::kDiverging, /*columns=*/6,
       /*zoom=*/2, folder, "filters");

  const std::unique_ptr<Executor> executor =
      Executor::Create(
          lenet.graph(), lenet.parameters(),
          {.backend = Backend::kReference, .images = 1, .keep_outputs = true})
          .value();
  for (const char* name : {"Pullover", "Sneaker"}) {
    const int64_t index = FindClass(data.test, name);
    LENSLET_CHECK(ReadInputs(data.test, {index}, Layout::kImages,
                             executor->input().data())
                      .ok());
    Tensor image({1, 28, 28});
    std::copy_n(executor->input().data(), 28 * 28, image.data());
    const std::string file = absl::AsciiStrToLower(name);
    Show(absl::StrCat("Test image ", index, ", ", name), image.view(),
         ColorMap::kGray, /*columns=*/1, /*zoom=*/1, folder, file);

    executor->Forward(1);
    Show("Its six maps after the first convolution",
         MapsOf("relu1", *executor).view(), ColorMap::kGray, /*columns=*/3,
         /*zoom=*/1, folder, absl::StrCat(file, "_conv1"));
    Show("The same, pooled: of four pixels the largest",
         MapsOf("pool1", *executor).view(), ColorMap::kGray, /*columns=*/6,
         /*zoom=*/1, folder, absl::StrCat(file, "_pool1"));
    Show("Its sixteen maps after the second convolution",
         MapsOf("relu2", *executor).view(), ColorMap::kGray, /*columns=*/4,
         /*zoom=*/1, folder, absl::StrCat(file, "_conv2"));
  }
}

}  // namespace
}  // namespace lenslet

int main(int argc, char** argv) { lenslet::Main(argc > 1 ? argv[1] : ""); }
