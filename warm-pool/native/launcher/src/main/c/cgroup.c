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

#include "cgroup_files.h"
#include "cgroup_v1.h"
#include "cgroup_v2.h"
#include "kernel.h"

enum { PROCESSES_OF_SLOT = 1 };

static const struct cgroup_version *version;
static char disk[32]; /* "major:minor" of what limits of reads and writes are about; empty: there is none */

/* All sandboxes together weigh, on every processor, as FAIR of the machine's processes. By default they would weigh as one
   on all processors together, and one that takes all it can get would leave its neighbours next to nothing of that. */
static void weigh(void) {
    enum { FAIR = 4 };
    if (!version->weigh(FAIR * sysconf(_SC_NPROCESSORS_ONLN)))
        fprintf(stderr, "launcher: the weight of all sandboxes together cannot be set: %s\n", strerror(errno));
}

const char *cgroup_open(const char *root, const char *parent) {
    char path[CGROUP_PATH_BYTES];
    cgroup_files_open(root, parent);
    cgroup_root_path(path, "", "cgroup.controllers");
    version = access(path, F_OK) == 0 ? &cgroup_v2 : &cgroup_v1;
    const char *why = version->open();
    if (!why) weigh();
    return why;
}

void cgroup_find_disk(const char *folder) {
    struct stat at;
    char path[CGROUP_PATH_BYTES], part[CGROUP_PATH_BYTES + 16];
    if (stat(folder, &at) != 0 || major(at.st_dev) == 0) return; /* A file system without a disk. */
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u", major(at.st_dev), minor(at.st_dev));
    snprintf(part, sizeof part, "%s/partition", path);
    snprintf(path + strlen(path), sizeof path - strlen(path), access(part, F_OK) == 0 ? "/../dev" : "/dev");
    FILE *file = fopen(path, "re"); /* The kernel limits whole disks. */
    char found[sizeof disk];
    if (file && fscanf(file, "%31s", found) == 1) cgroup_use_disk(found);
    if (file) fclose(file);
}

void cgroup_use_disk(const char *numbers) { snprintf(disk, sizeof disk, "%s", numbers); }

/* --- of one slot --- */

static void open_files(struct cgroup *group) {
    char path[CGROUP_PATH_BYTES];
    for (int i = 0; i < CGROUP_FILES; i++) {
        cgroup_path(path, version->files[i].hierarchy, group->slot, version->files[i].name);
        group->file[i] = open(path, (i == CGROUP_PEAK ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    }
}

/* A counter of the slot, by its open file. */
static long long counter(const struct cgroup *group, int which) {
    const struct cgroup_file *file = &version->files[which];
    char text[2048];
    ssize_t got = pread(group->file[which], text, sizeof text - 1, 0);
    if (got <= 0) return 0;
    text[got] = 0;
    return (file->field ? cgroup_field(text, file->field) : atoll(text)) * file->factor;
}

bool cgroup_make(struct cgroup *group, int slot) {
    memset(group, 0, sizeof *group);
    group->slot = slot;
    for (int i = 0; i < CGROUP_FILES; i++) group->file[i] = -1;
    for (int i = 0; version->hierarchy(i); i++)
        if (!cgroup_make_folder(version->hierarchy(i), slot)) return false;
    open_files(group);
    version->prepare(slot);
    return group->file[CGROUP_PIDS] >= 0;
}

int cgroup_entrances(int slot, int *fds) {
    char path[CGROUP_PATH_BYTES];
    int count = 0;
    for (; version->hierarchy(count); count++) {
        cgroup_path(path, version->hierarchy(count), slot, "cgroup.procs");
        fds[count] = open(path, O_WRONLY | O_CLOEXEC);
        if (fds[count] >= 0) continue;
        int kept = errno;
        while (count > 0) close(fds[--count]);
        errno = kept;
        return -1;
    }
    return count;
}

static bool limit_io(int slot, uint64_t bytes) { return disk[0] ? version->limit_io(slot, disk, bytes) : bytes == 0; }

const char *cgroup_bind(struct cgroup *group, const struct limits *to) {
    int slot = group->slot;
    struct limits *now = &group->limits;
    bool all = !group->limited; /* Mostly they are what the last sandbox here had. */
    group->limited = false;
    if ((all || now->memory_bytes != to->memory_bytes) && !version->limit_memory(slot, to->memory_bytes)) return "limits.memory";
    if ((all || now->pids != to->pids) && !version->limit_pids(slot, to->pids + PROCESSES_OF_SLOT)) return "limits.pids";
    if ((all || now->cpu_us != to->cpu_us) && !version->limit_cpu(slot, to->cpu_us)) return "limits.cpus";
    if ((all ? to->io_bytes != 0 : now->io_bytes != to->io_bytes) && !limit_io(slot, to->io_bytes)) return "limits.io";
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
    version->limit_pids(group->slot, PROCESSES_OF_SHELL + PROCESSES_OF_SLOT);
    group->limited = false;
}

bool cgroup_freeze(struct cgroup *group, bool frozen) {
    if (!version->freeze(group->slot, frozen)) return false;
    group->frozen = frozen;
    return true;
}

void cgroup_thaw(struct cgroup *group) {
    if (group->frozen) version->freeze(group->slot, false);
    group->frozen = false;
}

long long cgroup_pids(struct cgroup *group) { return read_number(group->file[CGROUP_PIDS]); }

/* --- who is in a slot --- */

static FILE *open_members(const char *hierarchy, int slot) {
    char path[CGROUP_PATH_BYTES];
    cgroup_path(path, hierarchy, slot, "cgroup.procs");
    return fopen(path, "re");
}

static void kill_members(const char *hierarchy, int slot, pid_t spared) {
    FILE *members = open_members(hierarchy, slot);
    for (int pid; members && fscanf(members, "%d", &pid) == 1;)
        if (pid > 1 && pid != getpid() && pid != spared) kill(pid, SIGKILL);
    if (members) fclose(members);
}

void cgroup_kill(struct cgroup *group) {
    if (!version->kill(group->slot)) kill_members(version->members, group->slot, 0);
}

void cgroup_kill_but(struct cgroup *group, pid_t spared) { kill_members(version->members, group->slot, spared); }

bool cgroup_holds(uint32_t slot, pid_t pid) {
    FILE *members = open_members(version->members, slot);
    bool found = false;
    for (int each; members && !found && fscanf(members, "%d", &each) == 1;) found = each == pid;
    if (members) fclose(members);
    return found;
}

bool cgroup_remove(struct cgroup *group) {
    char path[CGROUP_PATH_BYTES];
    bool gone = true;
    for (int i = 0; i < CGROUP_FILES; i++) close_fd(&group->file[i]);
    for (int i = 0; version->hierarchy(i); i++) {
        cgroup_path(path, version->hierarchy(i), group->slot, NULL);
        if (rmdir(path) != 0 && errno != ENOENT) gone = false;
    }
    return gone;
}

/* --- what it uses --- */

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
    usage->memory_bytes = cgroup_read_number(version->files[CGROUP_PEAK].hierarchy, group->slot, version->memory_now);
    long long pids = cgroup_pids(group) - PROCESSES_OF_SLOT;
    usage->pids = pids > 0 ? pids : 0;
}

/* --- of all slots, also a predecessor's --- */

/* Calls `visit` for every slot in one hierarchy; returns how often it said yes. */
static int each_slot(const char *hierarchy, bool (*visit)(const char *hierarchy, uint32_t slot)) {
    char folder[CGROUP_PATH_BYTES];
    int count = 0;
    cgroup_path(folder, hierarchy, CGROUP_PARENT, NULL);
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (strncmp(entry->d_name, "slot-", 5) == 0) count += visit(hierarchy, strtoul(entry->d_name + 5, NULL, 10));
    if (listing) closedir(listing);
    return count;
}

static bool (*kept_slot)(uint32_t slot);

/* Kills what is in there and removes it; a killed process leaves its cgroup a moment later. Whether there was anything. */
static bool sweep_one(const char *hierarchy, uint32_t slot) {
    char path[CGROUP_PATH_BYTES];
    if (kept_slot && kept_slot(slot)) return false;
    cgroup_path(path, hierarchy, slot, NULL);
    for (int i = 0; i < 500; i++) {
        if (rmdir(path) == 0 || errno == ENOENT) return i > 0;
        version->thaw(slot);
        kill_members(hierarchy, slot, 0);
        nanosleep(&(struct timespec){0, 2000000}, NULL);
    }
    fprintf(stderr, "launcher: %s cannot be removed: %s\n", path, strerror(errno));
    return true;
}

int cgroup_sweep(bool (*kept)(uint32_t slot)) {
    int found = 0;
    kept_slot = kept;
    for (int i = 0; version->hierarchy(i); i++) {
        int here = each_slot(version->hierarchy(i), sweep_one);
        if (here > found) found = here;
    }
    return found;
}

static bool holds_any(const char *hierarchy, uint32_t slot) {
    FILE *members = open_members(hierarchy, slot);
    bool any = members && fgetc(members) != EOF;
    if (members) fclose(members);
    return any;
}

int cgroup_occupied(void) { return each_slot(version->members, holds_any); }

static bool thaw_one(const char *hierarchy, uint32_t slot) {
    (void)hierarchy;
    return version->thaw(slot);
}

void cgroup_thaw_all(void) { each_slot(version->members, thaw_one); }

void cgroup_close(void) {
    char path[CGROUP_PATH_BYTES];
    for (int i = 0; version->hierarchy(i); i++) {
        cgroup_path(path, version->hierarchy(i), CGROUP_PARENT, NULL);
        rmdir(path);
    }
}
