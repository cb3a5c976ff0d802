#include "cgroup_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"

static char root[128], parent[64];

void cgroup_files_open(const char *mounted_at, const char *name) {
    snprintf(root, sizeof root, "%s", mounted_at);
    snprintf(parent, sizeof parent, "%s", name);
}

static const char *slash(const char *hierarchy) { return hierarchy[0] ? "/" : ""; }

void cgroup_root_path(char *to, const char *hierarchy, const char *name) {
    snprintf(to, CGROUP_PATH_BYTES, "%s%s%s/%s", root, slash(hierarchy), hierarchy, name);
}

void cgroup_path(char *to, const char *hierarchy, int slot, const char *file) {
    int length = snprintf(to, CGROUP_PATH_BYTES, "%s%s%s/%s", root, slash(hierarchy), hierarchy, parent);
    if (slot != CGROUP_PARENT) length += snprintf(to + length, CGROUP_PATH_BYTES - length, "/slot-%d", slot);
    if (file) snprintf(to + length, CGROUP_PATH_BYTES - length, "/%s", file);
}

bool cgroup_make_folder(const char *hierarchy, int slot) {
    char path[CGROUP_PATH_BYTES];
    cgroup_path(path, hierarchy, slot, NULL);
    return mkdir(path, 0755) == 0 || errno == EEXIST;
}

bool cgroup_write(const char *hierarchy, int slot, const char *file, const char *text) {
    char path[CGROUP_PATH_BYTES];
    cgroup_path(path, hierarchy, slot, file);
    return write_file(path, text) == 0;
}

bool cgroup_write_number(const char *hierarchy, int slot, const char *file, long long number) {
    char text[32];
    snprintf(text, sizeof text, "%lld", number);
    return cgroup_write(hierarchy, slot, file, text);
}

size_t cgroup_read(const char *hierarchy, int slot, const char *file, char *text, size_t size) {
    char path[CGROUP_PATH_BYTES];
    cgroup_path(path, hierarchy, slot, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t got = read(fd, text, size - 1);
    close(fd);
    text[got > 0 ? got : 0] = 0;
    return got > 0 ? got : 0;
}

long long cgroup_read_number(const char *hierarchy, int slot, const char *file) {
    char text[64];
    return cgroup_read(hierarchy, slot, file, text, sizeof text) ? atoll(text) : 0;
}

long long cgroup_field(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, name, length) == 0 && line[length] == ' ') return atoll(line + length + 1);
    return 0;
}
