#define _GNU_SOURCE
#include "roots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"
#include "mount_guard.h"

enum { PATH_SIZE = PATH_BYTES_MAX + 48, MOUNTS_STEP = 16, IDLE_MAX = 16 };

/* Of one mount of a root. */
enum { NONE, IDLE, LENT };

static char folder[PATH_BYTES_MAX];
static struct root {
    uint32_t layers; /* 0: there is none */
    uint32_t serial, mounts, idle;
    uint8_t *mount;
} roots[ROOTS_MAX];
static uint32_t last_serial;
static int count;

static void layers_path(char *to, uint32_t root) { snprintf(to, PATH_SIZE, "%s/%u", folder, root); }
static void mount_path(char *to, uint32_t root, uint32_t mount) { snprintf(to, PATH_SIZE, "%s/%u.%u", folder, root, mount); }

/* Links in it, never what they lead to. */
static void remove_folder(int at, const char *name) {
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (entry->d_name[0] != '.') unlinkat(fd, entry->d_name, 0);
    if (listing) closedir(listing);
    unlinkat(at, name, AT_REMOVEDIR);
}

const char *roots_open(const char *path) {
    snprintf(folder, sizeof folder, "%s", path);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return "cannot make the folder of roots";
    DIR *listing = opendir(folder); /* What was mounted there went with its mount namespace. */
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (entry->d_name[0] != '.') remove_folder(dirfd(listing), entry->d_name);
    if (listing) closedir(listing);
    return NULL;
}

/* A link for each layer, named by a number: whoever is in a sandbox reads the names of layers in its list of mounts. */
static int link_layers(uint32_t root, const struct root_request *request) {
    char path[PATH_SIZE], name[16];
    layers_path(path, root);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return -1;
    int at = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), failed = at < 0;
    for (uint32_t i = 0; i < request->layers && !failed; i++) {
        snprintf(name, sizeof name, "%u", i);
        failed = (unlinkat(at, name, 0) != 0 && errno != ENOENT) || symlinkat(request->layer[i], at, name) != 0;
    }
    close_fd(&at);
    return failed ? -1 : 0;
}

static int mount_one(uint32_t root, uint32_t number) {
    char options[16 + LAYERS_MAX * 4] = "lowerdir=", path[PATH_SIZE], layers[PATH_SIZE];
    size_t at = strlen(options);
    if (mount_guard_refusal("/proc/thread-self/ns/mnt")) return errno = EPERM, -1;
    for (uint32_t i = 0; i < roots[root].layers; i++)
        at += snprintf(options + at, sizeof options - at, i ? ":%u" : "%u", i);
    mount_path(path, root, number);
    layers_path(layers, root);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return -1;
    int failed = chdir(layers) != 0 || mount("mayfly", path, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, options) != 0;
    int kept = errno;
    if (chdir("/") != 0) failed = 1;
    if (failed) rmdir(path);
    errno = kept;
    return failed ? -1 : 0;
}

/* Sandboxes that still run keep their copies. */
static int unmount_one(uint32_t root, uint32_t number) {
    char path[PATH_SIZE];
    mount_path(path, root, number);
    roots[root].mount[number] = NONE;
    if (umount2(path, MNT_DETACH) != 0) return -1;
    return rmdir(path);
}

/* The number of a mount that is there and nobody has, or -1. */
static int idle_mount(uint32_t root) {
    struct root *it = &roots[root];
    uint32_t number = 0;
    while (number < it->mounts && it->mount[number] != (it->idle ? IDLE : NONE)) number++;
    if (it->idle) return number;
    if (number == it->mounts) {
        uint8_t *more = realloc(it->mount, it->mounts + MOUNTS_STEP);
        if (more == NULL) return -1;
        memset(more + it->mounts, NONE, MOUNTS_STEP);
        it->mount = more;
        it->mounts += MOUNTS_STEP;
    }
    if (mount_one(root, number) != 0) return -1;
    it->mount[number] = IDLE;
    it->idle++;
    return number;
}

static void forget(uint32_t root) {
    char path[PATH_SIZE];
    free(roots[root].mount);
    roots[root] = (struct root){0};
    layers_path(path, root);
    remove_folder(AT_FDCWD, path);
}

int roots_mount(const struct root_request *request) {
    uint32_t root = 0;
    while (root < ROOTS_MAX && roots[root].layers) root++;
    if (root == ROOTS_MAX) return errno = ENFILE, -1;
    if (link_layers(root, request) != 0) return -1;
    roots[root] = (struct root){.layers = request->layers, .serial = ++last_serial};
    if (idle_mount(root) < 0) {
        int kept = errno;
        forget(root);
        return errno = kept, -1;
    }
    count++;
    return root;
}

int roots_unmount(uint32_t root) {
    if (root >= ROOTS_MAX || !roots[root].layers) return errno = ENOENT, -1;
    for (uint32_t i = 0; i < roots[root].mounts; i++)
        if (roots[root].mount[i] != NONE) unmount_one(root, i);
    forget(root);
    count--;
    return 0;
}

bool roots_lend(uint32_t root, struct lent *to) {
    *to = (struct lent){0};
    if (root >= ROOTS_MAX || !roots[root].layers) return errno = ENOENT, false;
    int number = idle_mount(root);
    if (number < 0) return false;
    roots[root].mount[number] = LENT;
    roots[root].idle--;
    *to = (struct lent){true, root, roots[root].serial, number};
    return true;
}

static bool is_there(const struct lent *lent) { return lent->held && roots[lent->root].serial == lent->serial; }

void roots_return(struct lent *lent) {
    if (is_there(lent) && roots[lent->root].idle >= IDLE_MAX) unmount_one(lent->root, lent->mount);
    else if (is_there(lent)) {
        roots[lent->root].mount[lent->mount] = IDLE;
        roots[lent->root].idle++;
    }
    lent->held = false;
}

void roots_discard(struct lent *lent) {
    if (is_there(lent)) unmount_one(lent->root, lent->mount);
    lent->held = false;
}

int roots_copy(const struct lent *lent) { return roots_copy_of(lent, "/"); }

int roots_copy_of(const struct lent *lent, const char *inside) {
    char path[PATH_SIZE];
    if (!is_there(lent)) return errno = ENOENT, -1;
    mount_path(path, lent->root, lent->mount);
    if (inside[1] == 0) return kernel_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    int top = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int folder_inside = top < 0 ? -1 : kernel_open_inside(top, inside);
    int copy = folder_inside < 0 ? -1 : kernel_open_tree(folder_inside, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    int kept = errno;
    close_fd(&top);
    close_fd(&folder_inside);
    errno = kept;
    return copy;
}

int roots_count(void) { return count; }

void roots_close(void) {
    for (uint32_t root = 0; root < ROOTS_MAX; root++)
        if (roots[root].layers) roots_unmount(root);
    rmdir(folder);
}
