// Who takes part in the peers benchmark.

#ifndef LENSLET_BENCHMARKS_PEERS_LINEUP_H_
#define LENSLET_BENCHMARKS_PEERS_LINEUP_H_

#include <string>
#include <vector>

namespace lenslet::peers {

struct PeerInfo {
  std::string name;    // For tables.
  std::string worker;  // The program, in the folder of workers.
  // Ways of using the library, of which the fastest counts.
  std::vector<std::string> variants = {"default"};
  bool trains = true;
  // Threads are set by OMP_NUM_THREADS.
  bool openmp = false;
  // Gets the environment that makes libtorch fastest.
  bool tuned_environment = false;

  // The variables "NAME=value" that its process gets besides the usual ones.
  std::vector<std::string> Environment(int threads) const;
};

// Lenslet with the variants given, such as {"default"}; the peer that others
// are compared with.
PeerInfo LensletPeerInfo(const std::vector<std::string>& variants);

// oneDNN, libtorch, both tuned and stock, and XNNPACK.
std::vector<PeerInfo> OtherPeers();

// For networks of the zoo: oneDNN, libtorch, tuned, and XNNPACK as Lenslet's
// backend, with batch normalization folded into convolutions.
std::vector<PeerInfo> OtherPeersForZoo();

}  // namespace lenslet::peers

#endif  // LENSLET_BENCHMARKS_PEERS_LINEUP_H_
