#define _GNU_SOURCE
#include "create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "kernel.h"
#include "mounts.h"
#include "networks.h"
#include "output.h"
#include "server.h"
#include "start_message.h"
#include "supply.h"
#include "teardown.h"
#include "zygotes.h"

enum { LISTEN_BACKLOG = 128 };

static uint64_t total;

static const struct { const char *field, *expected; } STEPS[] = {
    [STEP_STAGE] = {"sandbox", "its namespaces and first mounts"},
    [STEP_MESSAGE] = {"sandbox", "a request that its shell can read"},
    [STEP_NETWORK] = {"network", "a network namespace to enter"},
    [STEP_ROOT] = {"root", "a root that can be mounted"},
    [STEP_MOUNT_POINT] = {"root", "/proc, /dev and /tmp as folders, not links"},
    [STEP_ENTER] = {"root", "a root that can be entered"},
    [STEP_MOUNT] = {"mounts", "a mount that can be attached"},
    [STEP_TMP] = {"limits.tmp", "a size that the machine has"},
    [STEP_LIMITS] = {"limits.files", "a number that the machine allows"},
    [STEP_IDENTITY] = {"uid", "a user that can be entered"},
    [STEP_WORKING_DIR] = {"workingDir", "a folder in the image"},
    [STEP_FILTER] = {"sandbox", "a kernel that takes its system call filter"},
    [STEP_EXEC] = {"argv", "a program in the image that can be executed"},
};

static void answer(struct slot *slot, const struct shell_error *error) {
    if (!slot->create_waits) return;
    slot->create_waits = false;
    if (error == NULL) {
        struct writer *out = server_frame(T_OK, slot->create_request);
        write_u32(out, slot->shell_pid);
        write_u32(out, zygotes_number(slot->kind));
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

void create_end(struct slot *slot, const struct shell_error *error) {
    answer(slot, error);
    slots_enter(slot, RUNNING);
    total++;
}

uint64_t create_total(void) { return total; }

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

static int open_network(struct slot *slot, const struct create_request *create) {
    slot->own_network = create->network[0] == 0;
    return slot->own_network ? networks_take(create->tenant) : open(create->network, O_RDONLY | O_CLOEXEC);
}

/* Everything the shell needs, as open descriptors. On failure names the field; what was opened is closed by the caller. */
static const char *open_all(struct slot *slot, const struct create_request *create, int *fds, int *count) {
    if (!roots_lend(create->root, &slot->root) || (fds[0] = roots_copy(&slot->root)) < 0) return "root";
    *count = 1;
    if (create->listen[0]) {
        fds[1] = listen_at(create->listen);
        if (fds[1] < 0) return "listen";
        *count = 2;
        snprintf(slot->listen, sizeof slot->listen, "%s", create->listen);
    }
    slot->network = open_network(slot, create);
    if (slot->network < 0 && !slot->own_network) return "network";
    if (slot->network >= 0 && (fds[(*count)++] = fcntl(slot->network, F_DUPFD_CLOEXEC, 0)) < 0) return "network";
    if (create->flags & CREATE_GENERIC) {
        int pair[2], size = FRAME_BYTES_MAX * 2;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return "sandbox";
        setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
        slot->binding = pair[0];
        fds[(*count)++] = pair[1];
    }
    for (uint32_t i = 0; i < create->mounts; i++) {
        int fd = mounts_open(&create->mount[i]);
        if (fd < 0) return "mounts.host";
        fds[(*count)++] = fd;
    }
    return NULL;
}

static void refuse(struct slot *slot, uint32_t request, const char *field, int error) {
    char expected[128];
    snprintf(expected, sizeof expected, "a value that this machine can use; it failed with %s", strerrorname_np(error));
    if (slot->listen[0]) unlink(slot->listen);
    slot->listen[0] = 0;
    teardown_release_network(slot);
    teardown_return_roots(slot);
    close_fd(&slot->binding);
    server_refuse(request, R_INVALID, field, expected); /* The shell was told nothing: it waits for the next. */
}

/* Gives the shell all it needs. On failure names the field, with errno. */
static const char *tell(struct slot *slot, const struct create_request *create) {
    static uint8_t message[START_MESSAGE_BYTES_MAX];
    int fds[SHELL_FDS_MAX], count = 0;
    const char *field = cgroup_bind(&slot->group, &create->limits);
    if (field == NULL) field = open_all(slot, create, fds, &count);
    struct create_request adjusted = *create;
    if (slot->network >= 0) snprintf(adjusted.network, sizeof adjusted.network, "/"); /* It comes as a descriptor. */
    size_t length = field ? 0 : start_message_encode(&adjusted, slots_number(slot), message, sizeof message);
    if (field == NULL && (length == 0 || send_fds(slot->shell, message, length, fds, count) != 0)) field = "sandbox";
    int error = errno;
    for (int i = 0; i < count; i++) close(fds[i]);
    errno = error;
    return field;
}

void create_begin(uint32_t request, const struct create_request *create, uint32_t kind) {
    if (slots_find(create->id)) {
        server_refuse(request, R_INVALID, "id", "one that no sandbox has now");
        return;
    }
    struct slot *slot = slots_ready(kind);
    if (slot == NULL) {
        server_refuse(request, R_CAPACITY, "sandbox", "a free slot");
        return;
    }
    const char *field = tell(slot, create);
    if (field) {
        refuse(slot, request, field, errno);
        return;
    }
    slots_enter(slot, STARTING);
    slot->create_request = request;
    slot->uid = create->uid;
    slot->create_waits = true;
    slot->generic = (create->flags & CREATE_GENERIC) != 0;
    slot->killed = slot->all_said = false;
    snprintf(slot->id, sizeof slot->id, "%s", create->id);
    snprintf(slot->tenant, sizeof slot->tenant, "%s", create->tenant);
    snprintf(slot->label, sizeof slot->label, "%s", create->label);
    output_begin(slot);
    supply_refill();
}
