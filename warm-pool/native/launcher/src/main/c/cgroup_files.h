/* Where the cgroups of slots are, and reading and writing their files. Must not know what any of the files means, nor which
   version of cgroups this machine has: `hierarchy` is the folder below the root that a file is in, empty in version 2. */
#ifndef MAYFLY_CGROUP_FILES_H
#define MAYFLY_CGROUP_FILES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    CGROUP_PATH_BYTES = 320,
    CGROUP_PARENT = -1, /* in place of a slot's number: the cgroup that all slots are in */
};

/* `root` is where cgroups are mounted; `parent` the name of the cgroup, in each hierarchy, that all slots are in. */
void cgroup_files_open(const char *root, const char *parent);
/* A file or folder that is the machine's own, not ours: `name` is below the root. */
void cgroup_root_path(char *to, const char *hierarchy, const char *name);
/* The folder of a slot, or a file in it; `file` may be NULL. */
void cgroup_path(char *to, const char *hierarchy, int slot, const char *file);
/* Makes the folder; true also if it was there. */
bool cgroup_make_folder(const char *hierarchy, int slot);

/* False with errno. */
bool cgroup_write(const char *hierarchy, int slot, const char *file, const char *text);
bool cgroup_write_number(const char *hierarchy, int slot, const char *file, long long number);
/* How many bytes it read, at most size - 1, terminated; 0 if it could not. */
size_t cgroup_read(const char *hierarchy, int slot, const char *file, char *text, size_t size);
/* 0 if there is none. */
long long cgroup_read_number(const char *hierarchy, int slot, const char *file);
/* The number behind a name in a text of "name number" lines, 0 if it is not there. */
long long cgroup_field(const char *text, const char *name);

#endif
