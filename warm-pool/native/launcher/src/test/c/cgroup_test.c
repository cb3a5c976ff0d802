/* Links: cgroup.c cgroup_v1.c cgroup_v2.c cgroup_files.c kernel.c */
/* What is written for the limits of a sandbox and read of its use, in both versions, on plain files. */
#define _GNU_SOURCE
#include "cgroup.h"

#include <signal.h>
#include <sys/wait.h>

#include "check.h"
#include "folders.h"

static const struct limits LIMITS = {.memory_bytes = 64 << 20, .cpu_us = 150000, .pids = 32, .tmp_bytes = 1 << 20, .files = 1024};

static bool unified; /* which version the folders are of */
static struct cgroup group;

/* A file of slot 3, by its name in version 1. */
static const char *slot_file(const char *controller, const char *name) {
    static char path[2][PATH_BYTES];
    static int turn;
    char *to = path[turn ^= 1];
    if (unified) snprintf(to, PATH_BYTES, "mayfly/slot-3/%s", name);
    else snprintf(to, PATH_BYTES, "%s/mayfly/slot-3/%s", controller, name);
    return to;
}

static void machine_v1(void) {
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

static void machine_v2(void) {
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

static void forget(void) {
    cgroup_remove(&group); /* Closes its files; folders of plain files stay. */
    folders_remove();
}

/* --- version 1 --- */

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

/* --- version 2 --- */

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

/* --- both --- */

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
    v1WritesALimitToTheFileOfItsController();
    v1LimitsReadsAndWritesOfTheDiskAlike();
    v1FreezesByAWord();
    v1CountsEachMountOnce();
    v1NeedsItsControllers();
    v2WritesALimitToTheFileOfItsName();
    v2LimitsReadsAndWritesOfTheDiskInOneLine();
    v2FreezesByANumberAndWaitsForTheEvent();
    v2HandsOnItsControllers();
    v2KillsAllByOneWord();
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
