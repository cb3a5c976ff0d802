/*
 * Programs that want more than they may have, again and again, until they are ended or SECONDS are over. Once each has met
 * what holds it, it says so in one line: from then on it is worth to look at its neighbours.
 *   bombs KIND SECONDS
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SPINNERS = 32, OPENERS = 16, EXECUTORS = 4, STRINGS = 7, STRING_BYTES = 130000, EXECUTED = 10 };

/* Shared by all processes of the program. */
static struct { int said, spun; } *common;

static void say(const char *what, const char *how, long count) {
    if (__sync_lock_test_and_set(&common->said, 1)) return;
    printf("%s %s after %ld\n", what, how, count);
    fflush(stdout);
}

static void refused(const char *what, long after) {
    say(what, strerrorname_np(errno), after);
}

static void over(int signal) {
    (void)signal;
    _exit(0);
}

static void *wait_for_ever(void *unused) {
    for (;;) pause();
    return unused;
}

static void fork_bomb(void) {
    for (long i = 1;; i++)
        if (fork() < 0) refused("fork", i);
}

static void memory(void) {
    for (;;) {
        char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) refused("memory", 0);
        else memset(p, 1, 1 << 20);
    }
}

static void tmp(void) {
    static char block[1 << 16];
    for (;;) {
        int fd = open("/tmp/big", O_CREAT | O_TRUNC | O_WRONLY, 0600);
        long i = 0;
        while (write(fd, block, sizeof block) == (long)sizeof block) i++;
        refused("tmp", i);
        close(fd);
    }
}

static void inodes(void) {
    char name[64];
    for (;;) {
        long count = 0;
        for (int fd; snprintf(name, sizeof name, "/tmp/f%ld", count), (fd = open(name, O_CREAT, 0600)) >= 0; count++) close(fd);
        refused("inodes", count);
        while (count-- > 0) {
            snprintf(name, sizeof name, "/tmp/f%ld", count);
            unlink(name);
        }
    }
}

static void fds(void) {
    for (int i = 1; i < OPENERS && fork(); i++) {
    }
    for (;;) {
        long count = 0;
        while (open("/dev/null", O_RDONLY) >= 0) count++;
        refused("fds", count);
        close_range(3, ~0U, 0);
    }
}

static void flood_log(void) {
    static char line[1001];
    memset(line, 'x', 1000);
    line[1000] = '\n';
    say("log", "goes on", 0);
    for (;;)
        if (write(1, line, sizeof line) < 0) _exit(1);
}

static long used_milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void spin(void) {
    for (int i = 1; i < SPINNERS && fork(); i++) {
    }
    while (used_milliseconds() < 2) {
    }
    if (__sync_add_and_fetch(&common->spun, 1) == SPINNERS) say("spin", "used the processor", SPINNERS);
    for (;;) {
    }
}

/* Starts itself with as many bytes of arguments and environment as fit, and so on. */
static void execute(int times) {
    static char text[STRING_BYTES + 1], count[16];
    char *arguments[STRINGS + 4] = {"/bin/bombs", "argv", count}, *environment[STRINGS + 1] = {0};
    memset(text, 'a', STRING_BYTES);
    text[1] = '='; /* As a variable has it. */
    snprintf(count, sizeof count, "-%d", times + 1);
    for (int i = 0; i < STRINGS; i++) arguments[3 + i] = environment[i] = text;
    if (times == EXECUTED) {
        printf("argv carried %d bytes after %d\n", 2 * STRINGS * STRING_BYTES, times);
        fflush(stdout);
    }
    execve(arguments[0], arguments, environment);
    printf("argv %s after %d\n", strerrorname_np(errno), times);
    exit(1);
}

static void argv(void) {
    for (int i = 0; i < EXECUTORS; i++)
        if (!fork()) execute(i ? EXECUTED + 1 : 0); /* One of them speaks for all. */
    for (;;) pause();
}

static void make_threads(void) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    pthread_t thread;
    for (long i = 1;; i++) {
        errno = pthread_create(&thread, &small, wait_for_ever, 0);
        if (errno) {
            refused("threads", i);
            _exit(0);
        }
    }
}

static void threads(void) {
    for (;;) {
        pid_t child = fork();
        if (!child) make_threads();
        waitpid(child, 0, 0);
    }
}

static void zombies(void) {
    for (long i = 1;; i++) {
        pid_t child = fork();
        if (!child) _exit(0);
        if (child > 0) continue;
        refused("zombies", i);
        while (waitpid(-1, 0, 0) > 0) {
        }
    }
}

static void block_queued(void) {
    sigset_t queued;
    sigemptyset(&queued);
    sigaddset(&queued, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &queued, NULL);
}

/* What the kernel counts for users and not for cgroups: taken until it is refused, and kept. */
static void keep(const char *what, long count) {
    refused(what, count);
    for (;;) pause();
}

static void signals(void) {
    block_queued();
    long count = 0;
    while (sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1}) == 0) count++;
    keep("signals", count);
}

static void timers(void) {
    struct sigevent nothing = {.sigev_notify = SIGEV_NONE};
    timer_t timer;
    long count = 0;
    while (timer_create(CLOCK_MONOTONIC, &nothing, &timer) == 0) count++;
    keep("timers", count);
}

static void watches(void) {
    long count = 0;
    while (inotify_init1(0) >= 0) count++;
    keep("inotify", count);
}

int main(int count, char **arguments) {
    static const struct { const char *name; void (*run)(void); } kinds[] = {
        {"fork", fork_bomb}, {"memory", memory}, {"tmp", tmp},   {"inodes", inodes},   {"fds", fds},
        {"log", flood_log},  {"spin", spin},     {"argv", argv}, {"threads", threads}, {"zombies", zombies},
        {"signals", signals}, {"timers", timers}, {"inotify", watches},
    };
    int number = count < 3 ? 0 : atoi(arguments[2]);
    if (number < 0) execute(-number);
    common = mmap(0, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (common == MAP_FAILED) return 1;
    /* A handler: the first process of a sandbox is spared by signals that it does not handle. */
    struct sigaction action = {.sa_handler = over};
    sigaction(SIGALRM, &action, 0);
    alarm(number);
    for (size_t i = 0; number > 0 && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(arguments[1], kinds[i].name)) kinds[i].run();
    fputs("expected: bombs KIND SECONDS\n", stderr);
    return 2;
}
