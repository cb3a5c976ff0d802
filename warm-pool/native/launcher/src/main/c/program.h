/* The program that a process is about to become. Must not know what was done to the process before. */
#ifndef MAYFLY_PROGRAM_H
#define MAYFLY_PROGRAM_H

#include <stdbool.h>

#include "wire.h"

/* Remembers argv and env where they lie: the bytes, and one behind them, are written to. False if they are not as many. */
bool program_set(uint8_t *strings, uint32_t bytes, uint32_t argc, uint32_t envc);

/* As execvpe does, with the PATH of the environment that the program gets. Returns only if it cannot, with errno. */
void program_execute(void);

/* With an environment of ours instead of its own, and without a search: the program's path is absolute. */
void program_execute_as(const char *const *environment);

#endif
