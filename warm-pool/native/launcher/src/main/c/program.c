#include "program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *argv[STRINGS_MAX + 1], *env[STRINGS_MAX + 1];

/* The texts lie one behind the other, each after its length: an end overwrites the next length, so lengths come first. */
bool program_set(uint8_t *strings, uint32_t bytes, uint32_t argc, uint32_t envc) {
    static uint32_t lengths[2 * STRINGS_MAX];
    struct reader in = {strings, strings + bytes, argc > STRINGS_MAX || envc > STRINGS_MAX};
    for (uint32_t i = 0; i < argc + envc && !in.bad; i++) {
        struct text text = read_text(&in, FRAME_BYTES_MAX);
        lengths[i] = text.length;
        char **to = i < argc ? &argv[i] : &env[i - argc];
        *to = (char *)text.at;
    }
    if (in.bad) return false;
    for (uint32_t i = 0; i < argc + envc; i++) (i < argc ? argv[i] : env[i - argc])[lengths[i]] = 0;
    argv[argc] = env[envc] = NULL;
    return true;
}

void program_execute(void) {
    if (strchr(argv[0], '/')) {
        execve(argv[0], argv, env);
        return;
    }
    const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    for (char **each = env; *each; each++)
        if (strncmp(*each, "PATH=", 5) == 0) path = *each + 5;
    static char file[PATH_MAX];
    int worst = ENOENT;
    while (*path) {
        size_t length = strcspn(path, ":");
        if (length > 0 && snprintf(file, sizeof file, "%.*s/%s", (int)length, path, argv[0]) < (int)sizeof file) {
            execve(file, argv, env);
            if (errno != ENOENT && errno != ENOTDIR) worst = errno;
        }
        path += length + (path[length] == ':');
    }
    errno = worst;
}

void program_execute_as(const char *const *environment) {
    if (argv[0][0] == '/') execve(argv[0], argv, (char *const *)environment);
    else errno = EINVAL;
}
