/* Measures how long a program takes from opening the shared library to its
 * first prediction, each time in a new process, and prints the medians:
 *   bazel run //bindings/c:start_benchmark
 */

#define _POSIX_C_SOURCE 200809L

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lenslet_c.h"

enum { kProcesses = 101, kStages = 4, kPixels = 28 * 28, kClasses = 10 };

static char checkpoint[1 << 24];
static size_t checkpoint_size;

static double Now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

/* Writes the times of the stages and of all to `out`, in ms. */
static int Start(const char* library, double* out) {
  static uint8_t image[kPixels];
  float scores[kClasses];
  lenslet_network* network;
  lenslet_code (*load)(const void*, size_t, lenslet_network**);
  lenslet_code (*predict)(lenslet_network*, const uint8_t*, int64_t, float*,
                          int64_t);
  const double start = Now();
  void* handle = dlopen(library, RTLD_NOW);
  if (handle == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  *(void**)&load = dlsym(handle, "lenslet_load_memory");
  *(void**)&predict = dlsym(handle, "lenslet_predict_bytes");
  const double opened = Now();
  if (load(checkpoint, checkpoint_size, &network) != LENSLET_OK) return 1;
  const double loaded = Now();
  if (predict(network, image, kPixels, scores, kClasses) != LENSLET_OK) {
    return 1;
  }
  const double predicted = Now();
  out[0] = opened - start;
  out[1] = loaded - opened;
  out[2] = predicted - loaded;
  out[3] = predicted - start;
  return 0;
}

static int Compare(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  static const char* const kNames[kStages] = {"dlopen", "load from memory",
                                              "first prediction", "all"};
  static double times[kStages][kProcesses];
  if (argc != 3) {
    fprintf(stderr, "usage: start_benchmark LIBRARY CHECKPOINT\n");
    return 2;
  }
  FILE* file = fopen(argv[2], "rb");
  if (file == NULL) return 1;
  checkpoint_size = fread(checkpoint, 1, sizeof checkpoint, file);
  fclose(file);
  for (int i = 0; i < kProcesses; ++i) {
    int ends[2];
    double stages[kStages];
    if (pipe(ends) != 0) return 1;
    const pid_t child = fork();
    if (child == 0) {
      if (Start(argv[1], stages) != 0) _exit(1);
      _exit(write(ends[1], stages, sizeof stages) != sizeof stages);
    }
    close(ends[1]);
    if (read(ends[0], stages, sizeof stages) != sizeof stages) return 1;
    close(ends[0]);
    waitpid(child, NULL, 0);
    for (int s = 0; s < kStages; ++s) times[s][i] = stages[s];
  }
  for (int s = 0; s < kStages; ++s) {
    qsort(times[s], kProcesses, sizeof times[s][0], Compare);
    printf("%-17s %.2f ms\n", kNames[s], times[s][kProcesses / 2]);
  }
  return 0;
}
