#define _GNU_SOURCE
#include "cgroup_v1.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroup_files.h"

enum { HIERARCHIES_MAX = CGROUP_ENTRANCES_MAX };

static const char *const CONTROLLERS[] = {"cpu", "cpuacct", "memory", "pids", "freezer", "blkio", NULL};
static const char *const REQUIRED[] = {"cpu", "memory", "pids", NULL};

static const char *hierarchies[HIERARCHIES_MAX + 1]; /* by the first of their controllers' names; ends with NULL */

static bool is_there(const char *controller) {
    char path[CGROUP_PATH_BYTES];
    cgroup_root_path(path, controller, "cgroup.procs");
    return access(path, F_OK) == 0;
}

static bool same_folder(const char *a, const char *b) {
    char path[CGROUP_PATH_BYTES], other[CGROUP_PATH_BYTES];
    struct stat x, y;
    cgroup_root_path(path, a, "");
    cgroup_root_path(other, b, "");
    return stat(path, &x) == 0 && stat(other, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void find_hierarchies(void) {
    int found = 0;
    for (const char *const *name = CONTROLLERS; *name; name++) {
        if (!is_there(*name)) continue;
        bool known = false; /* "cpu" and "cpuacct" are often two names of one. */
        for (int i = 0; i < found && !known; i++) known = same_folder(*name, hierarchies[i]);
        if (!known) hierarchies[found++] = *name;
    }
    hierarchies[found] = NULL;
}

static const char *open_v1(void) {
    find_hierarchies();
    for (const char *const *each = REQUIRED; *each; each++)
        if (!is_there(*each)) return "no cgroup controllers (expected: cpu, memory and pids below /sys/fs/cgroup)";
    for (int i = 0; hierarchies[i]; i++)
        if (!cgroup_make_folder(hierarchies[i], CGROUP_PARENT)) return "cannot make a cgroup (expected: a writable /sys/fs/cgroup)";
    return NULL;
}

static const char *hierarchy(int place) { return hierarchies[place]; }

static bool weigh(long processes) {
    enum { ONE = 1024, MOST = 262144 };
    long weight = processes * ONE;
    return cgroup_write_number("cpu", CGROUP_PARENT, "cpu.shares", weight < MOST ? weight : MOST);
}

static void prepare(int slot) { cgroup_write("memory", slot, "memory.swappiness", "0"); }

static bool limit_memory(int slot, uint64_t bytes) { return cgroup_write_number("memory", slot, "memory.limit_in_bytes", bytes); }

static bool limit_pids(int slot, uint32_t processes) { return cgroup_write_number("pids", slot, "pids.max", processes); }

static bool limit_cpu(int slot, uint64_t us) { return cgroup_write_number("cpu", slot, "cpu.cfs_quota_us", us); }

static bool limit_io(int slot, const char *disk, uint64_t bytes) {
    char text[128];
    snprintf(text, sizeof text, "%s %llu", disk, (unsigned long long)bytes);
    return cgroup_write("blkio", slot, "blkio.throttle.read_bps_device", text)
           && cgroup_write("blkio", slot, "blkio.throttle.write_bps_device", text);
}

static bool freeze(int slot, bool frozen) {
    const char *wanted = frozen ? "FROZEN" : "THAWED";
    if (!cgroup_write("freezer", slot, "freezer.state", wanted)) return false;
    for (int i = 0; i < CGROUP_FREEZE_POLLS; i++) {
        char text[32];
        if (cgroup_read("freezer", slot, "freezer.state", text, sizeof text) && strncmp(text, wanted, 6) == 0) return true;
        nanosleep(&(struct timespec){0, 1000000}, NULL);
        if (frozen) cgroup_write("freezer", slot, "freezer.state", wanted); /* The kernel tries once for each. */
    }
    return false;
}

static bool thaw(int slot) { return cgroup_write("freezer", slot, "freezer.state", "THAWED"); }

static bool kill_all(int slot) {
    (void)slot;
    return false;
}

const struct cgroup_version cgroup_v1 = {
    .open = open_v1,
    .hierarchy = hierarchy,
    .members = "pids",
    .files = {
        [CGROUP_PIDS] = {"pids", "pids.current", NULL, 1},
        [CGROUP_REFUSED] = {"pids", "pids.events", "max", 1},
        [CGROUP_CPU] = {"cpuacct", "cpuacct.usage", NULL, 1},
        [CGROUP_OOM] = {"memory", "memory.oom_control", "oom_kill", 1},
        [CGROUP_PEAK] = {"memory", "memory.max_usage_in_bytes", NULL, 1},
    },
    .memory_now = "memory.usage_in_bytes",
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
