/* Links: cgroup.c cgroup_v1.c cgroup_v2.c cgroup_files.c kernel.c */
/* What only version 1 does, on plain files. */
#define _GNU_SOURCE
#include "cgroup.h"

#include "check.h"
#include "machines.h"

static void v1WritesALimitToTheFileOfItsController(void) {
    machine_v1();
    CHECK_TEXT(content(slot_file("memory", "memory.swappiness")), "0");
    CHECK(cgroup_bind(&group, &LIMITS) == NULL);
    CHECK_TEXT(content(slot_file("memory", "memory.limit_in_bytes")), "67108864");
    CHECK_TEXT(content(slot_file("pids", "pids.max")), "33"); /* The slot itself is in there too. */
    CHECK_TEXT(content(slot_file("cpu", "cpu.cfs_quota_us")), "150000");
    CHECK_TEXT(content(slot_file("blkio", "blkio.throttle.read_bps_device")), "");
    CHECK_TEXT(content(slot_file("memory", "memory.max_usage_in_bytes")), "0");
    forget();
}

static void v1LimitsReadsAndWritesOfTheDiskAlike(void) {
    struct limits limits = LIMITS;
    machine_v1();
    limits.io_bytes = 1 << 20;
    CHECK_TEXT(cgroup_bind(&group, &limits), "limits.io"); /* There is no disk. */
    cgroup_use_disk("8:16");
    CHECK(cgroup_bind(&group, &limits) == NULL);
    CHECK_TEXT(content(slot_file("blkio", "blkio.throttle.read_bps_device")), "8:16 1048576");
    CHECK_TEXT(content(slot_file("blkio", "blkio.throttle.write_bps_device")), "8:16 1048576");
    put(slot_file("blkio", "blkio.throttle.read_bps_device"), "");
    CHECK(cgroup_bind(&group, &LIMITS) == NULL);
    CHECK_TEXT(content(slot_file("blkio", "blkio.throttle.read_bps_device")), "8:16 0"); /* None from now on. */
    forget();
}

static void v1FreezesByAWord(void) {
    machine_v1();
    CHECK(cgroup_freeze(&group, true));
    CHECK_TEXT(content(slot_file("freezer", "freezer.state")), "FROZEN");
    cgroup_thaw(&group);
    CHECK_TEXT(content(slot_file("freezer", "freezer.state")), "THAWED");
    put(slot_file("freezer", "freezer.state"), "");
    cgroup_thaw(&group); /* It is not frozen any more: nothing is written. */
    CHECK_TEXT(content(slot_file("freezer", "freezer.state")), "");
    forget();
}

static void v1CountsEachMountOnce(void) {
    int fds[CGROUP_ENTRANCES_MAX];
    machine_v1();
    int count = cgroup_entrances(3, fds);
    CHECK_NUMBER(count, 5); /* cpu and cpuacct are one. */
    for (int i = 0; i < count; i++) close(fds[i]);
    CHECK_NUMBER(cgroup_entrances(4, fds), -1);
    forget();
}

static void v1NeedsItsControllers(void) {
    folders_begin();
    put("cpu/cgroup.procs", "");
    put("memory/cgroup.procs", "");
    CHECK(cgroup_open(top, "mayfly") != NULL);
    CHECK(!is_folder("cpu/mayfly"));
    put("pids/cgroup.procs", "");
    CHECK(cgroup_open(top, "mayfly") == NULL);
    CHECK(is_folder("cpu/mayfly") && is_folder("memory/mayfly") && is_folder("pids/mayfly"));
    cgroup_close();
    CHECK(!is_folder("cpu/mayfly") && !is_folder("memory/mayfly") && !is_folder("pids/mayfly"));
    folders_remove();
}

int main(void) {
    v1WritesALimitToTheFileOfItsController();
    v1LimitsReadsAndWritesOfTheDiskAlike();
    v1FreezesByAWord();
    v1CountsEachMountOnce();
    v1NeedsItsControllers();
    return check_result();
}
