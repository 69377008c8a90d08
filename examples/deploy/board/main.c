/* Classifies an image on a Cortex-M without an operating system: row by row, as
 * a camera would deliver it. Prints through the debugger ("semihosting"), which
 * QEMU and hardware debuggers have. */

#include "lenet.h"

static float arena[LENET_ARENA];
extern const uint8_t image[LENET_INPUTS]; /* Linked from a file. */

static void call_debugger(uint32_t operation, const void* argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void* r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void print(const char* text) { call_debugger(0x04, text); }

static void stop(uint32_t status) {
  const uint32_t block[2] = {0x20026, status};
  call_debugger(0x20, block);
  for (;;) {
  }
}

int main(void) {
  if (!lenet_self_test(arena)) {
    print("the self-test failed\n");
    return 1;
  }
  int best = -1;
  for (int h = 0; h < LENET_ROWS; ++h) {
    best = lenet_push_row(image + h * LENET_ROW, h, arena);
  }
  print(lenet_class_names[best]);
  print("\n");
  return 0;
}

/* The start of a C program. The linker script has the places. */
extern uint32_t data_in_flash[], data_start[], data_end[], bss_start[],
    bss_end[], stack_top[];

void reset(void) {
  *(volatile uint32_t*)0xe000ed88 |= 0xfu << 20; /* The unit for floats. */
  __asm__ volatile("dsb\n\tisb");
  const uint32_t* from = data_in_flash;
  for (volatile uint32_t* to = data_start; to < data_end;) *to++ = *from++;
  for (volatile uint32_t* to = bss_start; to < bss_end;) *to++ = 0;
  stop(main());
}

__attribute__((section(".vectors"),
               used)) static const void* const vectors[] = {stack_top,
                                                            (const void*)reset};
