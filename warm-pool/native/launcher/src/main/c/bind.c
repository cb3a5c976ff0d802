#define _GNU_SOURCE
#include "bind.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adoption.h"
#include "kernel.h"
#include "mounts.h"
#include "request.h"
#include "server.h"
#include "shell.h"
#include "slots.h"

enum { TREES_MAX = MOUNTS_MAX + PATHS_MAX };

static struct bind_request bind_request;

/* Everything that will appear inside, attached nowhere yet. Returns what is at fault, with errno. */
static const char *open_trees(struct slot *slot, const struct bind_request *bind, int *trees, const char **inside, int *count) {
    if (bind->paths > 0 && !roots_lend(bind->root, &slot->release)) return "root";
    for (uint32_t i = 0; i < bind->paths; i++) {
        if ((trees[*count] = roots_copy_of(&slot->release, bind->path[i])) < 0) return "paths";
        inside[(*count)++] = bind->path[i];
    }
    for (uint32_t i = 0; i < bind->mounts; i++) {
        if ((trees[*count] = mounts_open(&bind->mount[i])) < 0) return "mounts.host";
        inside[(*count)++] = bind->mount[i].inside;
    }
    return NULL;
}

struct attachment {
    const struct slot *slot;
    uint64_t tmp_bytes;
    const int *trees;
    const char *const *inside;
    int count;
};

static int attach_one(int root, int tree, const char *inside) {
    int target = kernel_open_inside(root, inside);
    if (target < 0) return errno;
    int moved = kernel_move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    int error = moved != 0 ? errno : 0;
    close(target);
    return error;
}

static int attach_all(void *argument) {
    const struct attachment *attachment = argument;
    char options[96];
    shell_tmp_options(attachment->tmp_bytes, options, sizeof options);
    if (setns(attachment->slot->pidfd, CLONE_NEWNS) != 0) return errno;
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) return errno;
    int error = 0;
    for (int i = 0; i < attachment->count && error == 0; i++)
        error = attach_one(root, attachment->trees[i], attachment->inside[i]);
    close(root);
    if (error == 0 && mount(NULL, "/tmp", NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV, options) != 0) error = errno;
    return error;
}

/* In a process of its own, that enters the sandbox's mount namespace and does just this. Memory and descriptors are ours: with
   many sandboxes a copy of those would cost more than all the rest. We stand still meanwhile. */
static int attach(struct attachment *attachment) {
    static _Alignas(16) uint8_t stack[64 * 1024];
    int status = 0;
    pid_t pid = clone(attach_all, stack + sizeof stack, CLONE_VM | CLONE_FILES | CLONE_VFORK | SIGCHLD, attachment);
    if (pid < 0 || waitpid(pid, &status, 0) < 0) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static void refuse(uint32_t request, const char *field, int error) {
    char expected[128];
    snprintf(expected, sizeof expected, "what this machine can bind, no link on the way; it failed with %s",
             strerrorname_np(error));
    server_refuse(request, R_INVALID, field, expected);
}

/* Returns what is at fault, with errno. */
static const char *bind_slot(struct slot *slot, const struct bind_request *bind) {
    int trees[TREES_MAX], count = 0;
    const char *inside[TREES_MAX];
    const char *field = cgroup_bind(&slot->group, &bind->limits);
    if (field == NULL) field = open_trees(slot, bind, trees, inside, &count);
    struct attachment attachment = {slot, bind->limits.tmp_bytes, trees, inside, count};
    if (field == NULL && (errno = attach(&attachment)) != 0) field = "mounts";
    int error = errno;
    for (int i = 0; i < count; i++) close(trees[i]);
    errno = error;
    if (field) return field;
    ssize_t sent = send(slot->binding, bind->message.at, bind->message.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == (ssize_t)bind->message.length ? NULL : "message";
}

void bind_sandbox(uint32_t request, struct reader *in) {
    const char *field, *expected;
    if (!decode_bind(in, &bind_request, &field, &expected)) {
        server_refuse(request, R_INVALID, field, expected);
        return;
    }
    struct slot *slot = slots_find(bind_request.id);
    if (slot == NULL || slot->state != RUNNING) {
        server_refuse(request, R_UNKNOWN, "id", "a running sandbox");
        return;
    }
    if (!slot->generic) {
        server_refuse(request, R_BOUND, "id", "a generic sandbox that was never bound");
        return;
    }
    slot->generic = false; /* Also if it fails: a sandbox half bound serves nobody, and reads an end without a message. */
    snprintf(slot->tenant, sizeof slot->tenant, "%s", bind_request.tenant);
    snprintf(slot->label, sizeof slot->label, "%s", bind_request.label);
    cgroup_thaw(&slot->group);
    field = bind_slot(slot, &bind_request);
    int error = errno;
    close_fd(&slot->binding); /* From here on there is no way to bind it. */
    if (field) {
        refuse(request, field, error);
        return;
    }
    adoption_entrust(slot);
    server_ok(request);
}
