/* Programs that want more than they may have. Each says how far it came, where it lives long enough. */
#include <pthread.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <time.h>

static void *wait_for_ever(void *unused) {
    for (;;) pause();
    return unused;
}

static long cpu_milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static long wall_milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int refused(const char *what, long after) {
    printf("%s refused %s after %ld\n", what, strerrorname_np(errno), after);
    fflush(stdout);
    return 9;
}

static long queue_signal(void) {
    union sigval value = {.sival_int = 1};
    return sigqueue(getpid(), SIGRTMIN, value);
}

static long make_timer(void) {
    struct sigevent nothing = {.sigev_notify = SIGEV_NONE};
    timer_t timer;
    return timer_create(CLOCK_MONOTONIC, &nothing, &timer);
}

static long watch_files(void) { return inotify_init1(0); }

static void block_signals(void) {
    sigset_t queued;
    sigemptyset(&queued);
    sigaddset(&queued, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &queued, NULL);
}

/* What the kernel counts for users and their namespaces, not for cgroups. Kept with a zombie that nobody waits for. */
static int take_all(const char *kind, long (*one)(void), int keep) {
    block_signals();
    for (long i = 0; i < 200000; i++) {
        if (one() >= 0) continue;
        if (keep && fork() == 0) _exit(0);
        int code = refused(kind, i);
        if (keep) wait_for_ever(0);
        return code;
    }
    printf("%s took 200000\n", kind);
    return 0;
}

static int take_one_of_each(void) {
    block_signals();
    printf("signal %s\n", queue_signal() >= 0 ? "got" : strerrorname_np(errno));
    printf("timer %s\n", make_timer() >= 0 ? "got" : strerrorname_np(errno));
    printf("inotify %s\n", watch_files() >= 0 ? "got" : strerrorname_np(errno));
    return 0;
}

static int bomb(const char *kind, int argument) {
    if (!strcmp(kind, "signals")) return take_all(kind, queue_signal, argument);
    if (!strcmp(kind, "timers")) return take_all(kind, make_timer, argument);
    if (!strcmp(kind, "inotify")) return take_all(kind, watch_files, argument);
    if (!strcmp(kind, "one")) return take_one_of_each();
    if (!strcmp(kind, "memory")) {
        for (;;) {
            char *p = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (p == MAP_FAILED) return refused("memory", 0);
            memset(p, 1, 1 << 20);
        }
    }
    if (!strcmp(kind, "pids") || !strcmp(kind, "zombies")) {
        for (int i = 1; i <= 1000; i++) {
            pid_t pid = fork();
            if (pid < 0) return refused(kind, i);
            if (pid == 0) {
                if (*kind == 'p') wait_for_ever(0);
                _exit(0);
            }
        }
        printf("started 1000\n");
        return 0;
    }
    if (!strcmp(kind, "threads")) {
        pthread_attr_t small;
        pthread_attr_init(&small);
        pthread_attr_setstacksize(&small, 65536);
        for (int i = 1; i <= 5000; i++) {
            pthread_t t;
            int error = pthread_create(&t, &small, wait_for_ever, 0);
            if (error) {
                errno = error;
                return refused("threads", i);
            }
        }
        printf("started 5000\n");
        return 0;
    }
    if (!strcmp(kind, "fork")) {
        printf("up\n");
        fflush(stdout);
        for (;;) fork();
    }
    if (!strcmp(kind, "tmp")) {
        static char block[1 << 16];
        int fd = open("/tmp/big", O_CREAT | O_WRONLY, 0600);
        for (long i = 0; i < 100000; i++)
            if (write(fd, block, sizeof block) < (long)sizeof block) return refused("tmp", i);
        return 0;
    }
    if (!strcmp(kind, "inodes")) {
        for (long i = 0; i < 200000; i++) {
            char name[64];
            snprintf(name, sizeof name, "/tmp/f%ld", i);
            int fd = open(name, O_CREAT | O_WRONLY, 0600);
            if (fd < 0) return refused("inodes", i);
            close(fd);
        }
        printf("created 200000\n");
        return 0;
    }
    if (!strcmp(kind, "fds")) {
        for (long i = 0; i < 2000000; i++)
            if (open("/dev/null", O_RDONLY) < 0) return refused("fds", i);
        return 0;
    }
    if (!strcmp(kind, "log")) {
        static char line[1001];
        memset(line, 'x', 1000);
        line[1000] = '\n';
        for (int i = 0; i < argument; i++)
            if (write(1, line, sizeof line) < 0) return 9;
        return 0;
    }
    if (!strcmp(kind, "spin")) {
        long begin = wall_milliseconds();
        while (wall_milliseconds() - begin < argument) {
        }
        printf("used %ld ms\n", cpu_milliseconds());
        return 0;
    }
    return 2;
}
