// A network with a layer that the program itself defines (swish.h): trained,
// saved, loaded and used.

#include <iostream>

#include "absl/strings/str_format.h"
#include "lenslet/examples/swish.h"
#include "lenslet/inspect/summary.h"
#include "lenslet/lenslet.h"

using namespace lenslet;          // NOLINT: a short program.
using namespace lenslet::layers;  // NOLINT

namespace {

Network MakeNetwork() {
  return Network::Sequential(
             {28, 28, 1},
             {Conv2d(6, 5, {.padding = 2}), MaxPool2d(2), Swish(),
              Conv2d(16, 5), MaxPool2d(2), Swish(), Flatten(), Linear(10)})
      .value();
}

}  // namespace

int main() {
  const TrainAndTest data = FashionMnist().value();
  Network net = MakeNetwork();
  std::cout << Summarize(net.graph(), [](int) { return Backend::kLanes; })
            << "\n";
  Train(net, data.train,
        {.epochs = 2,
         .batch_size = 64,
         .learning_rate = 0.1,
         .on_epoch = PrintTo(std::cout, data.test)})
      .value();

  // It has started at 1 for each channel.
  const int swish = net.graph().FindNode("swish_1");
  const int beta = net.graph().nodes()[swish].first_parameter;
  std::cout << net.parameters().info(beta).name << " is now";
  for (const float value : net.parameters().view(beta).span()) {
    std::cout << absl::StrFormat(" %.1f", value);
  }
  std::cout << "\n";

  // A model file cannot describe Swish, so the file has the parameters only.
  // The code describes the network.
  if (!net.SaveParameters("/tmp/custom_layer.ckpt").ok()) return 1;
  Network same = MakeNetwork();
  if (!same.LoadParameters("/tmp/custom_layer.ckpt").ok()) return 1;
  std::cout
      << same.Classify(data.test.Example(0).value(), 1).value()[0].class_name
      << "\n";
}
