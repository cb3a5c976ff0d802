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
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "guard.h"
#include "kernel.h"
#include "networks.h"
#include "roots.h"
#include "sandboxes.h"
#include "seccomp.h"
#include "server.h"
#include "shell.h"

enum { EVENTS_MAX = 64, TICK_MS = 20, LONELY_MS = 30000, PENDING_MAX = 256, PENDING_BYTES_MAX = 8 << 20 };

static bool stopping, greeted;

/* --- starts that wait for a shell --- */

static struct pending {
    uint8_t *frame;
    uint32_t length, request;
} pending[PENDING_MAX];
static uint32_t pending_from, pending_count, pending_bytes;

static void keep_pending(uint32_t request, const uint8_t *from, uint32_t length) {
    uint8_t *copy = NULL;
    if (pending_count == PENDING_MAX || pending_bytes + length > PENDING_BYTES_MAX || !sandboxes_may_grow()
        || (copy = malloc(length)) == NULL) {
        server_refuse(request, R_CAPACITY, "sandbox", "a free slot; too many starts wait already");
        return;
    }
    memcpy(copy, from, length);
    pending[(pending_from + pending_count++) % PENDING_MAX] = (struct pending){copy, length, request};
    pending_bytes += length;
}

static void create(uint32_t request, struct reader *in) {
    static struct create_request decoded;
    const char *field, *expected;
    if (decode_create(in, &decoded, &field, &expected)) sandboxes_create(request, &decoded);
    else server_refuse(request, R_INVALID, field, expected);
}

static void start_pending(void) {
    while (pending_count > 0 && sandboxes_can_start()) {
        struct pending *first = &pending[pending_from];
        struct reader in = {first->frame, first->frame + first->length, false};
        create(first->request, &in);
        free(first->frame);
        pending_bytes -= first->length;
        pending_from = (pending_from + 1) % PENDING_MAX;
        pending_count--;
    }
    if (pending_count > 0) sandboxes_may_grow();
}

static void forget_pending(void) {
    for (; pending_count > 0; pending_count--, pending_from = (pending_from + 1) % PENDING_MAX)
        free(pending[pending_from].frame);
    pending_bytes = 0;
}

/* --- requests --- */

static void mount_root(uint32_t request, struct reader *in) {
    static struct root_request decoded;
    const char *field, *expected;
    if (!decode_root(in, &decoded, &field, &expected)) {
        server_refuse(request, R_INVALID, field, expected);
        return;
    }
    int root = roots_mount(&decoded);
    if (root < 0) {
        char text[128];
        snprintf(text, sizeof text, "layers that can be mounted as an overlay; it failed with %s", strerrorname_np(errno));
        server_refuse(request, errno == ENFILE ? R_CAPACITY : R_INVALID, "layers", text);
        return;
    }
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, root);
    server_send();
}

static void hello(uint32_t request, struct reader *in) {
    if (read_u32(in) != PROTOCOL_VERSION) {
        server_refuse(request, R_INVALID, "version", "1");
        return;
    }
    greeted = true;
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, PROTOCOL_VERSION);
    write_u32(out, getpid());
    server_send();
}

static void handle(uint8_t type, uint32_t request, struct reader *in) {
    char id[ID_BYTES_MAX + 1] = "";
    if (type == T_HELLO) {
        hello(request, in);
        return;
    }
    if (!greeted) {
        server_refuse(request, R_MALFORMED, "frame", "a greeting first");
        return;
    }
    bool named = type == T_FREEZE || type == T_THAW || type == T_SIGNAL || type == T_DESTROY || type == T_STATS || type == T_TAKEN;
    if (named && (!text_copy(read_text(in, ID_BYTES_MAX), id, sizeof id) || in->bad)) {
        server_refuse(request, R_MALFORMED, "id", "at most 60 bytes");
        return;
    }
    switch (type) {
    case T_ROOT: mount_root(request, in); break;
    case T_UNROOT:
        if (roots_unmount(read_u32(in)) == 0) server_ok(request);
        else server_refuse(request, R_UNKNOWN, "root", "a root that is mounted");
        break;
    case T_CREATE:
        if (sandboxes_can_start() && pending_count == 0) create(request, in);
        else keep_pending(request, in->at, in->end - in->at);
        break;
    case T_BIND: sandboxes_bind(request, in); break;
    case T_FREEZE: sandboxes_freeze(request, id, true); break;
    case T_THAW: sandboxes_freeze(request, id, false); break;
    case T_SIGNAL: sandboxes_signal(request, id, read_u32(in)); break;
    case T_DESTROY: sandboxes_destroy(request, id); break;
    case T_ADOPT: sandboxes_list(request); break;
    case T_SWEEP: {
        int left = sandboxes_sweep();
        struct writer *out = server_frame(T_OK, request);
        write_u32(out, left);
        server_send();
        break;
    }
    case T_STATS: sandboxes_stats(request, id); break;
    case T_TAKEN: sandboxes_taken(id, read_u32(in)); break;
    case T_STOP:
        stopping = true;
        server_ok(request);
        break;
    default: server_refuse(request, R_MALFORMED, "type", "one of this version");
    }
}

/* --- start --- */

static _Noreturn void die(const char *what, int error) {
    fprintf(stderr, "launcher: %s%s%s\n", what, error ? ": " : "", error ? strerror(error) : "");
    exit(1);
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
    const char *why = guard_forbid(path); /* Shells must have left it too. */
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

static void accept_server(int listener, int epoll) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (fd < 0) return;
    if (server_connected() || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != geteuid()) {
        close(fd);
        return;
    }
    server_connect(fd);
    greeted = false;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)W_SERVER << 32};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void want_writes(int epoll, bool *wanted) {
    bool now = server_wants_to_write();
    if (!server_connected() || now == *wanted) return;
    struct epoll_event event = {.events = EPOLLIN | (now ? EPOLLOUT : 0), .data.u64 = (uint64_t)W_SERVER << 32};
    epoll_ctl(epoll, EPOLL_CTL_MOD, server_socket(), &event);
    *wanted = now;
}

static void add(int epoll, int fd, enum watch kind) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)kind << 32};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll", errno);
}

static void run(int epoll, int listener, int signals) {
    bool writes = false;
    while (!stopping) {
        struct epoll_event events[EVENTS_MAX];
        bool busy = sandboxes_need_tick() || pending_count > 0;
        int count = epoll_wait(epoll, events, EVENTS_MAX, busy ? TICK_MS : server_connected() ? -1 : LONELY_MS);
        if (count == 0 && !busy && !server_connected()) stopping = true; /* Nobody has come, and nobody will. */
        for (int i = 0; i < count; i++) {
            enum watch kind = events[i].data.u64 >> 32;
            uint32_t slot = events[i].data.u64;
            if (kind == W_ACCEPT) {
                accept_server(listener, epoll);
                writes = false;
            } else if (kind == W_SERVER) {
                if (server_connected() && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !server_read(handle)) {
                    stopping = true; /* The server is gone: its sandboxes go with it. */
                }
            } else if (kind == W_NETWORKS) {
                networks_receive();
            } else if (kind == W_SIGNAL) {
                struct signalfd_siginfo info;
                if (read(signals, &info, sizeof info) > 0 && info.ssi_signo != SIGCHLD) stopping = true;
            } else {
                sandboxes_event(kind, slot);
            }
        }
        if (count == 0 || sandboxes_need_tick()) sandboxes_tick();
        start_pending();
        sandboxes_refill();
        if (server_connected() && !server_flush()) stopping = true;
        want_writes(epoll, &writes);
    }
}

static _Noreturn void usage(void) {
    fprintf(stderr, "usage: mayfly-launcher --folder DIR --socket PATH --cgroup NAME [--ready N]\n");
    exit(2);
}

int main(int argc, char **argv) {
    const char *folder = NULL, *socket_path = NULL, *group = NULL;
    int wanted = 8;
    static const struct option options[] = {{"folder", 1, 0, 'f'}, {"socket", 1, 0, 's'}, {"cgroup", 1, 0, 'c'},
                                            {"ready", 1, 0, 'r'}, {0, 0, 0, 0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'f') folder = optarg;
        else if (option == 's') socket_path = optarg;
        else if (option == 'c') group = optarg;
        else if (option == 'r') wanted = atoi(optarg);
        else usage();
    }
    if (!folder || !socket_path || !group || wanted < 1 || wanted > 1024 || optind != argc) usage();
    const char *why = guard_open();
    if (why) die(why, 0);
    if ((why = kernel_lacks())) die(why, ENOSYS);

    signal(SIGPIPE, SIG_DFL);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    write_file("/proc/self/oom_score_adj", "-900");
    char path[PATH_BYTES_MAX];
    mkdir(folder, 0700);
    if ((why = cgroup_open(group))) die(why, 0);
    int swept = cgroup_sweep();
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
    int epoll = epoll_create1(EPOLL_CLOEXEC), listener = open_socket(socket_path);
    if (networks_open(wanted) != 0) die("networks", errno);
    sandboxes_open(epoll, home, wanted);
    sandboxes_refill(); /* Slots are forked before the signals are blocked: they die by them. */
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    add(epoll, listener, W_ACCEPT);
    add(epoll, networks_socket(), W_NETWORKS);
    add(epoll, signals, W_SIGNAL);
    printf("ready swept=%d\n", swept);
    fflush(stdout);

    run(epoll, listener, signals);

    server_flush();
    sandboxes_close();
    networks_close();
    forget_pending();
    cgroup_sweep();
    cgroup_close();
    roots_close();
    unlink(socket_path);
    rmdir(path);
    return 0;
}
