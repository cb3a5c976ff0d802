/* Folders of plain files that stand for those of the kernel. */
#ifndef MAYFLY_FOLDERS_H
#define MAYFLY_FOLDERS_H

#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

enum { PATH_BYTES = 256 };

static char top[PATH_BYTES]; /* of one test */

__attribute__((format(printf, 2, 3))) static inline void path_of(char *to, const char *format, ...) {
    va_list arguments;
    int length = snprintf(to, PATH_BYTES, "%s/", top);
    va_start(arguments, format);
    vsnprintf(to + length, PATH_BYTES - length, format, arguments);
    va_end(arguments);
}

/* Makes a file with this content, and the folders that it is in. */
static inline void put(const char *name, const char *content) {
    char path[PATH_BYTES];
    path_of(path, "%s", name);
    for (char *slash = path + strlen(top) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(path, 0755);
        *slash = '/';
    }
    FILE *file = fopen(path, "we");
    if (!file || fputs(content, file) < 0 || fclose(file) != 0) {
        perror(path);
        abort();
    }
}

/* What is in a file, until the next call. */
static inline const char *content(const char *name) {
    static char text[4096];
    char path[PATH_BYTES];
    path_of(path, "%s", name);
    FILE *file = fopen(path, "re");
    if (!file) return NULL;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static inline bool is_folder(const char *name) {
    char path[PATH_BYTES];
    struct stat it;
    path_of(path, "%s", name);
    return stat(path, &it) == 0 && S_ISDIR(it.st_mode);
}

static int remove_one(const char *path, const struct stat *it, int type, struct FTW *walk) {
    (void)it, (void)type, (void)walk;
    return remove(path);
}

static inline void folders_remove(void) {
    if (top[0]) nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    top[0] = 0;
}

/* An empty folder for this test, in place of the last one's. */
static inline void folders_begin(void) {
    folders_remove();
    const char *where = getenv("TMPDIR");
    snprintf(top, sizeof top, "%s/mayfly-cgroup-XXXXXX", where ? where : "/tmp");
    if (!mkdtemp(top)) abort();
}

#endif
