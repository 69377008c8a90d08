// The book's LeNet, defined in code: trained, saved, loaded and used.

#include <iostream>
#include <vector>

#include "lenslet/lenslet.h"

using namespace lenslet;          // NOLINT: a short program.
using namespace lenslet::layers;  // NOLINT

int main() {
  const TrainAndTest data = FashionMnist().value();
  Network net = Network::Sequential(
                    {28, 28, 1},
                    {Conv2d(6, 5, {.padding = 2}), Sigmoid(), AvgPool2d(2),
                     Conv2d(16, 5), Sigmoid(), AvgPool2d(2), Flatten(),
                     Linear(120), Sigmoid(), Linear(84), Sigmoid(), Linear(10)})
                    .value();
  Train(net, data.train,
        {.epochs = 10,
         .batch_size = 256,
         .learning_rate = 0.9,
         .on_epoch = PrintTo(std::cout, data.test)})
      .value();
  if (!net.Save("/tmp/first_network.ckpt").ok()) return 1;

  const Network same = Network::Load("/tmp/first_network.ckpt").value();
  const std::vector<ClassScore> best =
      same.Classify(data.test.Example(0).value(), 3).value();
  for (const ClassScore& s : best) {
    std::cout << s.class_name << " " << s.probability << "\n";
  }
}
