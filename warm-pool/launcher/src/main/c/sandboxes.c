#define _GNU_SOURCE
#include "sandboxes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgroup.h"
#include "guard.h"
#include "kernel.h"
#include "networks.h"
#include "roots.h"
#include "server.h"
#include "shell.h"
#include "slot.h"

enum {
    FORKS_MAX = 4,                 /* slots on their way at once */
    WINDOW_BYTES = 256 * 1024,     /* output of one sandbox that the server has not taken yet */
    CHUNK_BYTES = 32 * 1024,
    RATE_BYTES = 4 << 20,          /* a second, of one sandbox */
    BURST_BYTES = 8 << 20,
    PATIENCE_NS = 200000000,       /* what is not empty after this long is killed again */
    QUARANTINE_NS = 1000000000,    /* and after this long put aside */
    FAILURE_PAUSE_NS = 100000000,  /* a machine that makes no slots is not asked again at once */
    LISTEN_BACKLOG = 128,
};

enum state {
    FREE, FORKED, ASKED, STAGING, READY, STARTING, RUNNING, ENDED, CLEARING, QUARANTINED,
};

struct stream {
    int fd;
    bool paused;
};

static struct slot {
    enum state state;
    pid_t pid, shell_pid;
    int control, shell, pidfd, network;
    struct cgroup group;
    char id[ID_BYTES_MAX + 1], tenant[TENANT_BYTES_MAX + 1], listen[108];
    uint32_t uid, create_request, destroy_request; /* requests to be answered */
    bool create_waits, destroy_waits, generic, frozen, killed, own_network;
    bool lost, died_of_it; /* the slot is gone; and took a running sandbox along */
    struct stream out, err;
    uint32_t unacknowledged;
    int64_t tokens;
    uint64_t tokens_at, ended_at;
    int status;
} slots[SLOTS_MAX];

static int epoll_fd, home_namespace, wanted_ready, null_fd;
static uint32_t used; /* slots from here on were never touched */
static int made, on_their_way, ready, quarantined, paused_streams, clearing;
static uint64_t started_total, failed_at;

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static uint32_t number_of(const struct slot *slot) { return slot - slots; }

static void watch(int fd, enum watch kind, struct slot *slot) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)kind << 32 | number_of(slot)};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* --- slots --- */

void sandboxes_open(int epoll, int home, int ready_wanted) {
    epoll_fd = epoll;
    home_namespace = home;
    wanted_ready = ready_wanted;
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
}

static struct slot *free_slot(void) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state == FREE) return slot;
    if (used == SLOTS_MAX) return NULL;
    struct slot *slot = &slots[used++];
    slot->control = slot->shell = slot->pidfd = slot->network = slot->out.fd = slot->err.fd = -1;
    return slot;
}

static void ask_for_shell(struct slot *slot) {
    int pair[2];
    slot->state = ASKED;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return;
    int size = FRAME_BYTES_MAX * 2;
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    slot->shell = pair[0];
    watch(slot->shell, W_SHELL, slot);
    slot_ask(slot->control, pair[1]);
}

static void failed(const struct slot *slot, const char *what, int error) {
    failed_at = now_ns();
    fprintf(stderr, "launcher: slot %u: %s: %s\n", number_of(slot), what, strerror(error));
}

static bool fork_slot(void) {
    if (failed_at && now_ns() - failed_at < FAILURE_PAUSE_NS) return false;
    struct slot *slot = free_slot();
    if (slot == NULL) return false;
    bool made_groups = cgroup_make(&slot->group, number_of(slot));
    slot->pid = made_groups ? slot_fork(number_of(slot), home_namespace, &slot->control) : -1;
    if (slot->pid < 0) {
        failed(slot, made_groups ? "it cannot be forked" : "its cgroups cannot be made", errno);
        cgroup_remove(&slot->group);
        return false;
    }
    slot->state = FORKED;
    slot->lost = slot->died_of_it = false;
    watch(slot->control, W_SLOT, slot);
    made++;
    on_their_way++;
    return true;
}

void sandboxes_refill(void) {
    while (ready + on_their_way + clearing < wanted_ready && on_their_way < FORKS_MAX && fork_slot()) {}
}

bool sandboxes_can_start(void) { return ready > 0; }

bool sandboxes_may_grow(void) {
    if (on_their_way > 0 || clearing > 0) return true;
    return made < SLOTS_MAX && fork_slot();
}

static struct slot *find(const char *id) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state >= STARTING && slot->state <= CLEARING && strcmp(slot->id, id) == 0) return slot;
    return NULL;
}

/* --- output --- */

static void pause_stream(struct stream *stream, enum watch kind, struct slot *slot, bool paused) {
    if (stream->fd < 0 || stream->paused == paused) return;
    stream->paused = paused;
    paused_streams += paused ? 1 : -1;
    if (paused) epoll_ctl(epoll_fd, EPOLL_CTL_DEL, stream->fd, NULL);
    else watch(stream->fd, kind, slot);
}

static void close_stream(struct stream *stream) {
    if (stream->fd < 0) return;
    if (stream->paused) paused_streams--;
    stream->paused = false;
    close_fd(&stream->fd);
}

static uint32_t allowance(struct slot *slot) {
    uint64_t time = now_ns();
    slot->tokens += (int64_t)((time - slot->tokens_at) / 1000 * RATE_BYTES / 1000000);
    slot->tokens_at = time;
    if (slot->tokens > BURST_BYTES) slot->tokens = BURST_BYTES;
    int64_t room = WINDOW_BYTES - (int64_t)slot->unacknowledged;
    if (room > slot->tokens) room = slot->tokens;
    if (server_queued() > QUEUE_BYTES_FULL || room < 0) room = 0;
    return room > CHUNK_BYTES ? CHUNK_BYTES : room;
}

/* Hands one piece on. A sandbox that prints more than is taken waits in its own full pipe. */
static bool pump(struct slot *slot, struct stream *stream, enum watch kind, uint32_t most) {
    static uint8_t bytes[CHUNK_BYTES];
    if (stream->fd < 0) return false;
    if (most == 0) {
        pause_stream(stream, kind, slot, true);
        return false;
    }
    ssize_t got = read(stream->fd, bytes, most);
    if (got > 0) {
        server_output(slot->id, kind == W_ERR, bytes, got);
        slot->unacknowledged += got;
        slot->tokens -= got;
        return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) close_stream(stream);
    return false;
}

void sandboxes_taken(const char *id, uint32_t bytes) {
    struct slot *slot = find(id);
    if (slot == NULL) return;
    slot->unacknowledged -= bytes < slot->unacknowledged ? bytes : slot->unacknowledged;
    if (paused_streams > 0 && allowance(slot) > 0) {
        pause_stream(&slot->out, W_OUT, slot, false);
        pause_stream(&slot->err, W_ERR, slot, false);
    }
}

/* --- ends --- */

static void answer_destroy(struct slot *slot, const char *left) {
    if (!slot->destroy_waits) return;
    slot->destroy_waits = false;
    struct writer *out = server_frame(T_OK, slot->destroy_request);
    write_u32(out, left != NULL);
    if (left) write_text(out, left);
    server_send();
}

static int exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

static void tell_exit(struct slot *slot, const char *left) {
    struct usage usage = {0};
    cgroup_account(&slot->group, &usage);
    if (slot->status != 0 && !slot->killed) cgroup_judge(&slot->group, &usage);
    enum { ENDED_BY_ITSELF, OOM_KILLED, PIDS_LIMIT, RUNTIME_LOST } cause = ENDED_BY_ITSELF;
    if (slot->died_of_it) cause = RUNTIME_LOST;
    else if (usage.oom_killed) cause = OOM_KILLED;
    else if (usage.pids_refused) cause = PIDS_LIMIT;
    struct writer *out = server_frame(T_EXITED, 0);
    write_text(out, slot->id);
    write_u32(out, exit_code(slot->status));
    write_u8(out, cause);
    write_u64(out, usage.cpu_ns);
    write_u64(out, usage.memory_peak_bytes);
    write_u32(out, left != NULL);
    if (left) write_text(out, left);
    server_send();
    answer_destroy(slot, left);
}

/* Ends the slot's process, if it has not ended by itself. */
static void end_slot(struct slot *slot) {
    close_fd(&slot->control);
    if (slot->pid > 0) {
        kill(slot->pid, SIGKILL);
        waitpid(slot->pid, NULL, 0);
    }
    slot->pid = 0;
}

static void drop_slot(struct slot *slot) {
    end_slot(slot);
    close_fd(&slot->shell);
    close_fd(&slot->pidfd);
    close_stream(&slot->out);
    close_stream(&slot->err);
    close_fd(&slot->network);
    made--;
    slot->state = cgroup_remove(&slot->group) ? FREE : QUARANTINED;
    if (slot->state == QUARANTINED) quarantined++;
}

static void release_network(struct slot *slot) {
    if (slot->network >= 0 && slot->own_network) networks_give(slot->network, slot->tenant);
    else close_fd(&slot->network);
    slot->network = -1;
}

/* Everything of the sandbox is gone when its cgroup holds nobody but the slot: its processes held all the rest. */
static bool is_empty(struct slot *slot) { return cgroup_pids(&slot->group) <= (slot->lost ? 0 : 1); }

static void clear(struct slot *slot) {
    char left[256] = "";
    bool empty = is_empty(slot);
    uint64_t passed = now_ns() - slot->ended_at;
    if (!empty && passed < QUARANTINE_NS) {
        if (passed > PATIENCE_NS) cgroup_kill(&slot->group); /* The slot too: it cannot be told apart there. */
        return; /* The next tick looks again. */
    }
    if (!empty)
        snprintf(left, sizeof left, "cgroup slot-%u with %lld processes", number_of(slot), cgroup_pids(&slot->group));
    if (slot->listen[0] && unlink(slot->listen) != 0 && errno != ENOENT)
        snprintf(left, sizeof left, "file %s", slot->listen);
    slot->listen[0] = 0;
    clearing--;
    release_network(slot);
    tell_exit(slot, left[0] ? left : NULL);
    slot->id[0] = 0;
    if (slot->lost) {
        drop_slot(slot);
    } else if (!empty) {
        end_slot(slot); /* Its cgroups are looked after by the sweep. */
        made--;
        quarantined++;
        slot->state = QUARANTINED;
    } else {
        ask_for_shell(slot);
        on_their_way++;
    }
}

static void drain(struct slot *slot) {
    if (server_connected() && server_queued() > QUEUE_BYTES_FULL) return; /* The next tick tries again. */
    while (pump(slot, &slot->out, W_OUT, CHUNK_BYTES)) {}
    while (pump(slot, &slot->err, W_ERR, CHUNK_BYTES)) {}
    close_stream(&slot->out);
    close_stream(&slot->err);
    slot->state = CLEARING;
    clear(slot);
}

static void ended(struct slot *slot, int status) {
    if (slot->state == READY) ready--;
    if (slot->state <= READY) { /* A shell that nobody used yet: it failed to stage, or was killed by somebody. */
        close_fd(&slot->pidfd);
        close_fd(&slot->shell);
        drop_slot(slot);
        return;
    }
    close_fd(&slot->pidfd);
    close_fd(&slot->shell);
    slot->status = status;
    slot->ended_at = now_ns();
    slot->state = ENDED;
    clearing++;
    drain(slot);
}

/* --- starts --- */

static const struct { const char *field, *expected; } STEPS[] = {
    [STEP_STAGE] = {"sandbox", "its namespaces and first mounts"},
    [STEP_MESSAGE] = {"sandbox", "a request that its shell can read"},
    [STEP_NETWORK] = {"network", "a network namespace to enter"},
    [STEP_ROOT] = {"root", "a root that can be mounted"},
    [STEP_MOUNT_POINT] = {"root", "/proc, /dev and /tmp as folders, not links"},
    [STEP_PIVOT] = {"root", "a root that can be entered"},
    [STEP_MOUNT] = {"mounts", "a mount that can be attached"},
    [STEP_TMP] = {"limits.tmp", "a size that the machine has"},
    [STEP_LIMITS] = {"limits.files", "a number that the machine allows"},
    [STEP_IDENTITY] = {"uid", "a user that can be entered"},
    [STEP_WORKING_DIR] = {"workingDir", "a folder in the image"},
    [STEP_FILTER] = {"sandbox", "a kernel that takes its system call filter"},
    [STEP_EXEC] = {"argv", "a program in the image that can be executed"},
};

static void answer_create(struct slot *slot, const struct shell_error *error) {
    if (!slot->create_waits) return;
    slot->create_waits = false;
    if (error == NULL) {
        struct writer *out = server_frame(T_OK, slot->create_request);
        write_u32(out, slot->shell_pid);
        server_send();
        return;
    }
    char expected[256];
    bool known = error->step > 0 && (size_t)error->step < sizeof STEPS / sizeof *STEPS;
    const char *field = known ? STEPS[error->step].field : "sandbox";
    const char *what = known ? STEPS[error->step].expected : "a shell that follows the protocol";
    if (error->step == STEP_MOUNT_POINT && error->index > 0) {
        field = "mounts.inside";
        what = "a folder or file in the image, no link on the way";
    }
    snprintf(expected, sizeof expected, "%s; it failed with %s", what, strerrorname_np(error->error));
    server_refuse(slot->create_request, R_INVALID, field, expected);
}

/* The shell's socket closes when it becomes the program; before that it may say why it cannot. */
static void hear_shell(struct slot *slot) {
    struct shell_error error;
    ssize_t got = recv(slot->shell, &error, sizeof error, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (slot->state == STAGING && got == sizeof error && error.step == 0) {
        slot->state = READY;
        ready++;
        on_their_way--;
        return;
    }
    if (slot->state < STARTING && got == sizeof error)
        failed(slot, "its shell cannot be made ready", error.error);
    if (slot->state == STARTING && got == sizeof error && error.step == SHELL_WANTS_USERS) {
        /* Without an answer it stays without privileges, ids and program; closing says so. */
        if (shell_map_users(slot->shell_pid, slot->uid) == 0 && send(slot->shell, "1", 1, MSG_NOSIGNAL) == 1) return;
        error = (struct shell_error){STEP_IDENTITY, errno, 0};
    }
    if (slot->state == STARTING) {
        answer_create(slot, got == sizeof error ? &error : NULL);
        slot->state = RUNNING;
        started_total++;
    }
    if (slot->shell >= 0) epoll_ctl(epoll_fd, EPOLL_CTL_DEL, slot->shell, NULL);
    close_fd(&slot->shell);
}

static void slot_lost(struct slot *slot) {
    waitpid(slot->pid, NULL, 0);
    slot->pid = 0;
    slot->lost = true;
    if (slot->state == QUARANTINED) return;
    if (slot->pidfd >= 0) syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
    if (slot->state == STAGING || slot->state == ASKED || slot->state == FORKED) on_their_way--;
    if (slot->state == CLEARING || slot->state == ENDED) {
        close_fd(&slot->control);
        return; /* Its sandbox has ended already; the tick goes on. */
    }
    close_fd(&slot->control);
    slot->died_of_it = true;
    ended(slot, SIGKILL);
}

static void hear_slot(struct slot *slot) {
    struct slot_message message;
    int fd = -1, count;
    ssize_t got = receive_fds(slot->control, &message, sizeof message, &fd, 1, &count);
    if (got != sizeof message) {
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        slot_lost(slot);
        return;
    }
    switch (message.word) {
    case SLOT_READY:
        ask_for_shell(slot);
        break;
    case SLOT_MADE:
        slot->shell_pid = message.value;
        slot->pidfd = fd;
        if (slot->state == ASKED) slot->state = STAGING;
        hear_shell(slot);
        break;
    case SLOT_ENDED:
        if (slot->shell >= 0) hear_shell(slot); /* It may have begun and ended in one go. */
        if (slot->state == STAGING || slot->state == ASKED) on_their_way--;
        ended(slot, message.value);
        break;
    default:
        failed(slot, "it cannot enter its cgroups or make a shell", message.value);
        if (slot->state == ASKED || slot->state == FORKED) {
            on_their_way--;
            drop_slot(slot);
        }
    }
}

static int listen_at(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* The folder is ours alone; the sandbox gets the open socket and never sees the path. */
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0600) != 0
        || listen(fd, LISTEN_BACKLOG) != 0) {
        int kept = errno;
        close_fd(&fd);
        errno = kept;
    }
    return fd;
}

static int open_mount(const struct mount_request *mount) {
    int fd = kernel_open_tree(AT_FDCWD, mount->host, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    uint64_t set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (mount->read_only ? MOUNT_ATTR_RDONLY : 0);
    if (fd >= 0 && kernel_mount_attributes(fd, set) != 0) close_fd(&fd);
    return fd;
}

static int open_network(struct slot *slot, const struct create_request *create) {
    slot->own_network = create->network[0] == 0;
    return slot->own_network ? networks_take(create->tenant) : open(create->network, O_RDONLY | O_CLOEXEC);
}

/* Everything the shell needs, as open descriptors. On failure names the field; what was opened is closed by the caller. */
static const char *open_all(struct slot *slot, const struct create_request *create, int *fds, int *count, int pipes[4]) {
    int at = 0;
    if ((fds[at] = roots_copy(create->root)) < 0) return "root";
    at = *count = 1;
    if (create->listen[0]) {
        fds[at] = listen_at(create->listen);
        if (fds[at] < 0) return "listen";
        snprintf(slot->listen, sizeof slot->listen, "%s", create->listen);
    } else {
        fds[at] = fcntl(null_fd, F_DUPFD_CLOEXEC, 0);
    }
    *count = ++at;
    if (pipe2(pipes, O_CLOEXEC) != 0 || pipe2(pipes + 2, O_CLOEXEC) != 0) return "sandbox";
    fds[at++] = pipes[1];
    fds[at++] = pipes[3];
    pipes[1] = pipes[3] = -1;
    *count = at;
    slot->network = open_network(slot, create);
    if (slot->network < 0 && !slot->own_network) return "network";
    if (slot->network >= 0 && (fds[(*count)++] = fcntl(slot->network, F_DUPFD_CLOEXEC, 0)) < 0) return "network";
    for (uint32_t i = 0; i < create->mounts; i++) {
        int fd = open_mount(&create->mount[i]);
        if (fd < 0) return "mounts.host";
        fds[(*count)++] = fd;
    }
    return NULL;
}

static void adopt_streams(struct slot *slot, int pipes[4]) {
    slot->out = (struct stream){pipes[0], false};
    slot->err = (struct stream){pipes[2], false};
    fcntl(slot->out.fd, F_SETFL, O_NONBLOCK);
    fcntl(slot->err.fd, F_SETFL, O_NONBLOCK);
    watch(slot->out.fd, W_OUT, slot);
    watch(slot->err.fd, W_ERR, slot);
}

static struct slot *take_ready(void) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state == READY) return slot;
    return NULL;
}

void sandboxes_create(uint32_t request, const struct create_request *create) {
    static uint8_t message[FRAME_BYTES_MAX + MOUNTS_MAX * PATH_BYTES_MAX + 1024];
    if (find(create->id)) {
        server_refuse(request, R_INVALID, "id", "one that no sandbox has now");
        return;
    }
    struct slot *slot = take_ready();
    if (slot == NULL) {
        server_refuse(request, R_CAPACITY, "sandbox", "a free slot");
        return;
    }
    int fds[SHELL_FDS_MAX], count = 0, pipes[4] = {-1, -1, -1, -1};
    const char *field = cgroup_bind(&slot->group, &create->limits);
    if (field == NULL) field = open_all(slot, create, fds, &count, pipes);
    struct create_request adjusted = *create;
    if (slot->network >= 0) snprintf(adjusted.network, sizeof adjusted.network, "/"); /* It comes as a descriptor. */
    size_t length = field ? 0 : shell_message(&adjusted, message, sizeof message);
    if (field == NULL && (length == 0 || send_fds(slot->shell, message, length, fds, count) != 0)) field = "sandbox";
    int error = errno;
    for (int i = 0; i < count; i++) close(fds[i]);
    if (field) {
        char expected[128];
        snprintf(expected, sizeof expected, "a value that this machine can use; it failed with %s", strerrorname_np(error));
        for (int i = 0; i < 4; i++) close_fd(&pipes[i]);
        if (slot->listen[0]) unlink(slot->listen);
        slot->listen[0] = 0;
        release_network(slot);
        server_refuse(request, R_INVALID, field, expected); /* The shell was told nothing: it waits for the next. */
        return;
    }
    ready--;
    slot->state = STARTING;
    slot->create_request = request;
    slot->uid = create->uid;
    slot->create_waits = true;
    slot->generic = false;
    slot->killed = slot->frozen = false;
    slot->unacknowledged = 0;
    slot->tokens = BURST_BYTES;
    slot->tokens_at = now_ns();
    snprintf(slot->id, sizeof slot->id, "%s", create->id);
    snprintf(slot->tenant, sizeof slot->tenant, "%s", create->tenant);
    adopt_streams(slot, pipes);
    sandboxes_refill();
}

/* --- what a running sandbox is asked for --- */

static struct slot *running(uint32_t request, const char *id) {
    struct slot *slot = find(id);
    if (slot == NULL || slot->state != RUNNING) {
        server_refuse(request, R_UNKNOWN, "id", "a running sandbox");
        return NULL;
    }
    return slot;
}

void sandboxes_freeze(uint32_t request, const char *id, bool frozen) {
    struct slot *slot = running(request, id);
    if (slot == NULL) return;
    if (!cgroup_freeze(&slot->group, frozen)) {
        cgroup_freeze(&slot->group, false);
        server_refuse(request, R_FAILED, "sandbox", "a kernel that freezes its cgroup within 200 ms");
        return;
    }
    slot->frozen = frozen;
    server_ok(request);
}

/* Process 1 of a namespace does not get a signal that it has no handler for. */
static bool has_handler(struct slot *slot, int signal) {
    char path[64], line[256];
    bool caught = true;
    snprintf(path, sizeof path, "/proc/%d/status", (int)slot->shell_pid);
    FILE *status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "SigCgt:", 7) == 0) caught = strtoull(line + 7, NULL, 16) >> (signal - 1) & 1;
    if (status) fclose(status);
    return caught;
}

static void thaw(struct slot *slot) {
    if (slot->frozen) cgroup_freeze(&slot->group, false);
    slot->frozen = false;
}

void sandboxes_signal(uint32_t request, const char *id, int signal) {
    struct slot *slot = running(request, id);
    if (slot == NULL) return;
    if (signal < 1 || signal > 64) {
        server_refuse(request, R_INVALID, "signal", "1 to 64");
        return;
    }
    thaw(slot);
    int sent = signal == SIGTERM && !has_handler(slot, signal) ? SIGKILL : signal;
    if (sent == SIGKILL || sent == SIGTERM) slot->killed = true;
    syscall(SYS_pidfd_send_signal, slot->pidfd, sent, NULL, 0);
    server_ok(request);
}

void sandboxes_destroy(uint32_t request, const char *id) {
    struct slot *slot = find(id);
    if (slot == NULL) {
        struct writer *out = server_frame(T_OK, request); /* It has ended, and its end was told. */
        write_u32(out, 0);
        server_send();
        return;
    }
    slot->destroy_request = request;
    slot->destroy_waits = true;
    slot->killed = true;
    if (slot->state == RUNNING || slot->state == STARTING) {
        thaw(slot);
        syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
    }
}

/* Attaches mounts inside a sandbox that runs: in a process of its own that enters its namespace and does just that. */
static int attach_inside(struct slot *slot, uint32_t count, const struct mount_request *mount) {
    pid_t pid = fork();
    if (pid == 0) {
        int fds[MOUNTS_MAX];
        for (uint32_t i = 0; i < count; i++)
            if ((fds[i] = open_mount(&mount[i])) < 0) _exit(errno);
        guard_forbid("/proc/thread-self/ns/mnt");
        if (setns(slot->pidfd, CLONE_NEWNS) != 0) _exit(errno);
        int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        for (uint32_t i = 0; i < count; i++) {
            int target = kernel_open_inside(root, mount[i].inside);
            if (target < 0) _exit(errno);
            if (kernel_move_mount(fds[i], "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
                _exit(errno);
            close(target);
        }
        _exit(0);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) < 0) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

void sandboxes_bind(uint32_t request, struct reader *in) {
    static struct mount_request mount[MOUNTS_MAX];
    char id[ID_BYTES_MAX + 1];
    struct limits limits;
    uint32_t mounts;
    const char *field, *expected;
    if (!text_copy(read_text(in, ID_BYTES_MAX), id, sizeof id) || in->bad) {
        server_refuse(request, R_MALFORMED, "id", "at most 60 bytes");
        return;
    }
    if (!decode_limits(in, &limits, &field, &expected) || !decode_mounts(in, &mounts, mount, &field, &expected)) {
        server_refuse(request, R_INVALID, field, expected);
        return;
    }
    struct slot *slot = running(request, id);
    if (slot == NULL) return;
    if (!slot->generic) {
        server_refuse(request, R_BOUND, "id", "a generic sandbox that was never bound");
        return;
    }
    slot->generic = false; /* Also if it fails: a sandbox half bound serves nobody. */
    struct cgroup *group = &slot->group;
    if ((field = cgroup_bind(group, &limits)) != NULL) {
        server_refuse(request, R_INVALID, field, "a limit that this machine can set");
        return;
    }
    int error = attach_inside(slot, mounts, mount);
    if (error) {
        char text[128];
        snprintf(text, sizeof text, "mounts that can be attached, no link on the way; it failed with %s",
                 strerrorname_np(error));
        server_refuse(request, R_INVALID, "mounts", text);
        return;
    }
    server_ok(request);
}

void sandboxes_stats(uint32_t request, const char *id) {
    if (id[0]) {
        struct slot *slot = running(request, id);
        if (slot == NULL) return;
        struct usage usage;
        cgroup_usage(&slot->group, &usage);
        struct writer *out = server_frame(T_OK, request);
        write_u64(out, usage.cpu_ns);
        write_u64(out, usage.memory_bytes);
        write_u64(out, usage.memory_peak_bytes);
        write_u32(out, usage.pids);
        server_send();
        return;
    }
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, made);
    write_u32(out, ready);
    write_u32(out, quarantined);
    write_u32(out, roots_count());
    write_u32(out, networks_ready());
    write_u32(out, networks_kept());
    write_u64(out, started_total);
    server_send();
}

void sandboxes_list(uint32_t request) {
    struct writer *out = server_frame(T_OK, request);
    uint32_t count = 0;
    for (struct slot *slot = slots; slot < slots + used; slot++) count += slot->state == RUNNING;
    if (count > 900) count = 900; /* What fits into a frame. */
    write_u32(out, count);
    for (struct slot *slot = slots; slot < slots + used && count > 0; slot++) {
        if (slot->state != RUNNING) continue;
        write_text(out, slot->id);
        count--;
    }
    server_send();
}

/* --- events and time --- */

void sandboxes_event(enum watch kind, uint32_t number) {
    struct slot *slot = &slots[number];
    if (number >= used || slot->state == FREE) return; /* The event was on its way when the slot went. */
    switch (kind) {
    case W_SLOT:
        if (slot->control >= 0) hear_slot(slot);
        break;
    case W_SHELL:
        if (slot->shell >= 0 && slot->state != ASKED) hear_shell(slot);
        break;
    case W_OUT:
        pump(slot, &slot->out, W_OUT, allowance(slot));
        break;
    case W_ERR:
        pump(slot, &slot->err, W_ERR, allowance(slot));
        break;
    default:
        break;
    }
}

bool sandboxes_need_tick(void) { return paused_streams > 0 || clearing > 0; }

void sandboxes_tick(void) {
    for (struct slot *slot = slots; slot < slots + used; slot++) {
        if (slot->state == ENDED) drain(slot);
        else if (slot->state == CLEARING) clear(slot);
        if (slot->out.paused && allowance(slot) > 0) pause_stream(&slot->out, W_OUT, slot, false);
        if (slot->err.paused && allowance(slot) > 0) pause_stream(&slot->err, W_ERR, slot, false);
    }
}

int sandboxes_sweep(void) {
    for (struct slot *slot = slots; slot < slots + used; slot++) {
        if (slot->state != QUARANTINED) continue;
        cgroup_kill(&slot->group);
        if (!cgroup_remove(&slot->group)) continue;
        slot->state = FREE;
        quarantined--;
    }
    return quarantined;
}

void sandboxes_close(void) {
    wanted_ready = 0;
    for (struct slot *slot = slots; slot < slots + used; slot++) {
        if (slot->state == FREE || slot->state == QUARANTINED) continue;
        thaw(slot);
        if (slot->pidfd >= 0) syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
        if (slot->listen[0]) unlink(slot->listen);
        close_fd(&slot->shell);
        close_fd(&slot->control); /* The slot sees its shell off, finds nobody to tell and goes. */
    }
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->pid > 0) waitpid(slot->pid, NULL, 0);
}
