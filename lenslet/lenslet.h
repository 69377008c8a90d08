// Everything that an application needs to define, train, evaluate, save, load
// and use a network, and to calculate with tensors and print them. README.md
// has a program. Gradients of such calculations are in
// lenslet/tensor/autograd.h, in the target //tensor:autograd. Other data sets
// have separate headers, such as lenslet/data/image_folder.h, in the target
// //data:image_folder. So has the report of a run: lenslet/report.h, in
// //lenslet:report.

#ifndef LENSLET_LENSLET_H_
#define LENSLET_LENSLET_H_

#include "lenslet/data/compute_normalization.h"
#include "lenslet/data/dataset.h"
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
