/* A slot: a small process that sits in cgroups of its own and makes one sandbox after the other in them. As its children
   are born where it sits, no request ever waits for the kernel to move a process between cgroups. */
#ifndef MAYFLY_SLOT_H
#define MAYFLY_SLOT_H

#include <stdint.h>
#include <sys/types.h>

/* From a slot: it is ready; a shell was made; its shell has ended. To a slot: make a shell; hold what a
   successor of this launcher will need. */
enum slot_word { SLOT_READY = 1, SLOT_MADE, SLOT_ENDED, SLOT_FAILED, SLOT_ASK, SLOT_HOLD };

/* Of SLOT_MADE: the shell's pidfd, and where its output and its errors arrive. */
enum { SLOT_MADE_FDS = 3 };

struct slot_message {
    int32_t word;
    int32_t value; /* pid of the shell, its wait status, or an errno */
};

/* Forks a slot that enters the cgroups of this number and the home namespace. Returns its pid and the socket to it. */
pid_t slot_fork(int number, int home_namespace, int *to_slot);

/* Asks for a shell; `shell_socket` is the shell's end and is closed here. */
int slot_ask(int slot, int shell_socket);

#endif
