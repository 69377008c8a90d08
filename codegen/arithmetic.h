/* The portable arithmetic: IEEE 754 single precision, each operation rounded to
 * nearest, products and sums apart. No operation is fused with another or
 * reordered, so each compiler and each CPU computes the same bits.
 * docs/arithmetic.md defines what the layers compute with it.
 *
 * This is C99 without a library. Lenslet compiles it into its portable
 * evaluator and copies it into the C files that it generates. A `vf` is a
 * vector of V floats: as many as the CPU has in a register, or one. Each lane
 * computes the same, so results do not depend on V.
 *
 * Results of finite numbers are the same everywhere. Those of NaNs are not.
 */

#if defined(LENSLET_NO_CONTRACTION)
/* The compiler's flags forbid it. */
#elif defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

#if defined(__GNUC__) && defined(__AVX__)
#define V 8
#elif defined(__GNUC__) && \
    (defined(__SSE2__) || defined(__ARM_NEON) || defined(__wasm_simd128__))
#define V 4
#else
#define V 1
#endif

/* A network needs some of these functions. */
#if defined(__GNUC__)
#define FUNCTION static inline __attribute__((unused))
#else
#define FUNCTION static inline
#endif

#if V > 1
typedef float vf __attribute__((vector_size(4 * V), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(4 * V), aligned(4), may_alias));
typedef uint32_t vu __attribute__((vector_size(4 * V), aligned(4), may_alias));
/* All bits of a lane where x < y, else none. */
#define LESS(x, y) ((vi)((x) < (y)))
#else
typedef float vf;
typedef int32_t vi;
typedef uint32_t vu;
#define LESS(x, y) (-(int32_t)((x) < (y)))
#endif

FUNCTION vf vf_load(const float* x) { return *(const vf*)x; }

FUNCTION void vf_store(float* y, vf x) { *(vf*)y = x; }

/* Stores the first `count` floats of x, which may be more than it has. */
FUNCTION void vf_put(float* y, vf x, int count) {
  if (count >= V) {
    vf_store(y, x);
    return;
  }
  float lanes[V];
  vf_store(lanes, x);
  for (int i = 0; i < V; ++i) {
    if (i < count) y[i] = lanes[i];
  }
}

FUNCTION vf vf_set(float x) { return x - (vf){0}; }

FUNCTION vi vf_bits(vf x) {
  union {
    vf f;
    vi i;
  } u;
  u.f = x;
  return u.i;
}

FUNCTION vf vf_of_bits(vi x) {
  union {
    vf f;
    vi i;
  } u;
  u.i = x;
  return u.f;
}

/* a where the mask has bits, else b. */
FUNCTION vf vf_select(vi mask, vf a, vf b) {
  return vf_of_bits((mask & vf_bits(a)) | (~mask & vf_bits(b)));
}

FUNCTION vf vf_at_least(vf x, float low) {
  return vf_select(LESS(x, vf_set(low)), vf_set(low), x);
}

FUNCTION vf vf_at_most(vf x, float high) {
  return vf_select(LESS(vf_set(high), x), vf_set(high), x);
}

FUNCTION vf vf_abs(vf x) { return vf_of_bits(vf_bits(x) & 0x7fffffff); }

/* x = k ln(2) + r, with an integer k and |r| <= ln(2) / 2. Returns r. The
 * lowest bits of `shifted` are those of k. */
FUNCTION vf vf_reduce(vf x, vf* shifted) {
  /* A float of 1.5 * 2^23 has no fractional bits. */
  *shifted = x * 1.44269504f + 12582912.0f;
  const vf k = *shifted - 12582912.0f;
  /* ln(2) in two parts. The first times k is exact. */
  const vf r = x - k * 0.693359375f;
  return r + k * 2.12194440e-4f;
}

/* 2^k y */
FUNCTION vf vf_scale(vf y, vf shifted) {
  /* Without a sign, sums and shifts may overflow. */
  return vf_of_bits((vi)((vu)vf_bits(y) + ((vu)vf_bits(shifted) << 23)));
}

/* e^x, for x clamped to [-87, 88]. */
FUNCTION vf vf_exp(vf x) {
  x = vf_at_most(vf_at_least(x, -87.0f), 88.0f);
  vf shifted;
  const vf r = vf_reduce(x, &shifted);
  vf y = r * 0.00829764808f + 0.04191543142f;
  y = y * r + 0.16667575089f;
  y = y * r + 0.49998894414f;
  y = y * r + 0.99999969181f;
  y = y * r + 1.0f;
  return vf_scale(y, shifted);
}

/* e^x - 1, for x <= 0. */
FUNCTION vf vf_exp_minus_one(vf x) {
  vf shifted;
  const vf r = vf_reduce(vf_at_least(x, -87.0f), &shifted);
  vf p = r * 0.0013882508501f + 0.0083665801212f;
  p = p * r + 0.0416672006249f;
  p = p * r + 0.1666654348373f;
  p = p * r + 0.4999999701977f;
  const vf e = r * r * p + r;
  const vf scale = vf_scale(vf_set(1.0f), shifted);
  return scale * e + (scale - 1.0f);
}

/* log(1 + u), for 0 <= u <= 1. */
FUNCTION vf vf_log_one_plus(vf u) {
  const vf s = u / (u + 2.0f);
  const vf z = s * s;
  vf p = z * 0.2801198065281f + 0.2800180613995f;
  p = p * z + 0.4002152681351f;
  p = p * z + 0.6666641831398f;
  return s * z * p + (s + s);
}

/* log(x), for normal x > 0: k ln(2) + log(m), for x = 2^k m and 1 <= m < 2. */
FUNCTION vf vf_log(vf x) {
  const vi bits = vf_bits(x);
  /* A float of 1.5 * 2^23 has an integer in its lowest bits. */
  const vf k = vf_of_bits((bits >> 23) + (0x4b400000 - 127)) - 12582912.0f;
  const vf m = vf_of_bits((bits & 0x7fffff) | 0x3f800000);
  return k * 0.693147182f + vf_log_one_plus(m - 1.0f);
}

FUNCTION vf vf_sigmoid(vf x) { return 1.0f / (vf_exp(-x) + 1.0f); }

FUNCTION vf vf_tanh(vf x) {
  const vf size = vf_abs(x);
  const vf large = 1.0f - 2.0f / (vf_exp(size + size) + 1.0f);
  const vf z = x * x;
  vf p = z * -0.005717045074608132f + 0.02065058731599484f;
  p = p * z - 0.05374349808781901f;
  p = p * z + 0.13331491287084538f;
  p = p * z - 0.333332839252886f;
  const vf small = p * z * x + x;
  const vf signed_large = vf_select(LESS(x, vf_set(0.0f)), 0.0f - large, large);
  return vf_select(LESS(size, vf_set(0.625f)), small, signed_large);
}

FUNCTION vf vf_relu(vf x) {
  const vf zero = vf_set(0.0f);
  return vf_select(LESS(zero, x), x, zero);
}

FUNCTION vf vf_leaky_relu(vf x, float slope) {
  return vf_select(LESS(vf_set(0.0f), x), x, x * slope);
}

FUNCTION vf vf_elu(vf x, float alpha) {
  const vf below = vf_exp_minus_one(vf_at_most(x, 0.0f)) * alpha;
  return vf_select(LESS(vf_set(0.0f), x), x, below);
}

/* x Phi(x), with the standard normal distribution Phi. */
FUNCTION vf vf_gelu(vf x) {
  x = vf_at_least(x, -14.0f);
  const vf bounded = vf_at_most(x, 14.0f);
  const vf size = vf_abs(bounded);
  const vf half_square = size * 0.5f * size;
  const vf e = vf_select(LESS(half_square, vf_set(87.0f)), vf_exp(-half_square),
                         vf_set(0.0f));
  const vf t = 1.0f / (size * 0.21f + 1.0f);
  vf p = t * -0.0722288191319f + 0.2864159345627f;
  p = p * t - 0.3362238109112f;
  p = p * t + 0.3564323782921f;
  p = p * t - 0.0989698916674f;
  p = p * t + 0.1271278113127f;
  p = p * t + 0.0685794353485f;
  p = p * t + 0.0851613059640f;
  p = p * t + 0.0837056487799f;
  const vf tail = e * (p * t);
  return x * vf_select(LESS(bounded, vf_set(0.0f)), tail, 1.0f - tail);
}

FUNCTION vf vf_silu(vf x) { return vf_at_least(x, -87.0f) * vf_sigmoid(x); }

FUNCTION vf vf_softplus(vf x) {
  return vf_at_least(x, 0.0f) + vf_log_one_plus(vf_exp(0.0f - vf_abs(x)));
}

FUNCTION vf vf_clip(vf x, float min, float max) {
  return vf_at_most(vf_at_least(x, min), max);
}

FUNCTION vf vf_hard_sigmoid(vf x, float slope, float offset) {
  return vf_clip(x * slope + offset, 0.0f, 1.0f);
}

FUNCTION vf vf_hard_swish(vf x) {
  x = vf_at_least(x, -3.0f);
  return x * vf_hard_sigmoid(x, 0.166666672f, 0.5f);
}

/* The square root of a normal x > 0, rounded to nearest: digit by digit, of a
 * mantissa of 50 bits. */
FUNCTION float float_sqrt(float x) {
  union {
    float f;
    uint32_t bits;
  } u;
  u.f = x;
  int32_t exponent = (int32_t)(u.bits >> 23) - 127;
  uint64_t square = (uint64_t)(u.bits & 0x7fffff) | 0x800000;
  if (exponent & 1) {
    square <<= 1;
    --exponent;
  }
  square <<= 25;
  uint64_t root = 0;
  for (uint64_t bit = (uint64_t)1 << 24; bit > 0; bit >>= 1) {
    if ((root | bit) * (root | bit) <= square) root |= bit;
  }
  /* No square of 24 bits has a root that ends in half a unit. */
  u.bits = (uint32_t)((exponent / 2 + 127) * (1 << 23) - (1 << 23)) +
           (uint32_t)((root + 1) >> 1);
  return u.f;
}

FUNCTION vf vf_max(vf a, vf b) { return vf_select(LESS(a, b), b, a); }

FUNCTION vf vf_min(vf a, vf b) { return vf_select(LESS(b, a), b, a); }

/* A window along an axis of the input has its first tap at `start`, which may
 * be before the input. Returns the first tap on the input. */
FUNCTION int first_tap(int start, int dilation) {
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/* Returns the end of the taps on the input, of `kernel` taps. */
FUNCTION int end_tap(int start, int kernel, int dilation, int size) {
  const int end = (size - start + dilation - 1) / dilation;
  return end < kernel ? end : kernel;
}

/* How many rows of output are complete once the input has the rows up to `row`,
 * of `rows`: the window of row h covers `extent` rows from h * stride - before
 * on. */
FUNCTION int rows_done(int row, int rows, int extent, int stride, int before,
                       int outputs) {
  if (row < 0) return 0;
  if (row == rows - 1) return outputs;
  const int last = row + 1 + before - extent;
  if (last < 0) return 0;
  return last / stride + 1 < outputs ? last / stride + 1 : outputs;
}
