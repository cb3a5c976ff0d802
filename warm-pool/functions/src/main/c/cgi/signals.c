#define _GNU_SOURCE
#include "signals.h"

#include <stddef.h>
#include <unistd.h>

enum { TERMINATED = 128 + SIGTERM };

static volatile sig_atomic_t group;
static sigset_t waiting;

static void on_term(int signal) {
    (void)signal;
    if (group > 0) kill(-group, SIGKILL);
    _exit(TERMINATED);
}

static void on_child(int signal) { (void)signal; }

static void mask(int how, int signal, sigset_t *before) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    sigprocmask(how, &set, before);
}

void signals_prepare(void) {
    struct sigaction act = {.sa_handler = on_term};
    sigaction(SIGTERM, &act, NULL);
    act.sa_handler = on_child;
    sigaction(SIGCHLD, &act, NULL);
    act.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &act, NULL);
    mask(SIG_BLOCK, SIGCHLD, &waiting);
    sigdelset(&waiting, SIGCHLD);
    sigdelset(&waiting, SIGTERM);
    signals_release();
}

void signals_group(pid_t pid) { group = pid; }

void signals_hold(void) { mask(SIG_BLOCK, SIGTERM, NULL); }

void signals_release(void) { mask(SIG_UNBLOCK, SIGTERM, NULL); }

const sigset_t *signals_while_waiting(void) { return &waiting; }

void signals_reset(void) {
    static const int changed[] = {SIGTERM, SIGCHLD, SIGPIPE};
    struct sigaction usual = {.sa_handler = SIG_DFL};
    sigset_t none;
    for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) sigaction(changed[i], &usual, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
