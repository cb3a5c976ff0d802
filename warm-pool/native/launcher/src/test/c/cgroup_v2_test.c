/* Links: cgroup.c cgroup_v1.c cgroup_v2.c cgroup_files.c kernel.c */
/* What only version 2 does, on plain files. */
#define _GNU_SOURCE
#include "cgroup.h"

#include "check.h"
#include "machines.h"

static void v2WritesALimitToTheFileOfItsName(void) {
    machine_v2();
    CHECK_TEXT(content(slot_file("", "memory.swap.max")), "0");
    CHECK_TEXT(content(slot_file("", "memory.oom.group")), "1");
    CHECK(cgroup_bind(&group, &LIMITS) == NULL);
    CHECK_TEXT(content(slot_file("", "memory.max")), "67108864");
    CHECK_TEXT(content(slot_file("", "pids.max")), "33");
    CHECK_TEXT(content(slot_file("", "cpu.max")), "150000 100000");
    CHECK_TEXT(content(slot_file("", "io.max")), "");
    CHECK_TEXT(content(slot_file("", "memory.peak")), "0");
    forget();
}

static void v2LimitsReadsAndWritesOfTheDiskInOneLine(void) {
    struct limits limits = LIMITS;
    machine_v2();
    limits.io_bytes = UINT64_MAX;
    CHECK_TEXT(cgroup_bind(&group, &limits), "limits.io");
    cgroup_use_disk("259:0");
    CHECK(cgroup_bind(&group, &limits) == NULL);
    CHECK_TEXT(content(slot_file("", "io.max")), "259:0 rbps=18446744073709551615 wbps=18446744073709551615");
    put(slot_file("", "io.max"), "");
    CHECK(cgroup_bind(&group, &LIMITS) == NULL);
    CHECK_TEXT(content(slot_file("", "io.max")), "259:0 rbps=max wbps=max");
    forget();
}

static void v2FreezesByANumberAndWaitsForTheEvent(void) {
    machine_v2();
    put(slot_file("", "cgroup.events"), "populated 1\nfrozen 1\n");
    CHECK(cgroup_freeze(&group, true));
    CHECK_TEXT(content(slot_file("", "cgroup.freeze")), "1");
    CHECK(!cgroup_freeze(&group, false)); /* The event does not come. */
    CHECK_TEXT(content(slot_file("", "cgroup.freeze")), "0");
    forget();
}

static void v2HandsOnItsControllers(void) {
    folders_begin();
    put("cgroup.controllers", "cpu memory pids io\n");
    put("cgroup.subtree_control", "");
    CHECK(cgroup_open(top, "mayfly") != NULL); /* The parent's file is not there. */
    CHECK(is_folder("mayfly"));
    put("mayfly/cgroup.subtree_control", "");
    CHECK(cgroup_open(top, "mayfly") == NULL);
    CHECK(strstr(content("cgroup.subtree_control"), "+io") != NULL);
    folders_remove();
}

static void v2KillsAllByOneWord(void) {
    machine_v2();
    cgroup_kill(&group);
    CHECK_TEXT(content(slot_file("", "cgroup.kill")), "1");
    forget();
}

int main(void) {
    v2WritesALimitToTheFileOfItsName();
    v2LimitsReadsAndWritesOfTheDiskInOneLine();
    v2FreezesByANumberAndWaitsForTheEvent();
    v2HandsOnItsControllers();
    v2KillsAllByOneWord();
    return check_result();
}
