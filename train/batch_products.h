// The gradients of a batch that are products of matrices (ops/
// gradient_product.h), made once for all of its blocks.
//
// Each block writes its rows; then the rows of the gradients are computed, on
// any threads in any order: every number is one sum in the order of the images.

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
  // Some rows of a gradient: elements [begin, end) of an array of gradients.
  struct Part {
    int product;
    int node;  // The layer that it belongs to.
    int64_t first_row;
    int64_t rows;
    int64_t begin;
    int64_t end;
  };

  // None.
  BatchProducts() = default;

  // Those of the layers that `executor` can leave out, for batches of up to
  // `blocks` blocks of up to `block` images. Errors: ResourceExhausted.
  static absl::StatusOr<BatchProducts> Create(const Graph& graph,
                                              const Executor& executor,
                                              int64_t blocks, int64_t block);

  // Makes an executor's next Backward(), of block i, write its rows here.
  // Different blocks may be written by different threads.
  void WriteBlock(int64_t i, Executor& executor);

  // Together, all of these gradients; parts of some ten microseconds.
  const std::vector<Part>& parts() const { return parts_; }

  // Writes a part to an array of gradients, after all blocks of a batch of
  // `images` images have been written.
  void Compute(const Part& part, int64_t images,
               absl::Span<float> gradients) const;

 private:
  struct Product {
    int node;
    GradientProduct product;
    int64_t offset;  // Of its parameter.
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
