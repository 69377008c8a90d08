// Trains the book's LeNet through the one header of //lenslet.

#include <iostream>

#include "lenslet/lenslet.h"

int main() {
  const lenslet::TrainAndTest data = lenslet::FashionMnist().value();
  lenslet::Network net = lenslet::Network::FromModel("lenet").value();
  lenslet::Train(net, data.train,
                 {.epochs = 2,
                  .learning_rate = 0.9,
                  .on_epoch = lenslet::PrintTo(std::cout, data.test)})
      .value();
}
