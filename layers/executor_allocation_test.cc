#include <cstdlib>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lenslet/base/random.h"
#include "lenslet/layers/executor.h"
#include "lenslet/layers/graph.h"
#include "lenslet/layers/layers.h"
#include "lenslet/layers/parameters.h"
#include "lenslet/layers/testing/allocation_count.h"
#include "lenslet/layers/testing/scaled_product.h"
#include "lenslet/ops/backend.h"
#include "lenslet/tensor/fill.h"

namespace lenslet {
namespace {

// Keeps the compiler from leaving out an allocation.
template <typename T>
void Use(T* memory) {
  asm volatile("" : : "r"(memory) : "memory");
}

// A count that stays at zero would prove nothing.
TEST(AllocationCountTest, CountsNewAndMallocAndItsKin) {
  const auto allocations = [](auto allocate) {
    const int64_t before = AllocationCount();
    void* memory = allocate();
    Use(memory);
    const int64_t count = AllocationCount() - before;
    std::free(memory);
    return count;
  };
  EXPECT_EQ(allocations([] { return std::malloc(100); }), 1);
  EXPECT_EQ(allocations([] { return std::calloc(10, 10); }), 1);
  EXPECT_EQ(allocations([] { return std::realloc(nullptr, 10); }), 1);
  EXPECT_EQ(allocations([] { return std::aligned_alloc(64, 64); }), 1);
  EXPECT_EQ(allocations([] {
              void* memory = nullptr;
              EXPECT_EQ(posix_memalign(&memory, 64, 100), 0);
              return memory;
            }),
            1);
  EXPECT_EQ(allocations([] { return static_cast<void*>(nullptr); }), 0);
  const int64_t before = AllocationCount();
  auto memory = std::make_unique<float[]>(1000);
  Use(memory.get());
  EXPECT_EQ(AllocationCount() - before, 1);
}

// One layer of each kind, and a branch.
Graph AllLayers() {
  GraphBuilder builder;
  builder.AddInput("image", {12, 12, 1});
  builder.AddLayer(
      "conv",
      layers::Conv2d({.output_channels = 3, .window = {.kernel = {3, 3}}}),
      {"image"});
  builder.AddLayer(
      "strided",
      layers::Conv2d(
          {.output_channels = 3,
           .window = {.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}}),
      {"conv"});
  builder.AddLayer("sigmoid", layers::Sigmoid(), {"strided"});
  builder.AddLayer("conv2",
                   layers::Conv2d({.output_channels = 3,
                                   .window = {.kernel = {3, 3},
                                              .dilation = {2, 1},
                                              .padding = {2, 1}}}),
                   {"sigmoid"});
  builder.AddLayer("sum", layers::Add(), {"sigmoid", "conv2"});
  builder.AddLayer("avg", layers::AvgPool2d({.window = {.kernel = {2, 2}}}),
                   {"sum"});
  builder.AddLayer(
      "max",
      layers::MaxPool2d(
          {.window = {.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1}}}),
      {"avg"});
  builder.AddLayer("norm", layers::BatchNorm(), {"max"});
  builder.AddLayer("dropout", layers::Dropout(0.5), {"norm"});
  builder.AddLayer("relu", layers::Relu(), {"dropout"});
  builder.AddLayer("flatten", layers::Flatten(), {"relu"});
  builder.AddLayer("fc", layers::Linear({.output_features = 10}), {"flatten"});
  builder.AddLayer("tanh", layers::Tanh(), {"fc"});
  builder.AddLayer("custom", layers::Custom(std::make_shared<ScaledProduct>()),
                   {"tanh", "fc"});
  return *builder.Build();
}

class ExecutorAllocationTest : public ::testing::TestWithParam<Backend> {};

INSTANTIATE_TEST_SUITE_P(Backends, ExecutorAllocationTest,
                         ::testing::ValuesIn(kBackends), [](const auto& info) {
                           return std::string(Name(info.param));
                         });

// From the first run on, and where the number of images changes.
TEST_P(ExecutorAllocationTest, RunningAllocatesNothing) {
  const Graph graph = AllLayers();
  Parameters parameters = *Parameters::Create(graph);
  Parameters gradients = *Parameters::Create(graph);
  Random random(/*seed=*/5);
  FillUniform(-0.5, 0.5, random, parameters.array());
  auto executor = *Executor::Create(graph, parameters,
                                    {.backend = GetParam(),
                                     .images = 16,
                                     .training = true,
                                     .input_gradients = true,
                                     .measure_time = true});
  FillUniform(-1, 1, random, executor->input().span());
  FillUniform(-1, 1, random, executor->output_gradient().span());
  for (int64_t images : {16, 16, 7, 1, 16}) {
    const int64_t before = AllocationCount();
    executor->Forward(images);
    const int64_t forward = AllocationCount() - before;
    executor->Backward(images, gradients.array());
    const int64_t all = AllocationCount() - before;
    EXPECT_EQ(forward, 0) << images << " images";
    EXPECT_EQ(all, 0) << images << " images";
  }
}

TEST_P(ExecutorAllocationTest, InferenceAllocatesNothing) {
  const Graph graph = AllLayers();
  const Parameters parameters = *Parameters::Create(graph);
  auto executor = *Executor::Create(graph, parameters,
                                    {.backend = GetParam(), .images = 16});
  // A smaller block first.
  for (int64_t images : {3, 16, 1}) {
    const int64_t before = AllocationCount();
    executor->Forward(images);
    const int64_t forward = AllocationCount() - before;
    EXPECT_EQ(forward, 0) << images << " images";
  }
}

}  // namespace
}  // namespace lenslet
