#include "lenslet/benchmarks/peers/lineup.h"

#include "absl/strings/str_cat.h"

namespace lenslet::peers {
namespace {

bool HasAvx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq");
#else
  return false;
#endif
}

PeerInfo TunedLibtorch() {
  return {.name = "libtorch, tuned",
          .worker = "libtorch_worker",
          .variants = {"channels_last", "nchw"},
          .openmp = true,
          .tuned_environment = true};
}

PeerInfo OneDnn() {
  return {.name = "oneDNN",
          .worker = "onednn_worker",
          .variants = {"nhwc", "nhwc-fused", "any", "any-fused", "mixed-fused"},
          .openmp = true};
}

}  // namespace

std::vector<std::string> PeerInfo::Environment(int threads) const {
  std::vector<std::string> variables;
  if (openmp) variables.push_back(absl::StrCat("OMP_NUM_THREADS=", threads));
  if (!tuned_environment) return variables;
  // OpenBLAS chooses kernels by the CPU's model, and takes those of 2004 for
  // models younger than itself.
  if (HasAvx512()) variables.push_back("OPENBLAS_CORETYPE=SkylakeX");
  // Its threads would take turns with OpenMP's, which spin while they wait.
  variables.push_back("OPENBLAS_NUM_THREADS=1");
  // Activations that are given back to the system are page faults in the next
  // step.
  variables.push_back(
      "GLIBC_TUNABLES=glibc.malloc.mmap_max=0:"
      "glibc.malloc.trim_threshold=4294967296");
  return variables;
}

PeerInfo LensletPeerInfo(const std::vector<std::string>& variants) {
  return {.name = "Lenslet", .worker = "lenslet_worker", .variants = variants};
}

std::vector<PeerInfo> OtherPeers() {
  return {
      OneDnn(),
      TunedLibtorch(),
      {.name = "libtorch, env only",
       .worker = "libtorch_worker",
       .variants = {"channels_last-denormals", "nchw-denormals"},
       .openmp = true,
       .tuned_environment = true},
      {.name = "libtorch, stock",
       .worker = "libtorch_worker",
       .variants = {"stock"},
       .openmp = true},
      {.name = "XNNPACK", .worker = "xnnpack_worker", .trains = false},
  };
}

std::vector<PeerInfo> OtherPeersForZoo() {
  return {OneDnn(),
          TunedLibtorch(),
          {.name = "XNNPACK",
           .worker = "lenslet_worker",
           .variants = {"xnnpack"},
           .trains = false}};
}

}  // namespace lenslet::peers
