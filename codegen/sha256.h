/* SHA-256 in C99 without a library. Source: FIPS 180-4, Secure Hash Standard,
 * section 6.2. Lenslet compiles it and copies it into the C files that it
 * generates. */

typedef struct {
  uint32_t state[8];
  uint8_t block[64];
  uint64_t bytes;
} Sha256;

static inline uint32_t sha256_rotate(uint32_t x, int n) {
  return (x >> n) | (x << (32 - n));
}

static void sha256_start(Sha256* hash) {
  static const uint32_t kStart[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
                                     0xa54ff53a, 0x510e527f, 0x9b05688c,
                                     0x1f83d9ab, 0x5be0cd19};
  for (int i = 0; i < 8; ++i) hash->state[i] = kStart[i];
  hash->bytes = 0;
}

static void sha256_mix(Sha256* hash) {
  static const uint32_t kRound[64] = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
      0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
      0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
      0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
      0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
      0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
      0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
      0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
      0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
  uint32_t w[64];
  for (int i = 0; i < 16; ++i) {
    const uint8_t* b = hash->block + 4 * i;
    w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           (uint32_t)b[3];
  }
  for (int i = 16; i < 64; ++i) {
    const uint32_t s0 = sha256_rotate(w[i - 15], 7) ^
                        sha256_rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const uint32_t s1 = sha256_rotate(w[i - 2], 17) ^
                        sha256_rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t v[8];
  for (int i = 0; i < 8; ++i) v[i] = hash->state[i];
  for (int i = 0; i < 64; ++i) {
    const uint32_t s1 = sha256_rotate(v[4], 6) ^ sha256_rotate(v[4], 11) ^
                        sha256_rotate(v[4], 25);
    const uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
    const uint32_t t1 = v[7] + s1 + choice + kRound[i] + w[i];
    const uint32_t s0 = sha256_rotate(v[0], 2) ^ sha256_rotate(v[0], 13) ^
                        sha256_rotate(v[0], 22);
    const uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
    for (int j = 7; j > 0; --j) v[j] = v[j - 1];
    v[4] += t1;
    v[0] = t1 + s0 + majority;
  }
  for (int i = 0; i < 8; ++i) hash->state[i] += v[i];
}

static void sha256_byte(Sha256* hash, uint8_t byte) {
  hash->block[hash->bytes++ % 64] = byte;
  if (hash->bytes % 64 == 0) sha256_mix(hash);
}

/* Adds the float's bits, lowest byte first. All NaNs are the same. */
static void sha256_float(Sha256* hash, float x) {
  union {
    float f;
    uint32_t bits;
  } u;
  u.f = x;
  const int is_nan = (u.bits & 0x7fffffff) > 0x7f800000;
  const uint32_t bits = is_nan ? 0x7fc00000 : u.bits;
  for (int i = 0; i < 4; ++i) sha256_byte(hash, (uint8_t)(bits >> (8 * i)));
}

static void sha256_finish(Sha256* hash, uint8_t digest[32]) {
  const uint64_t bits = hash->bytes * 8;
  sha256_byte(hash, 0x80);
  while (hash->bytes % 64 != 56) sha256_byte(hash, 0);
  for (int i = 7; i >= 0; --i) sha256_byte(hash, (uint8_t)(bits >> (8 * i)));
  for (int i = 0; i < 32; ++i) {
    digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
  }
}
