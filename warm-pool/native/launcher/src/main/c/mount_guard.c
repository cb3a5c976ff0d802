#include "mount_guard.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct mount_guard_list list;

const char *mount_guard_forbid(const char *self) {
    struct stat s;
    if (list.count == FORBIDDEN_MAX || stat(self, &s) != 0) return "cannot tell which mount namespace this is";
    list.forbidden[list.count].device = s.st_dev;
    list.forbidden[list.count++].inode = s.st_ino;
    return NULL;
}

const char *mount_guard_open(void) {
    char parent[64];
    snprintf(parent, sizeof parent, "/proc/%d/ns/mnt", (int)getppid());
    if (mount_guard_forbid(parent)) return "cannot read the mount namespace of the parent process";
    struct stat first;
    if (stat("/proc/1/ns/mnt", &first) == 0 && mount_guard_forbid("/proc/1/ns/mnt")) return "cannot read process 1";
    return mount_guard_refusal("/proc/thread-self/ns/mnt");
}

const char *mount_guard_refusal(const char *self) {
    struct stat s;
    if (list.count == 0 || stat(self, &s) != 0) return "cannot tell which mount namespace this is";
    for (int i = 0; i < list.count; i++) {
        if (s.st_dev == list.forbidden[i].device && s.st_ino == list.forbidden[i].inode)
            return "this process shares its mount namespace with its parent or process 1"
                   " (expected: one of its own, as by unshare --mount --propagation private)";
    }
    return NULL;
}

void mount_guard_export(struct mount_guard_list *to) { *to = list; }

void mount_guard_import(const struct mount_guard_list *from) {
    list = *from;
    if (list.count < 0 || list.count > FORBIDDEN_MAX) list.count = 0; /* Then everything is refused. */
}
