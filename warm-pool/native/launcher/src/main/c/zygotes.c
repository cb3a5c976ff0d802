#define _GNU_SOURCE
#include "zygotes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "events.h"
#include "fork_server.h"
#include "kernel.h"
#include "mount_guard.h"
#include "roots.h"
#include "seccomp.h"
#include "slots.h"
#include "zygote_process.h"

enum { SEE_OFF_MS = 500, LEAVING_MAX = SLOTS_MAX + 1 + ZYGOTES_MAX }; /* As many as may have a slot, and those that have none yet. */

/* The first is a copy of the launcher as it was before it had sandboxes: its shells execute a program. */
static struct zygote {
    pid_t pid; /* 0: there is none; of a zygote, process 1 of its pid namespace */
    int control;
    uint32_t number; /* which no other ever has */
} zygotes[1 + ZYGOTES_MAX];

static struct zygotes_listener listener;
static int home_namespace, library_file = -1;
static char mount_point[PATH_BYTES_MAX];
static struct zygote_begin begin;
static uint32_t last_number;

/* Their interpreters are gone; they go when the last sandbox that was forked there does. */
static pid_t leaving[LEAVING_MAX];

void zygotes_open(const char *folder, const char *library, const char *group, uint32_t keep_ms, int home,
                  const struct zygotes_listener *who) {
    listener = *who;
    home_namespace = home;
    snprintf(mount_point, sizeof mount_point, "%s", folder);
    mkdir(mount_point, 0700);
    snprintf(begin.group, sizeof begin.group, "%s", group);
    begin.keep_ms = keep_ms;
    mount_guard_export(&begin.guard);
    if (library[0]) library_file = open(library, O_RDONLY | O_CLOEXEC);
    for (int i = 0; i <= ZYGOTES_MAX; i++) zygotes[i].control = -1;
}

static _Noreturn void be_fork_server(int control) {
    enum { CONTROL = 3, HOME = 4 };
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* Its slots stay, and see for themselves that the launcher is gone. */
    int launcher = fcntl(control, F_DUPFD_CLOEXEC, 16), home = fcntl(home_namespace, F_DUPFD_CLOEXEC, 16);
    if (launcher < 0 || home < 0 || dup2(launcher, CONTROL) < 0 || dup2(home, HOME) < 0) _exit(1);
    syscall(SYS_close_range, HOME + 1, ~0u, 0);
    if (seccomp_load_ahead() != 0) _exit(1);
    fork_server_run(CONTROL, HOME);
    _exit(1); /* Shells of it execute their program, or say why not and end. */
}

static bool start_fork_server(void) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return false;
    pid_t pid = fork();
    if (pid == 0) be_fork_server(pair[1]);
    close(pair[1]);
    zygotes[0] = (struct zygote){pid > 0 ? pid : 0, pair[0], 0};
    if (pid < 0) close_fd(&zygotes[0].control);
    return pid > 0;
}

static uint32_t free_zygote(void) {
    for (uint32_t i = 1; i <= ZYGOTES_MAX; i++)
        if (zygotes[i].pid == 0) return i;
    return 0;
}

/* Reaps those that have gone. */
static void reap_leaving(void) {
    for (int i = 0; i < LEAVING_MAX; i++)
        if (leaving[i] != 0 && waitpid(leaving[i], NULL, WNOHANG) != 0) leaving[i] = 0;
}

/* The same at the end: who has not gone in time is killed, and all of its pid namespace with it. Who does not go even then is reaped by
   whoever reaps for us. */
static void see_off_leaving(void) {
    uint64_t begin = clock_ns();
    for (int round = 1; round <= 2; round++)
        for (int i = 0; i < LEAVING_MAX; i++) {
            if (leaving[i] == 0) continue;
            int process = syscall(SYS_pidfd_open, leaving[i], 0), left_ms = round * SEE_OFF_MS - (int)((clock_ns() - begin) / 1000000);
            struct pollfd over = {process, POLLIN, 0};
            if (process >= 0) poll(&over, 1, left_ms > 0 ? left_ms : 0);
            close_fd(&process);
            if (waitpid(leaving[i], NULL, WNOHANG) != 0) leaving[i] = 0;
            else kill(leaving[i], SIGKILL);
        }
}

/* Its interpreter ends now. */
static void leave(pid_t pid) {
    kill(pid, SIGTERM); /* Our child: the number is its own until it is reaped. */
    reap_leaving();
    for (int i = 0; i < LEAVING_MAX; i++) {
        if (leaving[i] != 0) continue;
        leaving[i] = pid;
        return;
    }
    fprintf(stderr, "launcher: too many zygotes that are replaced have sandboxes left; process %d is reaped with us\n", (int)pid);
}

static void end(struct zygote *zygote) {
    close_fd(&zygote->control);
    leave(zygote->pid);
    zygote->pid = 0;
}

uint32_t zygotes_start(const struct zygote_request *request) {
    int pair[2], root;
    struct lent lent;
    uint32_t kind = free_zygote();
    if (library_file < 0 || kind == 0) {
        errno = library_file < 0 ? ENOSYS : ENFILE;
        return 0;
    }
    if (!roots_lend(request->root, &lent)) return 0;
    root = roots_copy(&lent);
    int error = errno;
    roots_discard(&lent); /* It has its copy, and so have sandboxes that are forked of it. */
    errno = error;
    if (root < 0) return 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        close_fd(&root);
        return 0;
    }
    reap_leaving();
    pid_t pid = zygote_process_fork(pair[1], root, library_file, mount_point, &request->command);
    close_fd(&root);
    close(pair[1]);
    if (pid < 0 || send_fds(pair[0], &begin, sizeof begin, &home_namespace, 1) != 0) {
        error = errno;
        close(pair[0]); /* It ends when it hears nobody. */
        if (pid > 0) leave(pid);
        errno = error;
        return 0;
    }
    events_watch(pair[0], FROM_ZYGOTE, kind);
    zygotes[kind] = (struct zygote){pid, pair[0], ++last_number};
    listener.started(kind);
    return last_number;
}

static void end_fork_server(struct zygote *zygote) {
    int process = syscall(SYS_pidfd_open, zygote->pid, 0); /* Our child: the number is its own until it is reaped. */
    struct pollfd over = {process, POLLIN, 0};
    close_fd(&zygote->control);
    if (process >= 0 && poll(&over, 1, SEE_OFF_MS) <= 0) kill(zygote->pid, SIGKILL);
    waitpid(zygote->pid, NULL, 0);
    close_fd(&process);
    zygote->pid = 0;
}

void zygotes_fork(uint32_t kind, uint32_t slot, const int *groups, int count, int *to_slot) {
    int pair[2], fds[1 + CGROUP_ENTRANCES_MAX];
    *to_slot = -1;
    if (kind == 0 && zygotes[0].pid == 0 && !start_fork_server()) return;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return;
    fds[0] = pair[1];
    memcpy(fds + 1, groups, count * sizeof *groups);
    bool sent = send_fds(zygotes[kind].control, &slot, sizeof slot, fds, 1 + count) == 0;
    int error = errno;
    if (!sent && kind == 0) end_fork_server(&zygotes[0]); /* Somebody killed it: the next is started when it is wanted. */
    close(pair[1]);
    if (sent) *to_slot = pair[0];
    else close(pair[0]);
    errno = error;
}

uint32_t zygotes_kind(uint32_t number) {
    for (uint32_t i = 1; i <= ZYGOTES_MAX; i++)
        if (zygotes[i].pid > 0 && zygotes[i].number == number) return i;
    return 0;
}

uint32_t zygotes_number(uint32_t kind) { return kind <= ZYGOTES_MAX ? zygotes[kind].number : 0; }

bool zygotes_retire(uint32_t number) {
    uint32_t kind = zygotes_kind(number);
    if (kind == 0) return false;
    listener.ended(kind);
    end(&zygotes[kind]);
    return true;
}

/* It has nothing to say, so this is its end. What its slots run goes on. */
void zygotes_event(uint32_t kind) {
    char word;
    if (kind > ZYGOTES_MAX || zygotes[kind].pid == 0) return;
    ssize_t got = recv(zygotes[kind].control, &word, 1, MSG_DONTWAIT);
    if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return;
    fprintf(stderr, "launcher: zygote %u has ended\n", zygotes[kind].number);
    end(&zygotes[kind]);
    listener.ended(kind);
}

void zygotes_close(void) {
    if (zygotes[0].pid > 0) end_fork_server(&zygotes[0]);
    for (uint32_t i = 1; i <= ZYGOTES_MAX; i++)
        if (zygotes[i].pid > 0) end(&zygotes[i]);
    see_off_leaving();
    close_fd(&library_file);
    rmdir(mount_point);
}
