// Trains a model by a recipe.

#include "lenslet/tools/train_program.h"

int main(int argc, char** argv) {
  return lenslet::TrainProgram(
      {.name = "train",
       .description =
           "Trains a model by a recipe, and keeps the run in a folder, which "
           "the same command\ngoes on from."},
      argc, argv);
}
