#include "guard.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FORBIDDEN_MAX = 4 };
static struct { dev_t device; ino_t inode; } forbidden[FORBIDDEN_MAX];
static int count;

const char *guard_forbid(const char *self) {
    struct stat s;
    if (count == FORBIDDEN_MAX || stat(self, &s) != 0) return "cannot tell which mount namespace this is";
    forbidden[count].device = s.st_dev;
    forbidden[count++].inode = s.st_ino;
    return NULL;
}

const char *guard_open(void) {
    char parent[64];
    snprintf(parent, sizeof parent, "/proc/%d/ns/mnt", (int)getppid());
    if (guard_forbid(parent)) return "cannot read the mount namespace of the parent process";
    struct stat first;
    if (stat("/proc/1/ns/mnt", &first) == 0 && guard_forbid("/proc/1/ns/mnt")) return "cannot read process 1";
    return guard_refusal("/proc/thread-self/ns/mnt");
}

const char *guard_refusal(const char *self) {
    struct stat s;
    if (count == 0 || stat(self, &s) != 0) return "cannot tell which mount namespace this is";
    for (int i = 0; i < count; i++) {
        if (s.st_dev == forbidden[i].device && s.st_ino == forbidden[i].inode)
            return "this process shares its mount namespace with its parent or process 1"
                   " (expected: one of its own, as by unshare --mount --propagation private)";
    }
    return NULL;
}
