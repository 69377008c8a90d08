/* What a C program computes in turn with others (speed.py). */

#ifndef BENCHMARKS_DEPLOYED_WORKER_H_
#define BENCHMARKS_DEPLOYED_WORKER_H_

#include <stdint.h>

/* Reads the trained parameters, if they are not in the code: floats as
 * lenslet_worker --write_parameters has them. Returns 0 if it cannot. */
int prepare(const char* parameters);

/* The 10 scores of 28 x 28 pixels. */
const float* scores_of(const uint8_t* image);

#endif /* BENCHMARKS_DEPLOYED_WORKER_H_ */
