/* Machines of plain files, of either version of cgroups, with a slot 3. */
#ifndef MAYFLY_MACHINES_H
#define MAYFLY_MACHINES_H

#include "cgroup.h"
#include "folders.h"

static const struct limits LIMITS = {.memory_bytes = 64 << 20, .cpu_us = 150000, .pids = 32, .tmp_bytes = 1 << 20, .files = 1024};

static bool unified; /* which version the folders are of */
static struct cgroup group;

/* A file of slot 3, by its name in version 1. */
static inline const char *slot_file(const char *controller, const char *name) {
    static char path[2][PATH_BYTES];
    static int turn;
    char *to = path[turn ^= 1];
    if (unified) snprintf(to, PATH_BYTES, "mayfly/slot-3/%s", name);
    else snprintf(to, PATH_BYTES, "%s/mayfly/slot-3/%s", controller, name);
    return to;
}

static inline void machine_v1(void) {
    static const char *const controllers[] = {"cpu", "memory", "pids", "freezer", "blkio", NULL};
    char path[PATH_BYTES], to[PATH_BYTES];
    unified = false;
    folders_begin();
    for (const char *const *each = controllers; *each; each++) {
        snprintf(path, sizeof path, "%s/cgroup.procs", *each);
        put(path, "");
        put(slot_file(*each, "cgroup.procs"), "");
    }
    path_of(path, "cpuacct");
    path_of(to, "cpu");
    if (symlink(to, path) != 0) abort();
    put("cpu/mayfly/cpu.shares", "");
    put(slot_file("cpu", "cpu.cfs_quota_us"), "");
    put(slot_file("cpu", "cpuacct.usage"), "1000\n");
    put(slot_file("memory", "memory.limit_in_bytes"), "");
    put(slot_file("memory", "memory.swappiness"), "");
    put(slot_file("memory", "memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    put(slot_file("memory", "memory.max_usage_in_bytes"), "");
    put(slot_file("memory", "memory.usage_in_bytes"), "5000000\n");
    put(slot_file("pids", "pids.max"), "");
    put(slot_file("pids", "pids.current"), "4\n");
    put(slot_file("pids", "pids.events"), "max 7\n");
    put(slot_file("freezer", "freezer.state"), "");
    put(slot_file("blkio", "blkio.throttle.read_bps_device"), "");
    put(slot_file("blkio", "blkio.throttle.write_bps_device"), "");
    CHECK(cgroup_open(top, "mayfly") == NULL);
    cgroup_use_disk("");
    CHECK(cgroup_make(&group, 3));
}

static inline void machine_v2(void) {
    unified = true;
    folders_begin();
    put("cgroup.controllers", "cpu memory pids io\n");
    put("cgroup.subtree_control", "");
    put("mayfly/cgroup.subtree_control", "");
    put("mayfly/cpu.weight", "");
    static const char *const empty[] = {"cgroup.procs", "cgroup.freeze", "cgroup.kill", "memory.swap.max", "memory.oom.group",
                                        "memory.max", "memory.peak", "cpu.max", "pids.max", "io.max", NULL};
    for (const char *const *each = empty; *each; each++) put(slot_file("", *each), "");
    put(slot_file("", "cgroup.events"), "populated 1\nfrozen 0\n");
    put(slot_file("", "pids.current"), "4\n");
    put(slot_file("", "pids.events"), "max 7\n");
    put(slot_file("", "cpu.stat"), "usage_usec 1\nuser_usec 900\nsystem_usec 1000\n");
    put(slot_file("", "memory.events"), "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 1\n");
    put(slot_file("", "memory.current"), "5000000\n");
    CHECK(cgroup_open(top, "mayfly") == NULL);
    cgroup_use_disk("");
    CHECK(cgroup_make(&group, 3));
}

static inline void forget(void) {
    cgroup_remove(&group); /* Closes its files; folders of plain files stay. */
    folders_remove();
}

#endif
