#define _GNU_SOURCE
#include "roots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard.h"
#include "kernel.h"

static char folder[PATH_BYTES_MAX];
static bool used[ROOTS_MAX];
static int count;

static void root_path(char *to, size_t size, uint32_t root) { snprintf(to, size, "%s/%u", folder, root); }

const char *roots_open(const char *path) {
    snprintf(folder, sizeof folder, "%s", path);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return "cannot make the folder of roots";
    DIR *listing = opendir(folder); /* Names alone: what was mounted on them went with its mount namespace. */
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (entry->d_name[0] != '.') unlinkat(dirfd(listing), entry->d_name, AT_REMOVEDIR);
    if (listing) closedir(listing);
    return NULL;
}

int roots_mount(const struct root_request *request) {
    static char options[64 + LAYERS_MAX * PATH_BYTES_MAX];
    uint32_t root = 0;
    while (root < ROOTS_MAX && used[root]) root++;
    if (root == ROOTS_MAX) {
        errno = ENFILE;
        return -1;
    }
    if (guard_refusal("/proc/thread-self/ns/mnt")) {
        errno = EPERM;
        return -1;
    }
    size_t at = snprintf(options, sizeof options, "lowerdir=");
    for (uint32_t i = 0; i < request->layers; i++)
        at += snprintf(options + at, sizeof options - at, "%s%s", i ? ":" : "", request->layer[i]);
    if (at >= 4096) { /* The kernel takes one page of options. */
        errno = E2BIG;
        return -1;
    }
    char path[PATH_BYTES_MAX + 16];
    root_path(path, sizeof path, root);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return -1;
    if (mount("mayfly", path, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, options) != 0) {
        int kept = errno;
        rmdir(path);
        errno = kept;
        return -1;
    }
    used[root] = true;
    count++;
    return root;
}

int roots_unmount(uint32_t root) {
    if (root >= ROOTS_MAX || !used[root]) {
        errno = ENOENT;
        return -1;
    }
    char path[PATH_BYTES_MAX + 16];
    root_path(path, sizeof path, root);
    /* Sandboxes that still run keep their copies. */
    if (umount2(path, MNT_DETACH) != 0) return -1;
    rmdir(path);
    used[root] = false;
    count--;
    return 0;
}

int roots_copy(uint32_t root) {
    if (root >= ROOTS_MAX || !used[root]) {
        errno = ENOENT;
        return -1;
    }
    char path[PATH_BYTES_MAX + 16];
    root_path(path, sizeof path, root);
    return kernel_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

int roots_copy_of(uint32_t root, const char *inside) {
    if (root >= ROOTS_MAX || !used[root]) {
        errno = ENOENT;
        return -1;
    }
    char path[PATH_BYTES_MAX + 16];
    root_path(path, sizeof path, root);
    int top = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int folder_inside = top < 0 ? -1 : kernel_open_inside(top, inside);
    int copy = folder_inside < 0 ? -1 : kernel_open_tree(folder_inside, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
    int kept = errno;
    if (top >= 0) close(top);
    if (folder_inside >= 0) close(folder_inside);
    errno = kept;
    return copy;
}

int roots_count(void) { return count; }

void roots_close(void) {
    for (uint32_t root = 0; root < ROOTS_MAX; root++)
        if (used[root]) roots_unmount(root);
    rmdir(folder);
}
