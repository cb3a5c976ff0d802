/* Links: cgroup.c cgroup_v1.c cgroup_v2.c cgroup_files.c kernel.c */
/* What is alike in both versions, on plain files. */
#define _GNU_SOURCE
#include "cgroup.h"

#include <signal.h>
#include <sys/wait.h>

#include "check.h"
#include "machines.h"

static void allTogetherWeighAsFourProcesses(void) {
    long most = unified ? 10000 : 262144, weight = 4 * sysconf(_SC_NPROCESSORS_ONLN) * (unified ? 100 : 1024);
    CHECK_NUMBER(atol(content(unified ? "mayfly/cpu.weight" : "cpu/mayfly/cpu.shares")), weight < most ? weight : most);
}

static void whatIsAsItWasIsNotWritten(void) {
    struct limits limits = LIMITS;
    const char *memory = unified ? "memory.max" : "memory.limit_in_bytes", *cpu = unified ? "cpu.max" : "cpu.cfs_quota_us";
    CHECK(cgroup_bind(&group, &limits) == NULL);
    put(slot_file("memory", memory), "");
    put(slot_file("cpu", cpu), "");
    put(slot_file("pids", "pids.max"), "");
    CHECK(cgroup_bind(&group, &limits) == NULL);
    CHECK_TEXT(content(slot_file("memory", memory)), "");
    CHECK_TEXT(content(slot_file("pids", "pids.max")), "");
    limits.pids = 33;
    CHECK(cgroup_bind(&group, &limits) == NULL);
    CHECK_TEXT(content(slot_file("memory", memory)), "");
    CHECK_TEXT(content(slot_file("cpu", cpu)), "");
    CHECK_TEXT(content(slot_file("pids", "pids.max")), "34");
}

static void theLargestLimitsAreWrittenWhole(void) {
    struct limits limits = {.memory_bytes = 1ull << 46, .cpu_us = 1ull << 40, .pids = 1 << 22};
    CHECK(cgroup_bind(&group, &limits) == NULL);
    CHECK_TEXT(content(slot_file("memory", unified ? "memory.max" : "memory.limit_in_bytes")), "70368744177664");
    CHECK_TEXT(content(slot_file("pids", "pids.max")), "4194305");
    CHECK_TEXT(content(slot_file("cpu", unified ? "cpu.max" : "cpu.cfs_quota_us")),
               unified ? "1099511627776 100000" : "1099511627776");
}

static void aLimitThatTheKernelRefusesIsNamedAndWrittenAgain(void) {
    char path[PATH_BYTES];
    path_of(path, "%s", slot_file("pids", "pids.max"));
    CHECK(cgroup_bind(&group, &LIMITS) == NULL);
    if (unlink(path) != 0) abort();
    struct limits limits = LIMITS;
    limits.pids = 5;
    CHECK_TEXT(cgroup_bind(&group, &limits), "limits.pids");
    put(slot_file("pids", "pids.max"), "");
    const char *memory = unified ? "memory.max" : "memory.limit_in_bytes";
    put(slot_file("memory", memory), "");
    CHECK(cgroup_bind(&group, &LIMITS) == NULL); /* Nobody knows what holds now: all is written. */
    CHECK_TEXT(content(slot_file("pids", "pids.max")), "33");
    CHECK_TEXT(content(slot_file("memory", memory)), "67108864");
}

static void aShellHasRoomWhateverTheLastLimit(void) {
    struct limits limits = LIMITS;
    limits.pids = 2;
    CHECK(cgroup_bind(&group, &limits) == NULL);
    cgroup_make_room(&group);
    CHECK_TEXT(content(slot_file("pids", "pids.max")), "3");
    limits.pids = 1;
    CHECK(cgroup_bind(&group, &limits) == NULL);
    CHECK_TEXT(content(slot_file("pids", "pids.max")), "2");
    cgroup_make_room(&group);
    CHECK_TEXT(content(slot_file("pids", "pids.max")), "3");
    CHECK(cgroup_bind(&group, &limits) == NULL);
    CHECK_TEXT(content(slot_file("pids", "pids.max")), "2");
}

static void aSandboxIsChargedForWhatItUsedItself(void) {
    struct usage usage = {0};
    CHECK(cgroup_bind(&group, &LIMITS) == NULL);
    if (unified) put(slot_file("", "cpu.stat"), "usage_usec 5\nuser_usec 900\nsystem_usec 1000\n");
    else put(slot_file("cpu", "cpuacct.usage"), "5000\n");
    put(slot_file("memory", unified ? "memory.peak" : "memory.max_usage_in_bytes"), "9000000\n");
    cgroup_usage(&group, &usage);
    CHECK_NUMBER(usage.cpu_ns, 4000);
    CHECK_NUMBER(usage.memory_bytes, 5000000);
    CHECK_NUMBER(usage.memory_peak_bytes, 9000000);
    CHECK_NUMBER(usage.pids, 3); /* But the slot. */
    put(slot_file("pids", "pids.current"), "0\n");
    cgroup_usage(&group, &usage);
    CHECK_NUMBER(usage.pids, 0);
}

static void itIsJudgedByWhatHappenedInItsTime(void) {
    struct usage usage = {0};
    CHECK(cgroup_bind(&group, &LIMITS) == NULL);
    cgroup_judge(&group, &usage);
    CHECK(!usage.oom_killed && !usage.pids_refused);
    if (unified) put(slot_file("", "memory.events"), "oom 9\noom_group_kill 9\noom_kill 3\n");
    else put(slot_file("memory", "memory.oom_control"), "oom_kill_disable 9\nunder_oom 1\noom_kill 3\n");
    cgroup_judge(&group, &usage);
    CHECK(usage.oom_killed && !usage.pids_refused);
    put(slot_file("pids", "pids.events"), "max 8\n");
    cgroup_judge(&group, &usage);
    CHECK(usage.pids_refused);
}

static void whoIsInASlotIsKnownByItsNumber(void) {
    const char *members = slot_file("pids", "cgroup.procs");
    CHECK_NUMBER(cgroup_occupied(), 0);
    put(members, "123\n45\n");
    CHECK(cgroup_holds(3, 123) && cgroup_holds(3, 45));
    CHECK(!cgroup_holds(3, 12) && !cgroup_holds(4, 123));
    CHECK_NUMBER(cgroup_occupied(), 1);
    put(members, "");
}

static bool is_killed(pid_t child) {
    int status;
    for (int i = 0; i < 3000; i++) { /* At most 30 s. */
        if (waitpid(child, &status, WNOHANG) == child) return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        usleep(10000);
    }
    return false;
}

static pid_t sleeper(void) {
    pid_t child = fork();
    if (child == 0) {
        for (;;) pause();
    }
    return child;
}

static void allInASlotAreKilledButWhoIsSpared(void) {
    char text[64];
    pid_t victim = sleeper(), spared = sleeper();
    snprintf(text, sizeof text, "0\n1\n%d\n%d\n%d\n", (int)getpid(), (int)victim, (int)spared);
    put(slot_file("pids", "cgroup.procs"), text);
    cgroup_kill_but(&group, spared);
    CHECK(is_killed(victim));
    CHECK(waitpid(spared, NULL, WNOHANG) == 0);
    snprintf(text, sizeof text, "%d\n", (int)spared);
    put(slot_file("pids", "cgroup.procs"), text);
    if (unified) {
        char path[PATH_BYTES];
        path_of(path, "%s", slot_file("", "cgroup.kill")); /* A kernel before 5.14 does not have it. */
        unlink(path);
    }
    cgroup_kill(&group);
    CHECK(is_killed(spared));
    put(slot_file("pids", "cgroup.procs"), "");
}

static bool is_four(uint32_t slot) { return slot == 4; }

static void aSweepLeavesWhatIsKept(void) {
    char four[PATH_BYTES], five[PATH_BYTES];
    snprintf(four, sizeof four, unified ? "mayfly/slot-4" : "pids/mayfly/slot-4");
    snprintf(five, sizeof five, unified ? "mayfly/slot-5" : "pids/mayfly/slot-5");
    forget();
    folders_begin();
    if (unified) put("cgroup.controllers", ""), put("cgroup.subtree_control", ""), put("mayfly/cgroup.subtree_control", "");
    else put("cpu/cgroup.procs", ""), put("memory/cgroup.procs", ""), put("pids/cgroup.procs", "");
    CHECK(cgroup_open(top, "mayfly") == NULL);
    char path[PATH_BYTES];
    path_of(path, "%s", four);
    if (mkdir(path, 0755) != 0) abort();
    path_of(path, "%s", five);
    if (mkdir(path, 0755) != 0) abort();
    CHECK_NUMBER(cgroup_sweep(is_four), 0); /* Nothing was in use. */
    CHECK(is_folder(four) && !is_folder(five));
    cgroup_sweep(NULL);
    CHECK(!is_folder(four));
}

static void inBoth(void (*test)(void)) {
    machine_v1();
    test();
    forget();
    machine_v2();
    test();
    forget();
}

int main(void) {
    inBoth(allTogetherWeighAsFourProcesses);
    inBoth(whatIsAsItWasIsNotWritten);
    inBoth(theLargestLimitsAreWrittenWhole);
    inBoth(aLimitThatTheKernelRefusesIsNamedAndWrittenAgain);
    inBoth(aShellHasRoomWhateverTheLastLimit);
    inBoth(aSandboxIsChargedForWhatItUsedItself);
    inBoth(itIsJudgedByWhatHappenedInItsTime);
    inBoth(whoIsInASlotIsKnownByItsNumber);
    inBoth(allInASlotAreKilledButWhoIsSpared);
    inBoth(aSweepLeavesWhatIsKept);
    return check_result();
}
