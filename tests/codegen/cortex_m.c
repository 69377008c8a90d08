/* Runs the self-test of a generated network on a Cortex-M without an operating
 * system, and ends QEMU with its result: the exit status is 0 if it passes. */

#include "net.h"

static float arena[NET_ARENA];

/* Calls the debugger ("semihosting"): SYS_EXIT_EXTENDED. */
static void exit_emulator(uint32_t status) {
  const uint32_t block[2] = {0x20026, status};
  register uint32_t operation __asm__("r0") = 0x20;
  register const uint32_t* argument __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(argument) : "memory");
}

void reset(void) {
#ifdef __ARM_FP
  *(volatile uint32_t*)0xe000ed88 |= 0xfu << 20; /* Switches the unit on. */
  __asm__ volatile("dsb\n\tisb");
#endif
  exit_emulator(net_self_test(arena) ? 0 : 1);
  for (;;) {
  }
}

extern uint32_t stack_top;
__attribute__((section(".vectors"), used)) static const void* const vectors[] =
    {&stack_top, (const void*)reset};
