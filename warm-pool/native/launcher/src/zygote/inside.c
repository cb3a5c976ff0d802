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

#include "fork_server.h"
#include "handover.h"
#include "kernel.h"
#include "mount_guard.h"
#include "seccomp.h"
#include "shell.h"
#include "zygotes.h"

static int *thread_id; /* where the C library keeps this thread's number */

static int receive_begin(int control) {
    struct zygote_begin begin;
    int home, count;
    if (receive_fds(control, &begin, sizeof begin, &home, 1, &count) != sizeof begin || count != 1) _exit(0);
    begin.group[sizeof begin.group - 1] = 0;
    handover_open(begin.group, begin.keep_ms);
    mount_guard_import(&begin.guard);
    return home;
}

/* Shells are clones without the C library's help. */
static void after_clone(void) {
    if (thread_id) *thread_id = syscall(SYS_set_tid_address, thread_id);
}

__attribute__((visibility("default"))) int mayfly_zygote(int control) {
    int home = receive_begin(control);
    const char *why = mount_guard_refusal("/proc/thread-self/ns/mnt");
    if (!why) why = mount_guard_forbid("/proc/thread-self/ns/mnt"); /* Shells must have left it too. */
    seccomp_compile(); /* Its first part was loaded before this program began. */
    if (why) {
        fprintf(stderr, "zygote: %s\n", why);
        _exit(1);
    }
    shell_is_forked();
    if (prctl(PR_GET_TID_ADDRESS, &thread_id, 0, 0, 0) != 0) thread_id = NULL;
    fork_server_run(control, home);
    after_clone();
    return 0;
}
