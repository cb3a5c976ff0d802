/*
 * The library of zygotes. An interpreter that has loaded what it needs calls mayfly_zygote(), which forks slots for the
 * launcher and never returns there. It returns, with 0, in each sandbox that is made of it: a new process in namespaces,
 * cgroups and root of its own, without privileges. Its caller has then to do what the interpreter does after a fork.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adoption.h"
#include "guard.h"
#include "kernel.h"
#include "mother.h"
#include "seccomp.h"
#include "shell.h"
#include "zygotes.h"

static int *thread_id; /* where the C library keeps this thread's number */

static int receive_begin(int control) {
    struct zygote_begin begin;
    int home, count;
    if (receive_fds(control, &begin, sizeof begin, &home, 1, &count) != sizeof begin || count != 1) _exit(0);
    begin.group[sizeof begin.group - 1] = 0;
    adoption_open(begin.group, begin.keep_ms);
    return home;
}

/* Shells are clones without the C library's help. */
static void after_clone(void) {
    if (thread_id) *thread_id = syscall(SYS_set_tid_address, thread_id);
}

__attribute__((visibility("default"))) int mayfly_zygote(int control) {
    char path[64];
    int home = receive_begin(control);
    snprintf(path, sizeof path, "/proc/self/fd/%d", home);
    const char *why = guard_open();
    if (!why) why = guard_forbid(path);
    seccomp_compile();
    if (!why && seccomp_load_ahead() != 0) why = "its system call filter cannot be loaded";
    if (why) {
        fprintf(stderr, "zygote: %s\n", why);
        _exit(1);
    }
    shell_is_forked = true;
    if (prctl(PR_GET_TID_ADDRESS, &thread_id, 0, 0, 0) != 0) thread_id = NULL;
    mother_serve(control, home);
    after_clone();
    return 0;
}
