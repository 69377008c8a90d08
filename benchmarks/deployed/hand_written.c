/* LeNet as one writes it in C by hand: a loop for each dimension, the output
 * channels innermost, so that the compiler makes vectors of them. */

#include <math.h>
#include <stdio.h>

#include "worker.h"

/* Weights [inputs][outputs], where the inputs of a convolution are its taps and
 * channels. */
static float conv1[25][6], conv1_bias[6];
static float conv2[150][16], conv2_bias[16];
static float linear1[400][120], linear1_bias[120];
static float linear2[120][84], linear2_bias[84];
static float linear3[84][10], linear3_bias[10];

/* Reads [outputs][inputs], and a bias. */
static int read_layer(FILE* file, float* weights, float* bias, int inputs,
                      int outputs) {
  for (int o = 0; o < outputs; ++o) {
    for (int i = 0; i < inputs; ++i) {
      if (fread(weights + i * outputs + o, sizeof(float), 1, file) != 1) {
        return 0;
      }
    }
  }
  return fread(bias, sizeof(float), outputs, file) == (size_t)outputs;
}

int prepare(const char* parameters) {
  FILE* file = fopen(parameters, "rb");
  if (file == 0) return 0;
  const int ok = read_layer(file, conv1[0], conv1_bias, 25, 6) &&
                 read_layer(file, conv2[0], conv2_bias, 150, 16) &&
                 read_layer(file, linear1[0], linear1_bias, 400, 120) &&
                 read_layer(file, linear2[0], linear2_bias, 120, 84) &&
                 read_layer(file, linear3[0], linear3_bias, 84, 10);
  fclose(file);
  return ok;
}

/* A convolution of 5 x 5 without padding, of [size + 4][size + 4][inputs] to
 * [size][size][outputs]. */
static inline void convolve(const float* restrict x, const float* restrict w,
                            const float* restrict bias, float* restrict y,
                            int size, int inputs, int outputs) {
  for (int h = 0; h < size; ++h) {
    for (int v = 0; v < size; ++v) {
      float sums[16];
      for (int o = 0; o < outputs; ++o) sums[o] = bias[o];
      for (int kh = 0; kh < 5; ++kh) {
        const float* row = x + ((h + kh) * (size + 4) + v) * inputs;
        const float* taps = w + kh * 5 * inputs * outputs;
        for (int i = 0; i < 5 * inputs; ++i) {
          for (int o = 0; o < outputs; ++o) {
            sums[o] += row[i] * taps[i * outputs + o];
          }
        }
      }
      for (int o = 0; o < outputs; ++o) {
        y[(h * size + v) * outputs + o] = sums[o];
      }
    }
  }
}

static inline void sigmoid(float* x, int count) {
  for (int i = 0; i < count; ++i) x[i] = 1.0f / (1.0f + expf(-x[i]));
}

/* Averages of 2 x 2, of [2 size][2 size][channels] to [size][size][channels].
 */
static inline void pool(const float* restrict x, float* restrict y, int size,
                        int channels) {
  for (int h = 0; h < size; ++h) {
    for (int v = 0; v < size; ++v) {
      const float* a = x + (2 * h * 2 * size + 2 * v) * channels;
      const float* b = a + 2 * size * channels;
      for (int c = 0; c < channels; ++c) {
        y[(h * size + v) * channels + c] =
            (a[c] + a[channels + c] + b[c] + b[channels + c]) * 0.25f;
      }
    }
  }
}

static inline void multiply(const float* restrict x, const float* restrict w,
                            const float* restrict bias, float* restrict y,
                            int inputs, int outputs) {
  for (int o = 0; o < outputs; ++o) y[o] = bias[o];
  for (int i = 0; i < inputs; ++i) {
    for (int o = 0; o < outputs; ++o) y[o] += x[i] * w[i * outputs + o];
  }
}

const float* scores_of(const uint8_t* image) {
  static float padded[32][32];
  static float map1[28 * 28 * 6], pooled1[14 * 14 * 6];
  static float map2[10 * 10 * 16], pooled2[5 * 5 * 16];
  static float hidden1[120], hidden2[84], scores[10];
  for (int h = 0; h < 28; ++h) {
    for (int v = 0; v < 28; ++v) {
      padded[h + 2][v + 2] = (float)image[h * 28 + v] / 255;
    }
  }
  convolve(padded[0], conv1[0], conv1_bias, map1, 28, 1, 6);
  sigmoid(map1, 28 * 28 * 6);
  pool(map1, pooled1, 14, 6);
  convolve(pooled1, conv2[0], conv2_bias, map2, 10, 6, 16);
  sigmoid(map2, 10 * 10 * 16);
  pool(map2, pooled2, 5, 16);
  multiply(pooled2, linear1[0], linear1_bias, hidden1, 400, 120);
  sigmoid(hidden1, 120);
  multiply(hidden1, linear2[0], linear2_bias, hidden2, 120, 84);
  sigmoid(hidden2, 84);
  multiply(hidden2, linear3[0], linear3_bias, scores, 84, 10);
  return scores;
}
