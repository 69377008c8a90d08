/* Runs the self-test of a generated network: the exit status is 0 if it passes.
 */

#include "net.h"

static float arena[NET_ARENA];

int main(void) { return net_self_test(arena) ? 0 : 1; }
