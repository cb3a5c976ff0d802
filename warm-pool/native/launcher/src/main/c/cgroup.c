#define _GNU_SOURCE
#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"

#define ROOT "/sys/fs/cgroup"

enum { PATH_SIZE = 256, HIERARCHIES_MAX = CGROUP_ENTRANCES_MAX, PROCESSES_OF_SLOT = 1 };

static const char *const CONTROLLERS[] = {"cpu", "cpuacct", "memory", "pids", "freezer", "blkio", NULL};
static const char *const REQUIRED[] = {"cpu", "memory", "pids", NULL};

static bool unified;
static char parent[64];
static char hierarchy[HIERARCHIES_MAX][64]; /* one for each mounted hierarchy, or the unified one alone */
static int hierarchies;
static char disk[32]; /* "major:minor" of what limits of reads and writes are about; empty: there is none */

static void slot_path(char *to, const char *controller, int slot, const char *file) {
    int length = unified ? snprintf(to, PATH_SIZE, ROOT "/%s/slot-%d", parent, slot)
                         : snprintf(to, PATH_SIZE, ROOT "/%s/%s/slot-%d", controller, parent, slot);
    if (file) snprintf(to + length, PATH_SIZE - length, "/%s", file);
}

static bool same_folder(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void find_hierarchies(void) {
    for (const char *const *name = CONTROLLERS; *name; name++) {
        char path[PATH_SIZE], other[PATH_SIZE];
        snprintf(path, sizeof path, ROOT "/%s", *name);
        snprintf(other, sizeof other, "%s/cgroup.procs", path);
        if (access(other, F_OK) != 0) continue;
        bool known = false; /* "cpu" and "cpuacct" are often two names of one. */
        for (int i = 0; i < hierarchies && !known; i++) {
            snprintf(other, sizeof other, ROOT "/%s", hierarchy[i]);
            known = same_folder(path, other);
        }
        if (!known) snprintf(hierarchy[hierarchies++], sizeof hierarchy[0], "%s", *name);
    }
}

/* A cgroup that holds processes hands on no controllers, except the machine's root. In a container of its own the server
   sits in what looks like the root: it moves aside, and all that are with it. */
static bool move_aside(void) {
    char pid[32];
    if (mkdir(ROOT "/mayfly-server", 0755) != 0 && errno != EEXIST) return false;
    FILE *members = fopen(ROOT "/cgroup.procs", "re");
    while (members && fgets(pid, sizeof pid, members)) write_file(ROOT "/mayfly-server/cgroup.procs", pid);
    if (members) fclose(members);
    return members != NULL;
}

static const char *open_unified(void) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, ROOT "/%s", parent);
    if (mkdir(path, 0755) != 0 && errno != EEXIST) return "cannot make a cgroup (expected: a writable " ROOT ")";
    static const char *const wanted[] = {"+cpu", "+memory", "+pids", "+io", NULL};
    for (const char *const *each = wanted; *each; each++) {
        if (write_file(ROOT "/cgroup.subtree_control", *each) != 0 && errno == EBUSY && move_aside())
            write_file(ROOT "/cgroup.subtree_control", *each);
        snprintf(path, sizeof path, ROOT "/%s/cgroup.subtree_control", parent);
        if (write_file(path, *each) != 0 && strcmp(*each, "+io") != 0)
            return "cannot hand on a cgroup controller (expected: cpu, memory and pids)";
    }
    return NULL;
}

/* All sandboxes together weigh, on every processor, as FAIR of the machine's processes. By default they would weigh as one
   on all processors together, and one that takes all it can get would leave its neighbours next to nothing of that. */
static void weigh(void) {
    enum { FAIR = 4, DEFAULT1 = 1024, MAX1 = 262144, DEFAULT2 = 100, MAX2 = 10000 };
    char path[PATH_SIZE], text[32];
    long all = FAIR * sysconf(_SC_NPROCESSORS_ONLN);
    long weight = all * (unified ? DEFAULT2 : DEFAULT1), most = unified ? MAX2 : MAX1;
    if (unified) snprintf(path, sizeof path, ROOT "/%s/cpu.weight", parent);
    else snprintf(path, sizeof path, ROOT "/cpu/%s/cpu.shares", parent);
    snprintf(text, sizeof text, "%ld", weight < most ? weight : most);
    if (write_file(path, text) != 0) fprintf(stderr, "launcher: %s: %s\n", path, strerror(errno));
}

const char *cgroup_open(const char *name) {
    snprintf(parent, sizeof parent, "%s", name);
    unified = access(ROOT "/cgroup.controllers", F_OK) == 0;
    if (unified) {
        const char *why = open_unified();
        if (!why) weigh();
        return why;
    }
    find_hierarchies();
    for (const char *const *each = REQUIRED; *each; each++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, ROOT "/%s/cgroup.procs", *each);
        if (access(path, F_OK) != 0) return "no cgroup controllers (expected: cpu, memory and pids below " ROOT ")";
    }
    for (int i = 0; i < hierarchies; i++) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, ROOT "/%s/%s", hierarchy[i], parent);
        if (mkdir(path, 0755) != 0 && errno != EEXIST) return "cannot make a cgroup (expected: a writable " ROOT ")";
    }
    weigh();
    return NULL;
}

static int places(void) { return unified ? 1 : hierarchies; }

static void parent_path(char *to, int place) {
    if (unified) snprintf(to, PATH_SIZE, ROOT "/%s", parent);
    else snprintf(to, PATH_SIZE, ROOT "/%s/%s", hierarchy[place], parent);
}

static bool write_slot(int slot, const char *controller, const char *file, const char *text) {
    char path[PATH_SIZE];
    slot_path(path, controller, slot, file);
    return write_file(path, text) == 0;
}

static bool write_slot_number(int slot, const char *controller, const char *file, long long number) {
    char text[32];
    snprintf(text, sizeof text, "%lld", number);
    return write_slot(slot, controller, file, text);
}

static size_t read_slot(int slot, const char *controller, const char *file, char *text, size_t size) {
    char path[PATH_SIZE];
    slot_path(path, controller, slot, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t got = read(fd, text, size - 1);
    close(fd);
    text[got > 0 ? got : 0] = 0;
    return got > 0 ? got : 0;
}

static long long slot_number(int slot, const char *controller, const char *file) {
    char text[64];
    return read_slot(slot, controller, file, text, sizeof text) ? atoll(text) : 0;
}

/* The number behind a name in a text of "name number" lines. */
static long long field_of(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL)
        if (strncmp(line, name, length) == 0 && line[length] == ' ') return atoll(line + length + 1);
    return 0;
}

/* The number behind a name in a file of "name number" lines. */
static long long slot_field(int slot, const char *controller, const char *file, const char *name) {
    char text[2048];
    if (!read_slot(slot, controller, file, text, sizeof text)) return 0;
    return field_of(text, name);
}

static const struct { const char *controller, *unified, *version1, *field; } FILES[CGROUP_FILES] = {
    [CGROUP_PIDS] = {"pids", "pids.current", "pids.current", NULL},
    [CGROUP_REFUSED] = {"pids", "pids.events", "pids.events", "max"},
    [CGROUP_CPU] = {"cpuacct", "cpu.stat", "cpuacct.usage", NULL},
    [CGROUP_OOM] = {"memory", "memory.events", "memory.oom_control", "oom_kill"},
    [CGROUP_PEAK] = {"memory", "memory.peak", "memory.max_usage_in_bytes", NULL},
};

static void open_files(struct cgroup *group) {
    char path[PATH_SIZE];
    for (int i = 0; i < CGROUP_FILES; i++) {
        slot_path(path, FILES[i].controller, group->slot, unified ? FILES[i].unified : FILES[i].version1);
        group->file[i] = open(path, (i == CGROUP_PEAK ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    }
}

/* A counter of the slot, by its open file. */
static long long counter(struct cgroup *group, int which) {
    char text[2048];
    ssize_t got = pread(group->file[which], text, sizeof text - 1, 0);
    if (got <= 0) return 0;
    text[got] = 0;
    if (which == CGROUP_CPU && unified) return field_of(text, "usage_usec") * 1000;
    return FILES[which].field ? field_of(text, FILES[which].field) : atoll(text);
}

bool cgroup_make(struct cgroup *group, int slot) {
    memset(group, 0, sizeof *group);
    group->slot = slot;
    for (int i = 0; i < CGROUP_FILES; i++) group->file[i] = -1;
    char path[PATH_SIZE];
    for (int i = 0; i < places(); i++) {
        slot_path(path, hierarchy[i], slot, NULL);
        if (mkdir(path, 0755) != 0 && errno != EEXIST) return false;
    }
    open_files(group);
    if (unified) {
        write_slot(slot, "memory", "memory.swap.max", "0");
        write_slot(slot, "memory", "memory.oom.group", "1");
    } else {
        write_slot(slot, "memory", "memory.swappiness", "0");
    }
    return group->file[CGROUP_PIDS] >= 0;
}

int cgroup_entrances(int slot, int *fds) {
    char path[PATH_SIZE];
    for (int i = 0; i < places(); i++) {
        slot_path(path, hierarchy[i], slot, "cgroup.procs");
        fds[i] = open(path, O_WRONLY | O_CLOEXEC);
        if (fds[i] >= 0) continue;
        int kept = errno;
        while (i > 0) close(fds[--i]);
        errno = kept;
        return -1;
    }
    return places();
}

static bool limit_memory(int slot, const struct limits *to) {
    return write_slot_number(slot, "memory", unified ? "memory.max" : "memory.limit_in_bytes", to->memory_bytes);
}

static bool limit_cpu(int slot, const struct limits *to) {
    if (!unified) return write_slot_number(slot, "cpu", "cpu.cfs_quota_us", to->cpu_us);
    char text[64];
    snprintf(text, sizeof text, "%llu 100000", (unsigned long long)to->cpu_us);
    return write_slot(slot, "cpu", "cpu.max", text);
}

void cgroup_find_disk(const char *folder) {
    struct stat at;
    char path[PATH_SIZE], part[PATH_SIZE];
    if (stat(folder, &at) != 0 || major(at.st_dev) == 0) return; /* A file system without a disk. */
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u", major(at.st_dev), minor(at.st_dev));
    snprintf(part, sizeof part, "%s/partition", path);
    snprintf(path + strlen(path), sizeof path - strlen(path), access(part, F_OK) == 0 ? "/../dev" : "/dev");
    FILE *file = fopen(path, "re"); /* The kernel limits whole disks. */
    if (file && fscanf(file, "%31s", disk) != 1) disk[0] = 0;
    if (file) fclose(file);
}

static bool limit_io(int slot, const struct limits *to) {
    char text[128];
    unsigned long long bytes = to->io_bytes;
    if (!disk[0]) return bytes == 0;
    if (unified) {
        if (bytes) snprintf(text, sizeof text, "%s rbps=%llu wbps=%llu", disk, bytes, bytes);
        else snprintf(text, sizeof text, "%s rbps=max wbps=max", disk);
        return write_slot(slot, "io", "io.max", text);
    }
    snprintf(text, sizeof text, "%s %llu", disk, bytes);
    return write_slot(slot, "blkio", "blkio.throttle.read_bps_device", text)
           && write_slot(slot, "blkio", "blkio.throttle.write_bps_device", text);
}

const char *cgroup_bind(struct cgroup *group, const struct limits *to) {
    int slot = group->slot;
    struct limits *now = &group->limits;
    bool all = !group->limited; /* Mostly they are what the last sandbox here had. */
    group->limited = false;
    if ((all || now->memory_bytes != to->memory_bytes) && !limit_memory(slot, to)) return "limits.memory";
    if ((all || now->pids != to->pids)
        && !write_slot_number(slot, "pids", "pids.max", to->pids + PROCESSES_OF_SLOT))
        return "limits.pids";
    if ((all || now->cpu_us != to->cpu_us) && !limit_cpu(slot, to)) return "limits.cpus";
    if ((all ? to->io_bytes != 0 : now->io_bytes != to->io_bytes) && !limit_io(slot, to)) return "limits.io";
    group->limits = *to;
    group->limited = true;
    group->oom_kills = counter(group, CGROUP_OOM);
    group->pids_refused = counter(group, CGROUP_REFUSED);
    group->cpu_ns = counter(group, CGROUP_CPU);
    /* Any text resets it; on version 2 only since Linux 6.12, and then for this descriptor. */
    if (pwrite(group->file[CGROUP_PEAK], "0", 1, 0) != 1) errno = 0;
    return NULL;
}

void cgroup_make_room(struct cgroup *group) {
    enum { PROCESSES_OF_SHELL = 2 };
    if (!group->limited || group->limits.pids >= PROCESSES_OF_SHELL) return;
    write_slot_number(group->slot, "pids", "pids.max", PROCESSES_OF_SHELL + PROCESSES_OF_SLOT);
    group->limited = false;
}

bool cgroup_freeze(struct cgroup *group, bool frozen) {
    const char *file = unified ? "cgroup.freeze" : "freezer.state";
    const char *wanted = unified ? (frozen ? "1" : "0") : (frozen ? "FROZEN" : "THAWED");
    if (!write_slot(group->slot, "freezer", file, wanted)) return false;
    for (int i = 0; i < 200; i++) { /* At most 200 ms: processes that sleep in the kernel take a moment. */
        char text[32];
        if (unified ? slot_field(group->slot, "", "cgroup.events", "frozen") == frozen
                    : read_slot(group->slot, "freezer", file, text, sizeof text) && strncmp(text, wanted, 6) == 0)
            return true;
        nanosleep(&(struct timespec){0, 1000000}, NULL);
        if (!unified && frozen) write_slot(group->slot, "freezer", file, wanted);
    }
    return false;
}

long long cgroup_pids(struct cgroup *group) { return read_number(group->file[CGROUP_PIDS]); }

static void kill_members(const char *folder, pid_t spared) {
    char path[PATH_SIZE + 32];
    snprintf(path, sizeof path, "%s/cgroup.procs", folder);
    FILE *file = fopen(path, "re");
    int pid;
    while (file && fscanf(file, "%d", &pid) == 1)
        if (pid > 1 && pid != getpid() && pid != spared) kill(pid, SIGKILL);
    if (file) fclose(file);
}

void cgroup_kill(struct cgroup *group) {
    char path[PATH_SIZE];
    if (unified && write_slot(group->slot, "", "cgroup.kill", "1")) return;
    slot_path(path, "pids", group->slot, NULL);
    kill_members(path, 0);
}

void cgroup_kill_but(struct cgroup *group, pid_t spared) {
    char path[PATH_SIZE];
    slot_path(path, "pids", group->slot, NULL);
    kill_members(path, spared);
}

bool cgroup_remove(struct cgroup *group) {
    char path[PATH_SIZE];
    bool gone = true;
    for (int i = 0; i < CGROUP_FILES; i++) {
        if (group->file[i] >= 0) close(group->file[i]);
        group->file[i] = -1;
    }
    for (int i = 0; i < places(); i++) {
        slot_path(path, hierarchy[i], group->slot, NULL);
        if (rmdir(path) != 0 && errno != ENOENT) gone = false;
    }
    return gone;
}

void cgroup_judge(struct cgroup *group, struct usage *usage) {
    usage->oom_killed = counter(group, CGROUP_OOM) > group->oom_kills;
    usage->pids_refused = counter(group, CGROUP_REFUSED) > group->pids_refused;
}

void cgroup_account(struct cgroup *group, struct usage *usage) {
    usage->cpu_ns = counter(group, CGROUP_CPU) - group->cpu_ns;
    usage->memory_peak_bytes = counter(group, CGROUP_PEAK);
}

void cgroup_usage(struct cgroup *group, struct usage *usage) {
    cgroup_account(group, usage);
    usage->memory_bytes = slot_number(group->slot, "memory", unified ? "memory.current" : "memory.usage_in_bytes");
    long long pids = cgroup_pids(group) - PROCESSES_OF_SLOT;
    usage->pids = pids > 0 ? pids : 0;
}

/* Kills what is in there and removes it; a killed process leaves its cgroup a moment later. Whether there was anything. */
static bool sweep_folder(const char *folder) {
    char path[PATH_SIZE + 32];
    for (int i = 0; i < 500; i++) {
        if (rmdir(folder) == 0 || errno == ENOENT) return i > 0;
        snprintf(path, sizeof path, "%s/freezer.state", folder);
        write_file(path, "THAWED");
        snprintf(path, sizeof path, "%s/cgroup.freeze", folder);
        write_file(path, "0");
        kill_members(folder, 0);
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    fprintf(stderr, "launcher: %s cannot be removed: %s\n", folder, strerror(errno));
    return true;
}

/* Calls `visit` for every slot in one place; returns how often it said yes. */
static int each_slot(int place, bool (*visit)(const char *folder, uint32_t slot)) {
    char folder[PATH_SIZE], path[PATH_SIZE + 280];
    int count = 0;
    parent_path(folder, place);
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        if (strncmp(entry->d_name, "slot-", 5) != 0) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        count += visit(path, strtoul(entry->d_name + 5, NULL, 10));
    }
    if (listing) closedir(listing);
    return count;
}

static bool (*kept_slot)(uint32_t slot);

static bool sweep_one(const char *folder, uint32_t slot) {
    if (kept_slot && kept_slot(slot)) return false;
    return sweep_folder(folder);
}

int cgroup_sweep(bool (*kept)(uint32_t slot)) {
    int found = 0;
    kept_slot = kept;
    for (int place = 0; place < places(); place++) {
        int here = each_slot(place, sweep_one);
        if (here > found) found = here;
    }
    return found;
}

static int place_of(const char *controller) {
    for (int i = 0; !unified && i < hierarchies; i++)
        if (strcmp(hierarchy[i], controller) == 0) return i;
    return 0;
}

static bool holds_any(const char *folder, uint32_t slot) {
    char path[PATH_SIZE + 320];
    snprintf(path, sizeof path, "%s/cgroup.procs", folder);
    FILE *members = fopen(path, "re");
    bool any = members && fgetc(members) != EOF;
    if (members) fclose(members);
    (void)slot;
    return any;
}

int cgroup_occupied(void) { return each_slot(place_of("pids"), holds_any); }

static bool thaw_one(const char *folder, uint32_t slot) {
    char path[PATH_SIZE + 320];
    snprintf(path, sizeof path, "%s/%s", folder, unified ? "cgroup.freeze" : "freezer.state");
    (void)slot;
    return write_file(path, unified ? "0" : "THAWED") == 0;
}

void cgroup_thaw_all(void) { each_slot(place_of("freezer"), thaw_one); }

bool cgroup_holds(uint32_t slot, pid_t pid) {
    char path[PATH_SIZE];
    slot_path(path, "pids", slot, "cgroup.procs");
    FILE *members = fopen(path, "re");
    bool found = false;
    for (int each; members && !found && fscanf(members, "%d", &each) == 1;) found = each == pid;
    if (members) fclose(members);
    return found;
}

void cgroup_close(void) {
    char path[PATH_SIZE];
    for (int place = 0; place < places(); place++) {
        parent_path(path, place);
        rmdir(path);
    }
}
