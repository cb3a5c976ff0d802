/*
 * The kernel's own time for one isolated container around a program: what any launcher has to be measured against.
 *
 *   floor ROOT PROGRAM KIND WORKERS MILLIS COUNT PAUSE_US
 *
 * Every worker makes one container after the other until MILLIS have passed or it has made COUNT, with a pause between
 * them. KIND "bare": pid, mount, ipc and uts namespaces, a read-only root with /proc, /tmp and /dev, nothing else.
 * "pooled": it also joins a network namespace and a cgroup with limits, both made ahead. Prints "seconds S", then
 * "nanos N" for each container. Start it in a mount namespace of its own (unshare --mount --propagation private floor …).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS_MAX = 64, COUNT_MAX = 200000, NETWORKS = 4, HIERARCHIES_MAX = 4, STACK_BYTES = 256 * 1024 };

static const char *root, *program;
static int pooled;
static struct stat outer; /* The worker's mount namespace: a child that is still in it must not mount. */

static int networks[NETWORKS], network;
static int cgroups[HIERARCHIES_MAX], hierarchies;

static void fail(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    _exit(9);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* ---- cgroups, made ahead: one for each worker in every hierarchy that limits something ---- */

static const struct { const char *controller, *file, *value; } LIMITS_V1[] = {
    {"memory", "memory.limit_in_bytes", "268435456"}, {"pids", "pids.max", "64"}, {"cpu", "cpu.cfs_quota_us", "100000"}};
static const struct { const char *file, *value; } LIMITS_V2[] = {
    {"memory.max", "268435456"}, {"pids.max", "64"}, {"cpu.max", "100000 100000"}};

static int unified(void) { return access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0; }

static int hierarchiesOf(int worker, pid_t owner, char paths[HIERARCHIES_MAX][256]) {
    if (unified()) {
        snprintf(paths[0], 256, "/sys/fs/cgroup/mayfly-floor-%d-%d", owner, worker);
        return 1;
    }
    for (int i = 0; i < 3; i++)
        snprintf(paths[i], 256, "/sys/fs/cgroup/%s/mayfly-floor-%d-%d", LIMITS_V1[i].controller, owner, worker);
    return 3;
}

static void put(const char *folder, const char *file, const char *value) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, value, strlen(value)) < 0) fail(path);
    close(fd);
}

static void makeCgroups(int worker, pid_t owner) {
    char paths[HIERARCHIES_MAX][256];
    hierarchies = hierarchiesOf(worker, owner, paths);
    for (int i = 0; i < hierarchies; i++) {
        if (mkdir(paths[i], 0755)) fail(paths[i]);
        if (unified())
            for (int k = 0; k < 3; k++) put(paths[i], LIMITS_V2[k].file, LIMITS_V2[k].value);
        else
            put(paths[i], LIMITS_V1[i].file, LIMITS_V1[i].value);
        char procs[512];
        snprintf(procs, sizeof procs, "%s/cgroup.procs", paths[i]);
        cgroups[i] = open(procs, O_WRONLY | O_CLOEXEC);
        if (cgroups[i] < 0) fail(procs);
    }
}

/* By the process that started the workers, whatever became of them. */
static void removeCgroups(int worker, pid_t owner) {
    char paths[HIERARCHIES_MAX][256];
    int count = hierarchiesOf(worker, owner, paths);
    for (int i = 0; i < count; i++)
        for (int tries = 0; rmdir(paths[i]) && errno == EBUSY && tries < 100; tries++) usleep(10000);
}

/* ---- one container ---- */

static void mountInside(const char *type, const char *folder, const char *options) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", root, folder);
    if (mount(type, path, type, MS_NOSUID | MS_NODEV, options)) fail(path);
}

static int inside(void *unused) {
    (void)unused;
    struct stat mine;
    if (stat("/proc/thread-self/ns/mnt", &mine) || (mine.st_ino == outer.st_ino && mine.st_dev == outer.st_dev)) {
        fputs("floor: refusing to mount: not in a mount namespace of its own\n", stderr);
        _exit(3);
    }
    if (pooled) {
        for (int i = 0; i < hierarchies; i++)
            if (write(cgroups[i], "0", 1) != 1) fail("joining the cgroup");
        if (setns(networks[network], CLONE_NEWNET)) fail("joining the network namespace");
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount(root, root, NULL, MS_BIND, NULL)
        || mount(NULL, root, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL)) fail(root);
    mountInside("proc", "proc", NULL);
    mountInside("tmpfs", "tmp", "size=16m");
    mountInside("tmpfs", "dev", "size=64k");
    if (chdir(root) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/")) fail("pivot_root");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail("no_new_privs");
    char *argv[] = {(char *)program, NULL}, *env[] = {NULL};
    execve(program, argv, env);
    fail(program);
    return 1;
}

static void work(int worker, pid_t owner, uint64_t deadline, long count, long pauseMicros, volatile uint64_t *took) {
    char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED || prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != owner) fail("worker");
    if (pooled) {
        makeCgroups(worker, owner);
        int host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        for (int i = 0; i < NETWORKS; i++) {
            if (unshare(CLONE_NEWNET)) fail("unshare");
            networks[i] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        }
        if (host < 0 || setns(host, CLONE_NEWNET)) fail("back to the host's network");
    }
    for (long i = 0; i < count && (i == 0 || now() < deadline); i++) {
        uint64_t begin = now();
        network = i % NETWORKS;
        pid_t child = clone(inside, stack + STACK_BYTES,
                            CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD, NULL);
        int status;
        if (child < 0 || waitpid(child, &status, 0) < 0) fail("clone");
        if (status) {
            fprintf(stderr, "floor: the container ended with status %x\n", status);
            _exit(9);
        }
        took[i] = now() - begin;
        if (pauseMicros) usleep(pauseMicros);
    }
    _exit(0);
}

static int sharesMountsWith(const char *other) {
    struct stat theirs;
    return stat(other, &theirs) == 0 && theirs.st_ino == outer.st_ino && theirs.st_dev == outer.st_dev;
}

int main(int argc, char **argv) {
    char parent[64];
    snprintf(parent, sizeof parent, "/proc/%d/ns/mnt", getppid());
    if (stat("/proc/self/ns/mnt", &outer) || access(parent, F_OK) || sharesMountsWith(parent)
        || sharesMountsWith("/proc/1/ns/mnt")) {
        fputs("floor: refusing to mount: start me under unshare --mount --propagation private\n", stderr);
        return 2;
    }
    long workers = argc == 8 ? atol(argv[4]) : 0, millis = workers ? atol(argv[5]) : 0, count = workers ? atol(argv[6]) : 0;
    if (workers < 1 || workers > WORKERS_MAX || millis < 1 || count < 1 || count > COUNT_MAX) {
        fputs("usage: floor ROOT PROGRAM bare|pooled WORKERS(1-64) MILLIS COUNT(1-200000) PAUSE_US\n", stderr);
        return 2;
    }
    root = argv[1], program = argv[2], pooled = !strcmp(argv[3], "pooled");
    size_t bytes = (size_t)workers * count * sizeof(uint64_t);
    uint64_t *took = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (took == MAP_FAILED) fail("mmap");
    pid_t owner = getpid();
    int failed = 0;
    uint64_t begin = now(), deadline = begin + millis * 1000000ull;
    for (int i = 0; i < workers; i++) {
        pid_t pid = fork();
        if (pid < 0) failed = 1;
        if (pid == 0) work(i, owner, deadline, count, atol(argv[7]), took + (size_t)i * count);
    }
    for (int status; wait(&status) > 0;) failed |= status != 0;
    uint64_t seconds = now() - begin;
    for (int i = 0; pooled && i < workers; i++) removeCgroups(i, owner);
    if (failed) return 1;
    printf("seconds %.6f\n", seconds / 1e9);
    for (size_t i = 0; i < (size_t)workers * count; i++)
        if (took[i]) printf("nanos %llu\n", (unsigned long long)took[i]);
    return 0;
}
