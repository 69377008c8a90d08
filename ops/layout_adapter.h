// Lets a kernel with one layout work on blocks in the other.

#ifndef LENSLET_OPS_LAYOUT_ADAPTER_H_
#define LENSLET_OPS_LAYOUT_ADAPTER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "lenslet/ops/kernel.h"
#include "lenslet/tensor/lanes.h"
#include "lenslet/tensor/shape.h"

namespace lenslet {

// Returns `kernel` if its layout is `layout`. Otherwise returns a kernel with
// this layout that copies blocks of up to `images` images to the layout of
// `kernel` and back. Shapes are those of one image. Bind() allocates the copies
// and may return ResourceExhausted.
std::unique_ptr<Kernel> AdaptLayout(Layout layout,
                                    std::unique_ptr<Kernel> kernel,
                                    const std::vector<Shape>& inputs,
                                    const Shape& output, int64_t images);

// The same for a kernel whose inputs and output may each have another layout:
// copies those whose layout is not that of `kernel`. There is a layout
// for each input. The result's layout() is that of its output.
std::unique_ptr<Kernel> AdaptLayouts(const std::vector<Layout>& input_layouts,
                                     Layout output_layout,
                                     std::unique_ptr<Kernel> kernel,
                                     const std::vector<Shape>& inputs,
                                     const Shape& output, int64_t images);

}  // namespace lenslet

#endif  // LENSLET_OPS_LAYOUT_ADAPTER_H_
