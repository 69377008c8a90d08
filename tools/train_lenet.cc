// Trains the book's LeNet on Fashion-MNIST: tools/train with other defaults,
// and without what a first training does not need.

#include "lenslet/data/basic_sources.h"
#include "lenslet/tools/train_program.h"

int main(int argc, char** argv) {
  return lenslet::TrainProgram(
      {.name = "train_lenet",
       .description =
           "Trains LeNet on Fashion-MNIST with the recipe of the book \"Dive "
           "into Deep Learning\":\nstochastic gradient descent on the "
           "cross-entropy, Xavier-uniform initialisation.\nFlags change the "
           "recipe. --recipe selects another one; its data must be in "
           "MNIST's format\nor synthetic.",
       .data_sources = lenslet::BasicDataSources(),
       .recipe = "book"},
      argc, argv);
}
