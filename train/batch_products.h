// Computes gradients that are matrix products (ops/gradient_product.h) once per
// batch, for all of its blocks together.
//
// First, each block writes its rows of the factors. Then any threads compute
// the rows of the gradients, in any order. Each element is a single sum over
// the images in order, so the result does not depend on the threads.

#ifndef LENSLET_TRAIN_BATCH_PRODUCTS_H_
#define LENSLET_TRAIN_BATCH_PRODUCTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/ops/gradient_product.h"
#include "lenslet/tensor/tensor.h"

namespace lenslet {

class BatchProducts {
 public:
  // Consecutive rows of a gradient: elements [begin, end) of a gradient array.
  struct Part {
    int product;
    int node;  // The layer whose gradient this is.
    int64_t first_row;
    int64_t rows;
    int64_t begin;
    int64_t end;
  };

  // Has no products.
  BatchProducts() = default;

  // Has the products that `executor` can leave to its caller, for batches of up
  // to `blocks` blocks of up to `block` images. Errors: ResourceExhausted.
  static absl::StatusOr<BatchProducts> Create(const Graph& graph,
                                              const Executor& executor,
                                              int64_t blocks, int64_t block);

  // Makes the executor's next Backward(), which must be for block i, write its
  // rows here. Different blocks may be written by different threads.
  void WriteBlock(int64_t i, Executor& executor);

  // The parts that together make up all of these gradients. Computing one takes
  // about ten microseconds.
  const std::vector<Part>& parts() const { return parts_; }

  // Computes a part and writes it to a gradient array. All blocks of the batch,
  // `images` images in total, must have been written before.
  void Compute(const Part& part, int64_t images,
               absl::Span<float> gradients) const;

 private:
  struct Product {
    int node;
    GradientProduct product;
    int64_t offset;  // Of the parameter in the gradient array.
    int64_t block_rows;
    Tensor a;
    Tensor b;
  };

  explicit BatchProducts(int64_t block) : block_(block) {}

  void AddParts(const Product& product);

  int64_t block_ = 1;
  std::vector<Product> products_;
  std::vector<Part> parts_;
};

}  // namespace lenslet

#endif  // LENSLET_TRAIN_BATCH_PRODUCTS_H_
