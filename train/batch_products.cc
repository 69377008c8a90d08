#include "lenslet/train/batch_products.h"

#include <algorithm>
#include <utility>

#include "lenslet/base/status_macros.h"
#include "lenslet/tensor/lanes.h"

namespace lenslet {
namespace {

absl::StatusOr<Tensor> MakeMatrix(int64_t rows, int64_t columns) {
  LENSLET_ASSIGN_OR_RETURN(const Shape shape, Shape::Create({rows, columns}));
  return Tensor::Create(ElementType::kFloat32, shape);
}

}  // namespace

absl::StatusOr<BatchProducts> BatchProducts::Create(const Graph& graph,
                                                    const Executor& executor,
                                                    int64_t blocks,
                                                    int64_t block) {
  BatchProducts products(block);
  for (int node = 0; node < executor.layer_count(); ++node) {
    const GradientProduct* product = executor.gradient_product(node);
    if (product == nullptr) continue;
    const int64_t block_rows = LaneGroups(block) * product->group_rows();
    LENSLET_ASSIGN_OR_RETURN(
        Tensor a, MakeMatrix(blocks * block_rows, product->a_stride()));
    LENSLET_ASSIGN_OR_RETURN(
        Tensor b, MakeMatrix(blocks * block_rows, product->b_stride()));
    const int parameter = graph.nodes()[node].first_parameter;
    products.products_.push_back(
        {.node = node,
         .product = *product,
         .offset = graph.parameters()[parameter].offset,
         .block_rows = block_rows,
         .a = std::move(a),
         .b = std::move(b)});
    products.AddParts(products.products_.back());
  }
  return products;
}

void BatchProducts::AddParts(const Product& product) {
  // A multiple of the rows of most tiles.
  constexpr int64_t kRows = 24;
  const int64_t m = product.product.m();
  const int64_t n = product.product.n();
  for (int64_t row = 0; row < m; row += kRows) {
    const int64_t rows = std::min(kRows, m - row);
    parts_.push_back({.product = static_cast<int>(products_.size()) - 1,
                      .node = product.node,
                      .first_row = row,
                      .rows = rows,
                      .begin = product.offset + row * n,
                      .end = product.offset + (row + rows) * n});
  }
}

void BatchProducts::WriteBlock(int64_t i, Executor& executor) {
  for (Product& p : products_) {
    const int64_t row = i * p.block_rows;
    executor.WriteProductRows(p.node, p.a.data() + row * p.product.a_stride(),
                              p.b.data() + row * p.product.b_stride());
  }
}

void BatchProducts::Compute(const Part& part, int64_t images,
                            absl::Span<float> gradients) const {
  const Product& p = products_[part.product];
  // Only the last block may have fewer groups than others.
  const int64_t blocks = images / block_;
  const int64_t rows = blocks * p.block_rows +
                       LaneGroups(images % block_) * p.product.group_rows();
  p.product.Compute(rows, p.a.data(), p.b.data(), part.first_row,
                    part.first_row + part.rows, /*add=*/false,
                    gradients.data() + p.offset);
}

}  // namespace lenslet
