/* Gives a network that runs row by row the same input in rows and at once. The
 * exit status is 0 if the results are the same. NUMBER is the type of the
 * input's numbers. With CLASS_ONLY, the results are classes. */

#include <string.h>

#include "net.h"

static NUMBER image[NET_INPUTS];
static NUMBER row[NET_ROW];
static float arena[NET_ARENA];

int main(void) {
  for (int i = 0; i < NET_INPUTS; ++i) image[i] = (NUMBER)(i * 37 % 101);
#ifdef CLASS_ONLY
  const int expected = net_class(image, arena);
#else
  static float scores[NET_OUTPUTS];
  memcpy(scores, net_scores(image, arena), sizeof(scores));
#endif
  memset(arena, 0xff, sizeof(arena));
  for (int h = 0; h < NET_ROWS; ++h) {
    memcpy(row, image + h * NET_ROW, sizeof(row));
    const int last = h == NET_ROWS - 1;
#ifdef CLASS_ONLY
    if (net_push_row(row, h, arena) != (last ? expected : -1)) return 1;
#else
    const float* result = net_push_row(row, h, arena);
    if ((result != 0) != last) return 1;
    if (last && memcmp(result, scores, sizeof(scores)) != 0) return 1;
#endif
    memset(row, 0xff, sizeof(row));
  }
  return 0;
}
