// Everything that an application needs to define, train, evaluate, save, load
// and use a network, and to calculate with tensors and print them. README.md
// has a program. Apart, with their own libraries:
// * gradients of such calculations: lenslet/tensor/autograd.h, in
//   //tensor:autograd;
// * other data sets: lenslet/data/image_folder.h, csv.h and cifar.h, in
//   //data:all_sources;
// * the report of a run: lenslet/report.h, in //lenslet:report.

#ifndef LENSLET_LENSLET_H_
#define LENSLET_LENSLET_H_

#include "lenslet/data/arrays.h"
#include "lenslet/data/compute_normalization.h"
#include "lenslet/data/dataset.h"
#include "lenslet/data/examples.h"
#include "lenslet/data/split.h"
#include "lenslet/data/synthetic.h"
#include "lenslet/fashion_mnist.h"
#include "lenslet/layers/custom_layer.h"
#include "lenslet/network.h"
#include "lenslet/short_layers.h"
#include "lenslet/tensor/arithmetic.h"
#include "lenslet/tensor/print.h"
#include "lenslet/tensor/slice.h"
#include "lenslet/tensor/tensor.h"
#include "lenslet/train.h"

#endif  // LENSLET_LENSLET_H_
