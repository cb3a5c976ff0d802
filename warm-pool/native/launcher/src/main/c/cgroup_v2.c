#define _GNU_SOURCE
#include "cgroup_v2.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cgroup_files.h"
#include "kernel.h"

#define ALL "" /* the one hierarchy */

/* A cgroup that holds processes hands on no controllers, except the machine's root. In a container of its own the server
   sits in what looks like the root: it moves aside, and all that are with it. */
static bool move_aside(void) {
    char path[CGROUP_PATH_BYTES], pid[32];
    cgroup_root_path(path, ALL, "mayfly-server");
    if (mkdir(path, 0755) != 0 && errno != EEXIST) return false;
    cgroup_root_path(path, ALL, "cgroup.procs");
    FILE *members = fopen(path, "re");
    cgroup_root_path(path, ALL, "mayfly-server/cgroup.procs");
    while (members && fgets(pid, sizeof pid, members)) write_file(path, pid);
    if (members) fclose(members);
    return members != NULL;
}

static const char *open_v2(void) {
    static const char *const wanted[] = {"+cpu", "+memory", "+pids", "+io", NULL};
    char path[CGROUP_PATH_BYTES];
    if (!cgroup_make_folder(ALL, CGROUP_PARENT)) return "cannot make a cgroup (expected: a writable /sys/fs/cgroup)";
    cgroup_root_path(path, ALL, "cgroup.subtree_control");
    for (const char *const *each = wanted; *each; each++) {
        if (write_file(path, *each) != 0 && errno == EBUSY && move_aside()) write_file(path, *each);
        if (!cgroup_write(ALL, CGROUP_PARENT, "cgroup.subtree_control", *each) && strcmp(*each, "+io") != 0)
            return "cannot hand on a cgroup controller (expected: cpu, memory and pids)";
    }
    return NULL;
}

static const char *hierarchy(int place) { return place == 0 ? ALL : NULL; }

static bool weigh(long processes) {
    enum { ONE = 100, MOST = 10000 };
    long weight = processes * ONE;
    return cgroup_write_number(ALL, CGROUP_PARENT, "cpu.weight", weight < MOST ? weight : MOST);
}

static void prepare(int slot) {
    cgroup_write(ALL, slot, "memory.swap.max", "0");
    cgroup_write(ALL, slot, "memory.oom.group", "1");
}

static bool limit_memory(int slot, uint64_t bytes) { return cgroup_write_number(ALL, slot, "memory.max", bytes); }

static bool limit_pids(int slot, uint32_t processes) { return cgroup_write_number(ALL, slot, "pids.max", processes); }

static bool limit_cpu(int slot, uint64_t us) {
    char text[64];
    snprintf(text, sizeof text, "%llu 100000", (unsigned long long)us);
    return cgroup_write(ALL, slot, "cpu.max", text);
}

static bool limit_io(int slot, const char *disk, uint64_t bytes) {
    char text[128];
    unsigned long long most = bytes;
    if (bytes) snprintf(text, sizeof text, "%s rbps=%llu wbps=%llu", disk, most, most);
    else snprintf(text, sizeof text, "%s rbps=max wbps=max", disk);
    return cgroup_write(ALL, slot, "io.max", text);
}

static bool freeze(int slot, bool frozen) {
    if (!cgroup_write(ALL, slot, "cgroup.freeze", frozen ? "1" : "0")) return false;
    for (int i = 0; i < CGROUP_FREEZE_POLLS; i++) {
        char text[256];
        size_t got = cgroup_read(ALL, slot, "cgroup.events", text, sizeof text);
        if ((got ? cgroup_field(text, "frozen") : 0) == frozen) return true;
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    return false;
}

static bool thaw(int slot) { return cgroup_write(ALL, slot, "cgroup.freeze", "0"); }

static bool kill_all(int slot) { return cgroup_write(ALL, slot, "cgroup.kill", "1"); }

const struct cgroup_version cgroup_v2 = {
    .open = open_v2,
    .hierarchy = hierarchy,
    .members = ALL,
    .files = {
        [CGROUP_PIDS] = {ALL, "pids.current", NULL, 1},
        [CGROUP_REFUSED] = {ALL, "pids.events", "max", 1},
        [CGROUP_CPU] = {ALL, "cpu.stat", "usage_usec", 1000},
        [CGROUP_OOM] = {ALL, "memory.events", "oom_kill", 1},
        [CGROUP_PEAK] = {ALL, "memory.peak", NULL, 1},
    },
    .memory_now = "memory.current",
    .weigh = weigh,
    .prepare = prepare,
    .limit_memory = limit_memory,
    .limit_pids = limit_pids,
    .limit_cpu = limit_cpu,
    .limit_io = limit_io,
    .freeze = freeze,
    .thaw = thaw,
    .kill = kill_all,
};
