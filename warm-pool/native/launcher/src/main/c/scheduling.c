#define _GNU_SOURCE
#include "scheduling.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel.h"

/* Who wakes up does not wait until somebody that never sleeps has had a long turn. Linux takes it since 6.12 and ignores it
   before. Whoever inherits it may take longer turns if it likes to wait for them. */
void scheduling_shorten_turns(pid_t thread) {
    enum { TURN_NS = 100000, SIZE = 48 };
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } turns;
    if (syscall(SYS_sched_getattr, thread, &turns, SIZE, 0) != 0) return;
    turns.size = SIZE;
    turns.flags = 0;
    turns.runtime = TURN_NS;
    syscall(SYS_sched_setattr, thread, &turns, 0);
}

/* Compilers and collectors of garbage compute for long, and nobody waits for them. */
static bool computes(const char *path) {
    static const char *const names[] = {"C1 ", "C2 ", "GC ", "G1 ", NULL};
    char name[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, name, sizeof name - 1) < 0) name[0] = 0;
    close_fd(&fd);
    for (const char *const *each = names; *each; each++)
        if (strncmp(name, *each, strlen(*each)) == 0) return true;
    return false;
}

/* As short as those of sandboxes: of those who wait, the one with the shorter turn comes first. Threads to come inherit it. */
void scheduling_favour(pid_t server) {
    char path[96];
    snprintf(path, sizeof path, "/proc/%d/task", (int)server);
    DIR *threads = opendir(path);
    for (struct dirent *each; threads && (each = readdir(threads));) {
        pid_t thread = atoi(each->d_name);
        snprintf(path, sizeof path, "/proc/%d/task/%d/comm", (int)server, (int)thread);
        if (thread > 0 && !computes(path)) scheduling_shorten_turns(thread);
    }
    if (threads) closedir(threads);
}
