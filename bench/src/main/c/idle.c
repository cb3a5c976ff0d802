/* Says that it runs, then waits for ever. Its arguments tell it from others on the machine. */
#include <unistd.h>

int main(void) {
    if (write(1, "ready\n", 6) != 6) return 1;
    for (;;) pause();
}
