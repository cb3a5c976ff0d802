#define _GNU_SOURCE
#include "users.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"

enum { RANGE = 65536, RANGES_FROM = 32, RANGES = 30000, FILES = 3 };

static const char *const NAMES[FILES] = {"uid_map", "gid_map", "ns/user"};
static int file[FILES] = {-1, -1, -1}; /* They outlive whoever was in it. */
static int failure;

/* Of one sandbox. The kernel counts them for its user namespace, and for who made that: its slot's id, which is nobody else's, so
   that what one sandbox takes is never missing to another or to the machine's root. */
static const struct { const char *path, *most; } COUNTS[] = {
    {"/proc/sys/user/max_inotify_instances", "64"},
    {"/proc/sys/user/max_inotify_watches", "16384"},
    {"/proc/sys/user/max_user_namespaces", "0"},
};
static const struct { int what; rlim_t most; } LIMITS[] = {
    {RLIMIT_SIGPENDING, 4096}, {RLIMIT_MSGQUEUE, 819200}, {RLIMIT_MEMLOCK, 8 << 20}};

enum stand_in { BOUNDS = 0, STANDS, GOES };
static uint32_t stand_in; /* where it is; shared with it */

static void wait_while(enum stand_in now) {
    while (__atomic_load_n(&stand_in, __ATOMIC_ACQUIRE) == now) syscall(SYS_futex, &stand_in, FUTEX_WAIT, now, NULL, NULL, 0);
}

static void move_on(enum stand_in to) {
    __atomic_store_n(&stand_in, to, __ATOMIC_RELEASE);
    syscall(SYS_futex, &stand_in, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Who stands in the new namespace until its files are open. Only from inside can its counts be limited. */
static int stand(void *nothing) {
    for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++)
        if (write_file(COUNTS[i].path, COUNTS[i].most) != 0 && errno != ENOENT) failure = errno;
    move_on(STANDS);
    wait_while(STANDS);
    return nothing != NULL;
}

void users_limit(void) {
    for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
        struct rlimit limit;
        if (getrlimit(LIMITS[i].what, &limit) != 0) continue;
        if (limit.rlim_max > LIMITS[i].most) limit.rlim_max = LIMITS[i].most;
        if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
        setrlimit(LIMITS[i].what, &limit);
    }
}

static uint32_t range_of_slot(uint32_t slot) { return RANGE * (RANGES_FROM + RANGES + slot); }

/* Of this process alone, without the C library's care for threads. With what it may at the moment: some machines make no user
   namespace for who may nothing, and whoever is no longer the machine's root would be that. */
static int be(uint32_t user) {
    if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) != 0) return -1;
    int result = syscall(SYS_setresuid, -1, user, -1), error = errno;
    if (prctl(PR_SET_SECUREBITS, 0, 0, 0, 0) != 0) return -1;
    return errno = error, result;
}

void users_prepare(uint32_t slot) {
    static _Alignas(16) uint8_t stack[8192];
    char path[64];
    stand_in = BOUNDS;
    failure = 0;
    if (be(range_of_slot(slot)) != 0) {
        failure = errno;
        return;
    }
    /* With our memory: a copy of that would cost a zygote's shells more than all the rest. */
    pid_t pid = clone(stand, stack + sizeof stack, CLONE_NEWUSER | CLONE_VM | SIGCHLD, NULL);
    int error = errno;
    if (be(0) != 0) _exit(126); /* It would be somebody else from here on. */
    if (pid < 0) failure = error;
    if (pid < 0) return;
    wait_while(BOUNDS); /* It shares errno with us. */
    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, NAMES[i]);
        file[i] = open(path, (i == FILES - 1 ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
        if (file[i] < 0) failure = errno;
    }
    move_on(GOES);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

static int enter(const char *map) {
    ssize_t length = strlen(map);
    if (failure) return errno = failure, -1;
    if (write(file[0], map, length) != length || write(file[1], map, length) != length) return -1;
    if (setns(file[2], CLONE_NEWUSER) != 0) return -1;
    for (int i = 0; i < FILES; i++) close_fd(&file[i]);
    return 0;
}

int users_enter_generic(uint32_t slot) {
    char map[64];
    snprintf(map, sizeof map, "0 %u %u\n", range_of_slot(slot), RANGE);
    return enter(map);
}

int users_enter(uint32_t uid) {
    char map[128];
    uint32_t base = RANGE * (RANGES_FROM + uid % RANGES);
    /* Inside it has the id that it has outside, so that files it may write belong to it on both sides. All others are of
       the range: an id that it came by would be nobody's on the machine. */
    if (uid < RANGE - 1)
        snprintf(map, sizeof map, "0 %u %u\n%u %u 1\n%u %u %u\n", base, uid, uid, uid, uid + 1, base + uid + 1,
                 RANGE - uid - 1);
    else
        snprintf(map, sizeof map, "0 %u %u\n%u %u 1\n", base, RANGE - 1, uid, uid);
    return enter(map);
}
