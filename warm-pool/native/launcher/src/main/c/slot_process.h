/* A slot: a small process that sits in cgroups of its own and makes one sandbox after the other in them. As its children
   are born where it sits, no request ever waits for the kernel to move a process between cgroups. Must not know the launcher's
   table of slots, nor anything of a sandbox but its shell. */
#ifndef MAYFLY_SLOT_PROCESS_H
#define MAYFLY_SLOT_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* From a slot: it is ready; a shell was made; its shell has ended; it cannot. To a slot: make a shell. What a slot is given to hold
   for a successor has another word (handover.h). */
enum slot_word { SLOT_READY = 1, SLOT_MADE, SLOT_ENDED, SLOT_FAILED, SLOT_ASK };

/* Beside the status of SLOT_ENDED: all that was printed has been handed on. */
enum { SLOT_ALL_SAID = 1 << 16 };

/* SLOT_READY comes with the slot's pidfd, SLOT_MADE with these: the shell's pidfd, and where its output and its errors arrive. */
enum { SLOT_MADE_FDS = 3 };

struct slot_message {
    int32_t word;
    int32_t value; /* the shell's wait status with SLOT_ALL_SAID, or an errno; no pids: those of a zygote's slots are of its own namespace */
};

/* What a slot is, whoever forked it. It enters its cgroups by the files that list who is in them. Entering a cgroup may wait for a
   grace period of the kernel: nobody else does it. Returns only in a sandbox that goes on as a copy of this process. */
void slot_process_main(uint32_t number, int launcher, int home_namespace, const int *groups, int count);

/* Asks for a shell; `shell_socket` is the shell's end and is closed here. */
int slot_process_ask(int slot, int shell_socket);

#endif
