/* mayfly-launcher: makes and destroys sandboxes. See README.md. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adoption.h"
#include "cgroup.h"
#include "clock.h"
#include "dispatch.h"
#include "events.h"
#include "handover.h"
#include "kernel.h"
#include "mount_guard.h"
#include "networks.h"
#include "pending.h"
#include "roots.h"
#include "sandboxes.h"
#include "scheduling.h"
#include "seccomp.h"
#include "server.h"
#include "shell.h"
#include "supply.h"
#include "zygotes.h"

enum { TICK_MS = 20, LONELY_MS = 30000, ALONE_TICK_MS = 200, KEEP_SECONDS_MAX = 600, PREDECESSOR_MS = 12000, LOCK_PAUSE_MS = 5 };

static bool stopping;
static uint64_t alone_until; /* without a server */

static uint64_t now_ms(void) { return clock_ns() / 1000000; }

/* --- start --- */

static _Noreturn void die(const char *what, int error) {
    fprintf(stderr, "launcher: %s%s%s\n", what, error ? ": " : "", error ? strerror(error) : "");
    exit(1);
}

/* One launcher on a folder at a time: a predecessor that still cleans up is waited for, as paths and cgroups are the same.
   The lock goes with this process, however it ends: slots close their copies. */
static void lock_folder(const char *folder) {
    char path[PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%s/lock", folder);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) die(path, errno);
    for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += LOCK_PAUSE_MS) {
        if (waited > PREDECESSOR_MS) die("another launcher does not leave this folder", 0);
        nanosleep(&(struct timespec){0, LOCK_PAUSE_MS * 1000000}, NULL);
    }
}

/* The home is made by a child that then goes; its namespace stays, held by a descriptor. */
static int open_home(const char *folder) {
    int pair[2];
    char byte, path[64];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) die("socketpair", errno);
    pid_t pid = fork();
    if (pid == 0) {
        close(pair[0]);
        int error = 0;
        const char *why = unshare(CLONE_NEWNS) != 0 ? "unshare" : shell_make_home(folder, &error);
        if (why) die(why, error);
        if (write(pair[1], "1", 1) != 1 || read(pair[1], &byte, 1) < 0) _exit(1);
        _exit(0);
    }
    close(pair[1]);
    if (pid < 0 || read(pair[0], &byte, 1) != 1) die("the home of sandboxes could not be made", 0);
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", (int)pid);
    int home = open(path, O_RDONLY | O_CLOEXEC);
    if (home < 0) die(path, errno);
    const char *why = mount_guard_forbid(path); /* Shells must have left it too. */
    if (why) die(why, 0);
    close(pair[0]);
    waitpid(pid, NULL, 0);
    return home;
}

static int open_socket(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) die("--socket: expected at most 107 bytes", 0);
    strcpy(address.sun_path, path);
    unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t mask = umask(077);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 4) != 0) die(path, errno);
    umask(mask);
    return fd;
}

static void accept_server(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (fd < 0) return;
    if (server_connected() || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != geteuid()) {
        close(fd);
        return;
    }
    server_connect(fd);
    scheduling_favour(peer.pid);
    dispatch_reset();
    events_watch(fd, FROM_SERVER, 0);
}

static void want_writes(bool *wanted) {
    bool now = server_wants_to_write();
    if (!server_connected() || now == *wanted) return;
    events_watch_writes(server_socket(), FROM_SERVER, now);
    *wanted = now;
}

static void watch(int fd, enum source source) {
    if (events_watch(fd, source, 0) != 0) die("epoll", errno);
}

/* Its sandboxes go with it, or wait a while for a successor. */
static void server_gone(void) {
    if (handover_keep_ms() == 0 || !sandboxes_keep_any()) {
        stopping = true;
        return;
    }
    server_disconnect();
    dispatch_reset();
    alone_until = now_ms() + handover_keep_ms();
    int nobody = open("/dev/null", O_WRONLY | O_CLOEXEC); /* Who read our words is gone too. */
    if (nobody >= 0) dup2(nobody, 2);
    close(nobody);
}

static void handle(const struct event *event, int listener, int signals, bool *writes) {
    switch (event->source) {
    case FROM_LISTENER:
        accept_server(listener);
        *writes = false;
        break;
    case FROM_SERVER:
        if (server_connected() && event->readable && !server_read(dispatch)) server_gone();
        break;
    case FROM_NETWORKS: networks_receive(); break;
    case FROM_ZYGOTE: zygotes_event(event->number); break;
    case FROM_SIGNALS: {
        struct signalfd_siginfo info;
        if (read(signals, &info, sizeof info) > 0 && info.ssi_signo != SIGCHLD) stopping = true;
        break;
    }
    default: sandboxes_event(event);
    }
}

static void run(int listener, int signals) {
    alone_until = now_ms() + LONELY_MS;
    bool writes = false;
    while (!stopping && !dispatch_stopped()) {
        struct event events[EVENTS_MAX];
        bool busy = sandboxes_need_tick() || pending_any();
        int count = events_wait(events, busy ? TICK_MS : server_connected() ? -1 : ALONE_TICK_MS);
        if (!server_connected() && now_ms() > alone_until) stopping = true; /* Nobody has come, and nobody will. */
        for (int i = 0; i < count; i++) handle(&events[i], listener, signals, &writes);
        if (count == 0 || sandboxes_need_tick()) sandboxes_tick();
        pending_begin();
        supply_refill();
        if (server_connected() && !server_flush()) server_gone();
        want_writes(&writes);
    }
}

static void no_reader(int signal) { (void)signal; }

static _Noreturn void usage(void) {
    fprintf(stderr, "usage: mayfly-launcher --folder DIR --socket PATH --cgroup NAME [--ready N] [--keep SECONDS] [--zygotes LIBRARY]\n");
    exit(2);
}

int main(int argc, char **argv) {
    const char *library = "", *folder = NULL, *socket_path = NULL, *group = NULL;
    int wanted = 8, keep = 0;
    static const struct option options[] = {{"folder", 1, 0, 'f'}, {"socket", 1, 0, 's'}, {"cgroup", 1, 0, 'c'},
                                            {"ready", 1, 0, 'r'}, {"zygotes", 1, 0, 'z'}, {"keep", 1, 0, 'k'}, {0, 0, 0, 0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'f') folder = optarg;
        else if (option == 's') socket_path = optarg;
        else if (option == 'c') group = optarg;
        else if (option == 'r') wanted = atoi(optarg);
        else if (option == 'k') keep = atoi(optarg);
        else if (option == 'z') library = optarg;
        else usage();
    }
    if (!folder || !socket_path || !group || wanted < 1 || wanted > 1024 || keep < 0 || keep > KEEP_SECONDS_MAX || optind != argc) usage();
    const char *why = mount_guard_open();
    if (why) die(why, 0);
    if ((why = kernel_lacks())) die(why, ENOSYS);

    signal(SIGPIPE, no_reader); /* A handler, as programs get the default back; what is ignored stays ignored. */
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    write_file("/proc/self/oom_score_adj", "-900");
    char path[PATH_BYTES_MAX];
    mkdir(folder, 0700);
    handover_open(group, keep * 1000u);
    adoption_dismiss(socket_path);
    lock_folder(folder);
    if ((why = cgroup_open("/sys/fs/cgroup", group))) die(why, 0);
    cgroup_find_disk(folder);
    snprintf(path, sizeof path, "%s/roots", folder);
    if ((why = roots_open(path))) die(why, errno);
    snprintf(path, sizeof path, "%s/home", folder);
    mkdir(path, 0700);
    int home = open_home(path);
    seccomp_compile();

    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (events_open() != 0) die("epoll", errno);
    int listener = open_socket(socket_path);
    if (networks_open(wanted) != 0) die("networks", errno);
    supply_open(wanted);
    snprintf(path, sizeof path, "%s/zygote", folder);
    zygotes_open(path, library, group, keep * 1000u, home, &(struct zygotes_listener){supply_begin, supply_end});
    int adopted = adoption_take(), swept = cgroup_sweep(adoption_holds);
    supply_refill(); /* Slots are forked before the signals are blocked: they die by them. */
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    watch(listener, FROM_LISTENER);
    watch(networks_socket(), FROM_NETWORKS);
    watch(signals, FROM_SIGNALS);
    printf("ready swept=%d adopted=%d\n", swept, adopted);
    fflush(stdout);

    run(listener, signals);

    if (dispatch_leaving()) _exit(0); /* What it has made stays, for whoever said so. */
    server_flush();
    sandboxes_close();
    zygotes_close();
    networks_close();
    dispatch_reset();
    cgroup_sweep(NULL);
    cgroup_close();
    roots_close();
    unlink(socket_path);
    snprintf(path, sizeof path, "%s/home", folder);
    rmdir(path);
    return 0;
}
