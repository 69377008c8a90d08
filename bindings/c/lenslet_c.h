/* Lenslet's C interface: runs and trains small convolutional networks on a CPU.
 *
 *   lenslet_network *network;
 *   if (lenslet_load_file("lenet.ckpt", &network) != LENSLET_OK) {
 *     fprintf(stderr, "%s\n", lenslet_last_error());
 *     return 1;
 *   }
 *   uint8_t image[28 * 28] = {...};
 *   float scores[10];
 *   lenslet_predict_bytes(network, image, 28 * 28, scores, 10);
 *   lenslet_free(network);
 *
 * C99, and C++. Nothing here throws an exception. A program links liblenslet:
 * "pkg-config --cflags --libs lenslet", or find_package(lenslet) and the target
 * lenslet::lenslet in CMake.
 *
 * Errors. A function that can fail returns a code, LENSLET_OK (0) on success.
 * After a failure, lenslet_last_error() says what was wrong with which value. A
 * failed call leaves what it was given as it was, unless stated otherwise;
 * pointers to results are set to NULL or left alone. Each function that takes
 * pointers to memory fails with LENSLET_INVALID_ARGUMENT if one is NULL. Any
 * function that allocates can fail with LENSLET_RESOURCE_EXHAUSTED.
 *
 * Ownership. The caller frees what lenslet_load_*(), lenslet_copy(),
 * lenslet_trainer_create() and lenslet_save_memory() return, by the function
 * that each of them names. Buffers that are passed in stay the caller's, and
 * are not used after the call. Freeing NULL does nothing.
 *
 * Threads. Calls with different networks may run at the same time. Calls with
 * the same network, or with its trainer, must not overlap; that holds for
 * lenslet_predict_*() too, which use memory of the network. For several
 * threads, give each a network by lenslet_copy(). The last error is that of the
 * calling thread. There is no other state outside of networks and trainers.
 *
 * Examples. An example is one input of the network: an image
 * [height, width, channels], a sound [length, channels], a clip [depth, height,
 * width, channels] or a row of a table [columns]. An array of examples holds
 * them one after another, each row by row: the channels of a pixel are
 * neighbors. Numbers of elements below count all examples of an array.
 *
 * Bytes and floats. The network normalizes examples by the means and deviations
 * that it was trained with: (x / 255 - mean) / deviation of a byte x and
 * (x - mean) / deviation of a float x, with a mean and a deviation for each
 * channel, or 0 and 1 for all. So if it was trained on bytes, floats are bytes
 * divided by 255.
 *
 * The same bits. The same calls give the same bits on all CPUs with fused
 * multiply-adds, for any number of threads.
 *
 * CPUs. On x86-64, liblenslet needs AVX2 and FMA, which CPUs have since 2013
 * (Intel; not all Celerons, Pentiums and Atoms) or 2015 (AMD). On others,
 * lenslet_load_*() fail with LENSLET_UNIMPLEMENTED.
 */

#ifndef LENSLET_C_H_
#define LENSLET_C_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface; the name of the shared library ends in it. It
 * changes when a function, a struct or a constant does. Functions may be added
 * without a change: programs that were compiled with this header run with this
 * and later libraries of the same version. */
#define LENSLET_ABI_VERSION 1

/* LENSLET_ABI_VERSION of the library that runs. */
int lenslet_abi_version(void);

/* The version of Lenslet, such as "0.5". */
const char *lenslet_version(void);

/* The numbers are those of absl::StatusCode and gRPC. */
typedef enum lenslet_code {
  LENSLET_OK = 0,
  LENSLET_UNKNOWN = 2,
  LENSLET_INVALID_ARGUMENT = 3, /* A value, a file's content. */
  LENSLET_NOT_FOUND = 5,        /* A file. */
  LENSLET_PERMISSION_DENIED = 7,
  LENSLET_RESOURCE_EXHAUSTED = 8, /* Memory, disk. */
  LENSLET_FAILED_PRECONDITION = 9,
  LENSLET_UNIMPLEMENTED = 12,
  LENSLET_INTERNAL = 13,
  LENSLET_UNAVAILABLE = 14,
  LENSLET_DATA_LOSS = 15 /* A file that was cut short or changed. */
} lenslet_code;

/* The code of the last call of this thread that failed; LENSLET_OK if none has.
 * A call that succeeds does not change it. */
lenslet_code lenslet_last_code(void);

/* What was wrong with that call: one line of UTF-8, at most 1023 bytes long.
 * "" if none has failed. Never NULL. Valid until this thread's next call that
 * fails. */
const char *lenslet_last_error(void);

/* --- Networks ------------------------------------------------------------- */

/* A network with its parameters. */
typedef struct lenslet_network lenslet_network;

/* Load a checkpoint, as Lenslet's programs and lenslet_save_*() write it, from
 * a file (or latest.ckpt in the folder of a run) or from `size` bytes in
 * memory. Sets *network, which lenslet_free() frees, or to NULL on errors.
 * Errors: LENSLET_NOT_FOUND, LENSLET_PERMISSION_DENIED and others of reading a
 * file; LENSLET_INVALID_ARGUMENT for what is not a checkpoint, has no model in
 * it, or has several inputs; LENSLET_DATA_LOSS if it was cut short or changed;
 * LENSLET_UNIMPLEMENTED for another CPU. */
lenslet_code lenslet_load_file(const char *path, lenslet_network **network);
lenslet_code lenslet_load_memory(const void *bytes, size_t size,
                                 lenslet_network **network);

/* Makes a network with a copy of the parameters, for example for another
 * thread. It has the block of lenslet_set_block() too, but no trainer. Sets
 * *copy, which lenslet_free() frees, or to NULL on errors. */
lenslet_code lenslet_copy(const lenslet_network *network,
                          lenslet_network **copy);

/* Frees a network. If it has a trainer, the trainer may still be used, but what
 * it trains can no longer be saved: free the trainer first. */
void lenslet_free(lenslet_network *network);

/* Write a checkpoint: to a file, which is replaced as a whole or not at all; or
 * to memory. The latter sets *bytes to a new array of *size bytes, which
 * lenslet_free_bytes() frees, or to NULL on errors. The same network gives the
 * same bytes. Errors: those of writing a file. */
lenslet_code lenslet_save_file(const lenslet_network *network,
                               const char *path);
lenslet_code lenslet_save_memory(const lenslet_network *network, void **bytes,
                                 size_t *size);
void lenslet_free_bytes(void *bytes);

/* --- What a network takes and gives --------------------------------------- */

/* The most dimensions of a shape. */
#define LENSLET_MAX_RANK 6

/* Write the sizes of one example, and of the outputs for one example, to
 * `dims`, outermost first. Return the number of dimensions, 0 to
 * LENSLET_MAX_RANK; -1 for NULL. */
int lenslet_input_shape(const lenslet_network *network,
                        int64_t dims[LENSLET_MAX_RANK]);
int lenslet_output_shape(const lenslet_network *network,
                         int64_t dims[LENSLET_MAX_RANK]);

/* The number of elements of one example, and of the outputs for one example:
 * the product of the sizes. -1 for NULL. */
int64_t lenslet_input_elements(const lenslet_network *network);
int64_t lenslet_output_elements(const lenslet_network *network);

typedef enum lenslet_input_type {
  LENSLET_INPUT_UNKNOWN = 0,
  LENSLET_INPUT_BYTES = 1,
  LENSLET_INPUT_FLOATS = 2
} lenslet_input_type;

/* What the network was trained on; LENSLET_INPUT_UNKNOWN also for NULL. */
lenslet_input_type lenslet_trained_on(const lenslet_network *network);

typedef enum lenslet_target_kind {
  /* A score for each class. In a map [..., classes], for each position. */
  LENSLET_CLASSES = 0,
  /* A score for each label, of which any number can apply. */
  LENSLET_LABELS = 1,
  /* Values. */
  LENSLET_VALUES = 2
} lenslet_target_kind;

/* What the outputs are; LENSLET_CLASSES also for NULL. */
lenslet_target_kind lenslet_output_kind(const lenslet_network *network);

/* The number of names of classes, labels or values, and name `i` in the order
 * of the outputs, in UTF-8. Labels, values and classes of maps may have no
 * names: 0 and NULL. Also for a NULL network and `i` out of range. The text is
 * valid as long as the network. */
int64_t lenslet_output_names(const lenslet_network *network);
const char *lenslet_output_name(const lenslet_network *network, int64_t i);

/* --- Predicting ----------------------------------------------------------- */

/* Compute the outputs of any number of examples. `inputs` has `input_elements`
 * elements, a multiple of lenslet_input_elements(). `outputs` gets
 * `output_elements` floats: for each example, lenslet_output_elements().
 * Outputs are scores before softmax of classes, before sigmoid of labels, or
 * values. Neither array may be NULL, unless its number is 0.
 *
 * The first call after loading, training and lenslet_set_block() prepares
 * memory; others allocate nothing. Not-a-number in an example yields
 * not-a-number or any number in its outputs, and changes no other example's.
 *
 * Errors: LENSLET_INVALID_ARGUMENT for numbers that do not fit. */
lenslet_code lenslet_predict_bytes(lenslet_network *network,
                                   const uint8_t *inputs,
                                   int64_t input_elements, float *outputs,
                                   int64_t output_elements);
lenslet_code lenslet_predict_floats(lenslet_network *network,
                                    const float *inputs, int64_t input_elements,
                                    float *outputs, int64_t output_elements);

/* Sets how many examples go through the network together, 1 to 1000000. At
 * first 1, which is the fastest for one example at a time. 16 or 64 are faster
 * for many, and use more memory. The outputs of an example do not depend on the
 * others, nor on their number; but each block rounds in another order. Errors:
 * LENSLET_INVALID_ARGUMENT for another number. */
lenslet_code lenslet_set_block(lenslet_network *network, int64_t examples);

/* Computes probabilities of outputs that lenslet_predict_*() wrote: by softmax
 * over the classes (the last dimension), or by the sigmoid of each label:
 *
 *   p[k] = exp(x[k] - m) / (sum over j of exp(x[j] - m))   m = max x[j]
 *   p[k] = 1 / (1 + exp(-x[k]))
 *
 * Both arrays have `elements` floats, a multiple of lenslet_output_elements(),
 * and may be the same. Errors: LENSLET_INVALID_ARGUMENT for a number that does
 * not fit; LENSLET_FAILED_PRECONDITION if the outputs are values. */
lenslet_code lenslet_probabilities(const lenslet_network *network,
                                   const float *outputs, int64_t elements,
                                   float *probabilities);

/* --- Training ------------------------------------------------------------- */

/* The update rules. For the gradient g of the mean loss of a batch w.r.t. a
 * parameter w, the learning rate r, and a state that is 0 at first:
 *
 *   SGD       w <- w - r g
 *   MOMENTUM  u <- momentum u + g          w <- w - r u
 *   NESTEROV  u <- momentum u + g          w <- w - r (g + momentum u)
 *   ADAGRAD   s <- s + g^2                 w <- w - r g / (sqrt(s) + epsilon)
 *   RMSPROP   s <- rms_decay s + (1 - rms_decay) g^2
 *                                          w <- w - r g / (sqrt(s) + epsilon)
 *   ADAM      m <- beta1 m + (1 - beta1) g
 *             v <- beta2 v + (1 - beta2) g^2
 *             w <- w - r (m / (1 - beta1^t)) /
 *                        (sqrt(v / (1 - beta2^t)) + epsilon)   t = 1, 2, ...
 *   ADAMW     as ADAM, and w <- w - r weight_decay w
 *
 * In all but ADAMW, g includes weight_decay w. */
typedef enum lenslet_optimizer {
  LENSLET_SGD = 0,
  LENSLET_MOMENTUM = 1,
  LENSLET_NESTEROV = 2,
  LENSLET_ADAGRAD = 3,
  LENSLET_RMSPROP = 4,
  LENSLET_ADAM = 5,
  LENSLET_ADAMW = 6
} lenslet_optimizer;

/* Start from LENSLET_TRAINING_DEFAULTS, which has the values in parentheses:
 *
 *   lenslet_training training = LENSLET_TRAINING_DEFAULTS;
 *   training.optimizer = LENSLET_ADAM;
 *   training.learning_rate = 0.001;
 */
typedef struct lenslet_training {
  int32_t optimizer;      /* A lenslet_optimizer. (LENSLET_SGD) */
  int32_t inputs;         /* A lenslet_input_type, that of the batches.
                           * (LENSLET_INPUT_UNKNOWN: as
                           * lenslet_trained_on(); bytes if unknown.) */
  double learning_rate;   /* Positive. (0.01) */
  double momentum;        /* In [0, 1). (0.9) */
  double rms_decay;       /* In [0, 1). (0.9) */
  double beta1;           /* In [0, 1). (0.9) */
  double beta2;           /* In [0, 1). (0.999) */
  double epsilon;         /* Positive. (1e-8) */
  double weight_decay;    /* At least 0. (0) */
  double clip_norm;       /* At least 0. Scales larger gradients down to
                           * this Euclidean norm; 0: none. (0) */
  int64_t batch_size;     /* The most examples of a step, 1 to 1000000.
                           * Memory grows with it. (64) */
  int64_t block;          /* The examples that go through the network
                           * together, 1 to 1000000. Batch normalization
                           * takes means over them. (16) */
  int64_t trained_layers; /* Trains only this many of the layers with
                           * trainable parameters, the last ones, and
                           * keeps the others' weights. 0: all. (0) */
  uint64_t seed;          /* Of dropout. (0) */
  int32_t threads;        /* 1 to 1024; does not change results. (1) */
} lenslet_training;

#define LENSLET_TRAINING_DEFAULTS                                            \
  {                                                                          \
    LENSLET_SGD, LENSLET_INPUT_UNKNOWN, 0.01, 0.9, 0.9, 0.9, 0.999, 1e-8, 0, \
        0, 64, 16, 0, 0, 1                                                   \
  }

/* Trains a network. */
typedef struct lenslet_trainer lenslet_trainer;

/* Makes a trainer of the network, which lenslet_trainer_free() frees. The loss
 * is cross-entropy of classes, sigmoid cross-entropy of labels, or mean squared
 * error of values. The network keeps its names and normalization. A network has
 * one trainer at a time. Sets *trainer, or to NULL on errors.
 *
 * Errors: LENSLET_INVALID_ARGUMENT for a field out of its range, naming it; and
 * for a network without trainable parameters. LENSLET_FAILED_PRECONDITION if
 * the network has a trainer. */
lenslet_code lenslet_trainer_create(lenslet_network *network,
                                    const lenslet_training *training,
                                    lenslet_trainer **trainer);
void lenslet_trainer_free(lenslet_trainer *trainer);

/* The examples of a step. Inputs are `bytes` or `floats`, as
 * lenslet_training.inputs says; the other is NULL. Targets are `classes` for
 * LENSLET_CLASSES: for each example, or each position of a map, a number from 0
 * to below the number of classes, or -1 for a position that does not count.
 * Otherwise they are `values`, as many as outputs: for labels 1 or 0, whether
 * they apply. */
typedef struct lenslet_batch {
  int64_t examples; /* In [1, batch_size]. */
  const uint8_t *bytes;
  const float *floats;
  int64_t input_elements; /* examples * lenslet_input_elements(). */
  const int32_t *classes;
  const float *values;
  int64_t target_elements; /* Of classes or values. */
} lenslet_batch;

/* Updates the network's parameters by the gradient of the batch's mean loss.
 * Writes that loss, from before the update, to *loss unless `loss` is NULL.
 * lenslet_predict_*() use the new parameters.
 *
 * Errors: LENSLET_INVALID_ARGUMENT for numbers that do not fit, for a class or
 * a label out of range, naming the example, and for a value that is not finite;
 * LENSLET_FAILED_PRECONDITION if a loss, gradient or parameter is not finite,
 * such as after a learning rate that was too high, or for an input that is not
 * finite; the text names the layer. A failed step leaves the parameters as they
 * were. If it failed for a gradient or parameter that is not finite, the
 * optimizer's state is lost: continue with a new trainer. */
lenslet_code lenslet_train_step(lenslet_trainer *trainer,
                                const lenslet_batch *batch, double *loss);

/* Sets the learning rate of the next steps. Errors: LENSLET_INVALID_ARGUMENT
 * for one that is not positive and finite. */
lenslet_code lenslet_set_learning_rate(lenslet_trainer *trainer, double rate);

/* The number of steps so far; -1 for NULL. */
int64_t lenslet_steps(const lenslet_trainer *trainer);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* LENSLET_C_H_ */
