#define _GNU_SOURCE
#include "slot_process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handover.h"
#include "kernel.h"
#include "relay.h"
#include "shell.h"
#include "users.h"

static uint32_t number;
static int control; /* the socket to the launcher, or to its successor */

static struct relay out, err;

static void tell(int word, int value, const int *fds, int count) {
    struct slot_message message = {word, value};
    if (send_fds(control, &message, sizeof message, fds, count) != 0) _exit(0); /* The launcher is gone. */
}

static void close_all(int shell_socket) {
    close(shell_socket);
    relay_close(&out);
    relay_close(&err);
}

/* Until the sandbox has ended, whoever is the launcher meanwhile. */
static void watch_over(pid_t shell, int pidfd) {
    for (;;) {
        /* Asked for no event, a socket tells its end alone: what the launcher sends meanwhile wakes nobody. */
        struct pollfd watched[] = {{pidfd, POLLIN, 0}, {control, 0, 0}, relay_wants(&out), relay_wants(&err)};
        if (poll(watched, 4, -1) < 0) continue;
        relay_pump(&out);
        relay_pump(&err);
        if (watched[0].revents) return;
        if (!watched[1].revents) continue;
        int held[HANDOVER_FDS] = {pidfd, out.launcher, err.launcher};
        if (handover_keep_ms() == 0) _exit(0); /* The sandbox goes with us. */
        if (handover_find_successor(&control, held)) continue;
        kill(shell, SIGKILL);
        return;
    }
}

/* True in the sandbox, if that goes on as a copy of this process. */
static bool make_shell(int shell_socket) {
    int pidfd = -1, status = 0;
    if (!relay_open(&out) || !relay_open(&err)) {
        int error = errno;
        close_all(shell_socket);
        tell(SLOT_FAILED, error, NULL, 0);
        return false;
    }
    unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_PIDFD | SIGCHLD;
    /* Without a stack of its own: the child goes on with a copy of this one, as after fork. */
    pid_t pid = syscall(SYS_clone, flags, NULL, &pidfd, NULL, 0);
    if (pid == 0) {
        shell_main(number, shell_socket, out.program, err.program);
        return true;
    }
    if (pid < 0) {
        int error = errno;
        close_all(shell_socket);
        tell(SLOT_FAILED, error, NULL, 0);
        return false;
    }
    close(shell_socket);
    close_fd(&out.program);
    close_fd(&err.program);
    int fds[SLOT_MADE_FDS] = {pidfd, out.launcher, err.launcher};
    tell(SLOT_MADE, 0, fds, SLOT_MADE_FDS);
    if (handover_keep_ms() == 0) {
        close_fd(&out.launcher);
        close_fd(&err.launcher);
    }
    watch_over(pid, pidfd);
    close(pidfd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    /* Mostly all is said by now; else the launcher, once told, takes the rest at once. It is told first: to close what it
       listens to would wake it once for each. */
    bool all_said = relay_finished(&out) && relay_finished(&err);
    tell(SLOT_ENDED, status | (all_said ? SLOT_ALL_SAID : 0), NULL, 0);
    relay_finish(&out);
    relay_finish(&err);
    return false;
}

static bool enter_groups(const int *groups, int count) {
    for (int i = 0; i < count; i++)
        if (write(groups[i], "0", 1) != 1) return false;
    return true;
}

void slot_process_main(uint32_t own_number, int launcher, int home_namespace, const int *groups, int count) {
    number = own_number;
    control = launcher;
    users_limit();
    write_file("/proc/self/oom_score_adj", "-1000"); /* Not allowed everywhere: then a sandbox is still the larger prey. */
    if (!enter_groups(groups, count) || setns(home_namespace, CLONE_NEWNS) != 0) {
        tell(SLOT_FAILED, errno, NULL, 0);
        _exit(1);
    }
    /* Nothing of the launcher's is handed on: only the socket stays open. */
    if (dup2(control, 0) < 0 || syscall(SYS_close_range, 1, ~0u, 0) != 0) _exit(1);
    control = 0;
    int own = syscall(SYS_pidfd_open, getpid(), 0);
    if (own < 0) _exit(1);
    tell(SLOT_READY, 0, &own, 1);
    close(own);
    for (;;) {
        char word;
        int fd, fds;
        ssize_t got = receive_fds(control, &word, 1, &fd, 1, &fds);
        if (got <= 0) _exit(0); /* The launcher is gone, or has no use for this slot. */
        if (fds == 1 && word == SLOT_ASK) {
            if (make_shell(fd)) return;
        } else if (fds == 1) {
            close(fd); /* Of a sandbox that has ended since. */
        }
    }
}

int slot_process_ask(int slot, int shell_socket) {
    char word = SLOT_ASK;
    int sent = send_fds(slot, &word, 1, &shell_socket, 1);
    close(shell_socket);
    return sent;
}
