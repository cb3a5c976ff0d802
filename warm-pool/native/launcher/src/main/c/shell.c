#define _GNU_SOURCE
#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "kernel.h"
#include "mount_guard.h"
#include "program.h"
#include "scheduling.h"
#include "seccomp.h"
#include "start_message.h"
#include "users.h"

#define EMPTY "/dev/shm" /* until something is mounted there */
#define HOME_PROC "/host" /* a /proc of the launcher's pid namespace, for the guard alone; gone before any request */

static const char *const MASKED[] = {
    "acpi", "asound", "interrupts", "kallsyms", "kcore", "keys", "latency_stats", "sched_debug", "scsi", "sysrq-trigger",
    "timer_list", "timer_stats", NULL};
static const char *const READ_ONLY[] = {"bus", "fs", "irq", "sys", NULL};
static const struct { const char *name; int major, minor; } DEVICES[] = {
    {"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}, {NULL, 0, 0}};

static const struct { const char *name, *to; } DEVICE_LINKS[] = {
    {"ptmx", "pts/ptmx"}, /* Leads nowhere, as the OCI runtimes have it. */
    {"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"}, {NULL, NULL}};

static const char *const FOLDERS[] = {"proc", "dev", "tmp", "host", NULL};

/* --- the home: what is alike in all sandboxes is made once --- */

const char *shell_make_home(const char *folder, int *error) {
    *error = 0;
    const char *refusal = mount_guard_refusal("/proc/thread-self/ns/mnt");
    if (refusal) return refusal;
#define MUST(call, what) do { if ((call) < 0) { *error = errno; return what; } } while (0)
    MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "making mounts private");
    MUST(mount("mayfly-home", folder, "tmpfs", MS_NOSUID | MS_NOEXEC, "size=1m,mode=755"), "mounting the home");
    MUST(chdir(folder), "entering the home");
    for (const char *const *name = FOLDERS; *name; name++) MUST(mkdir(*name, 0755), "making the home's folders");
    MUST(mount("proc", "host", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mounting /proc");
    MUST(mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL), "sealing the home");
    MUST(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    MUST(umount2(".", MNT_DETACH), "leaving the old root");
    MUST(chdir("/"), "entering the new root");
    return NULL;
}

/* --- ahead of any request --- */

static bool is_forked; /* the program already, which a zygote began */
static int control_socket;

void shell_is_forked(void) { is_forked = true; }

static _Noreturn void fail(enum shell_step step, uint32_t index) {
    struct shell_error error = {step, errno, index};
    send_fds(control_socket, &error, sizeof error, NULL, 0);
    _exit(126);
}

/* Device files of its own: whoever has the same ones could watch what others open, and hold locks on them. */
static void make_devices(void) {
    char path[32];
    if (mount("dev", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=64k,nr_inodes=32,mode=755") != 0) fail(STEP_STAGE, 0);
    mode_t mask = umask(0);
    for (int i = 0; DEVICES[i].name; i++) {
        snprintf(path, sizeof path, "/dev/%s", DEVICES[i].name);
        if (mknodat(AT_FDCWD, path, S_IFCHR | 0666, makedev(DEVICES[i].major, DEVICES[i].minor)) != 0) fail(STEP_STAGE, 0);
    }
    umask(mask);
    for (int i = 0; DEVICE_LINKS[i].name; i++) {
        snprintf(path, sizeof path, "/dev/%s", DEVICE_LINKS[i].name);
        if (symlink(DEVICE_LINKS[i].to, path) != 0) fail(STEP_STAGE, 0);
    }
    if (mkdir(EMPTY, 0755) != 0) fail(STEP_STAGE, 0);
    if (mount(NULL, "/dev", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL) != 0) fail(STEP_STAGE, 0);
}

static void mask(const char *name) {
    char path[64];
    struct stat s;
    snprintf(path, sizeof path, "/proc/%s", name);
    if (stat(path, &s) != 0) return; /* This kernel does not have it. */
    if (mount(S_ISDIR(s.st_mode) ? EMPTY : "/dev/null", path, NULL, MS_BIND, NULL) != 0) fail(STEP_STAGE, 0);
}

static void seal(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s", name);
    if (access(path, F_OK) != 0) return;
    if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) != 0
        || mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
        fail(STEP_STAGE, 0);
}

/* Of no use to a process with privileges: what it executes gets none. */
static void empty_bounding_set(enum shell_step step) {
    for (int capability = 0; capability <= 63; capability++) {
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
        if (errno == EINVAL) return; /* This kernel's last one is behind us. */
        fail(step, 0);
    }
}

/* Everything that is the same for every sandbox, done while nobody waits. */
static void stage(uint32_t slot) {
    const char *refusal = mount_guard_refusal(HOME_PROC "/thread-self/ns/mnt");
    if (refusal) {
        errno = EPERM;
        fail(STEP_STAGE, 0);
    }
    if (umount2(HOME_PROC, MNT_DETACH) != 0) fail(STEP_STAGE, 0);
    if (unshare(CLONE_NEWCGROUP) != 0 || sethostname("mayfly", 6) != 0) fail(STEP_STAGE, 0);
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) fail(STEP_STAGE, 0);
    /* The slot is spared by the out-of-memory killer; what runs in it must not be. */
    if (write_file("/proc/self/oom_score_adj", "300") != 0) fail(STEP_STAGE, 0);
    make_devices();
    users_prepare(slot); /* While /proc/sys can be written to. */
    for (const char *const *name = MASKED; *name; name++) mask(*name);
    for (const char *const *name = READ_ONLY; *name; name++) seal(*name);
    if (mount("shm", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=16m,nr_inodes=16384,mode=1777") != 0
        || mount("tmp", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,nr_inodes=16384,mode=1777") != 0)
        fail(STEP_STAGE, 0);
    empty_bounding_set(STEP_STAGE);
}

/* --- with a request --- */

static struct {
    struct start_message told;
    int root, in, out, err, network, binding, mount[MOUNTS_MAX];
} start;

static uint8_t message[START_MESSAGE_BYTES_MAX];

static void receive_start(void) {
    int fds[SHELL_FDS_MAX], count;
    ssize_t got = receive_fds(control_socket, message, sizeof message - 1, fds, SHELL_FDS_MAX, &count);
    if (got == 0) _exit(0); /* The launcher has no use for this shell any more. */
    struct start_message *told = &start.told;
    bool understood = got > 0 && start_message_decode(message, got, told);
    bool generic = told->flags & CREATE_GENERIC;
    int wanted = 1 + told->listens + told->has_network + generic + (int)told->mounts, next = 0;
    if (!understood || count != wanted || !program_set(told->strings, told->strings_bytes, told->argc, told->envc)) {
        errno = EBADMSG;
        fail(STEP_MESSAGE, 0);
    }
    start.root = fds[next++];
    start.in = told->listens ? fds[next++] : -1;
    start.network = told->has_network ? fds[next++] : -1;
    start.binding = generic ? fds[next++] : -1;
    for (uint32_t i = 0; i < told->mounts; i++) start.mount[i] = fds[next++];
}

static void raise_loopback(void) {
    struct ifreq request = {.ifr_flags = IFF_UP};
    strcpy(request.ifr_name, "lo");
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) != 0) fail(STEP_NETWORK, 0);
    close(fd);
}

static void enter_network(void) {
    if (start.network >= 0 ? setns(start.network, CLONE_NEWNET) : unshare(CLONE_NEWNET)) fail(STEP_NETWORK, 0);
    if (start.network < 0) raise_loopback();
}

/* Moves what was staged below the root. A link in the image in place of a mount point is refused, never followed. */
static void attach(const char *staged) {
    int target = kernel_open_inside(start.root, staged);
    int from = open(staged, O_PATH | O_CLOEXEC);
    if (target < 0 || from < 0
        || kernel_move_mount(from, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
        fail(STEP_MOUNT_POINT, 0);
    close(target);
    close(from);
}

void shell_tmp_options(uint64_t bytes, char *options, size_t size) {
    unsigned long long inodes = bytes / 1024;
    snprintf(options, size, "size=%llu,nr_inodes=%llu,mode=1777", (unsigned long long)bytes,
             inodes < 64 ? 64 : inodes > 1000000 ? 1000000 : inodes);
}

/*
 * The root comes to lie over the home's, of which by then nothing is left but empty folders; it is the one that whoever enters
 * this namespace comes to. To swap them, as pivot_root does, would look at every process of the machine, and to take the home
 * away would wait until all processors have taken notice.
 */
static void enter_root(void) {
    if (kernel_move_mount(start.root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0) fail(STEP_ROOT, 0);
    attach("/proc");
    attach("/dev");
    attach("/tmp");
    for (uint32_t i = 0; i < start.told.mounts; i++) {
        int target = kernel_open_inside(start.root, start.told.inside[i]);
        if (target < 0) fail(STEP_MOUNT_POINT, i + 1);
        if (kernel_move_mount(start.mount[i], "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
            fail(STEP_MOUNT, i + 1);
        close(target);
    }
    if (fchdir(start.root) != 0 || chroot(".") != 0) fail(STEP_ENTER, 0);
    close(start.root);
    char options[96];
    shell_tmp_options(start.told.tmp_bytes, options, sizeof options);
    if (mount(NULL, "/tmp", NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV, options) != 0) fail(STEP_TMP, 0);
}

static void limit(int what, rlim_t value) {
    struct rlimit limit = {value, value};
    if (setrlimit(what, &limit) != 0) fail(STEP_LIMITS, 0);
}

static void enter_users(void) {
    bool generic = start.told.flags & CREATE_GENERIC;
    if ((generic ? users_enter_generic(start.told.slot) : users_enter(start.told.uid)) != 0) fail(STEP_IDENTITY, 0);
    empty_bounding_set(STEP_IDENTITY); /* The new namespace has filled it again. */
}

static void drop_privileges(void) {
    limit(RLIMIT_NOFILE, start.told.files);
    limit(RLIMIT_CORE, 0);
    if (start.told.flags & CREATE_USER_NAMESPACE) enter_users();
    gid_t none;
    if (setgroups(0, &none) != 0 || setresgid(start.told.uid, start.told.uid, start.told.uid) != 0
        || setresuid(start.told.uid, start.told.uid, start.told.uid) != 0)
        fail(STEP_IDENTITY, 0);
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct nothing[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capset, &head, nothing) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(STEP_IDENTITY, 0);
    /* Only now: a change of user forgets it. Whoever keeps this sandbox dies, it dies too. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) fail(STEP_IDENTITY, 0);
}

static void place_descriptors(void) {
    if (start.in < 0) start.in = open("/dev/null", O_RDONLY | O_CLOEXEC); /* Its own: the machine's would be one for all. */
    /* Above those first, so that no copy overwrites one that is still wanted. */
    enum { FREE = 4 };
    int in = fcntl(start.in, F_DUPFD_CLOEXEC, FREE), out = fcntl(start.out, F_DUPFD_CLOEXEC, FREE);
    int err = fcntl(start.err, F_DUPFD_CLOEXEC, FREE), keep = fcntl(control_socket, F_DUPFD_CLOEXEC, FREE);
    bool generic = start.binding >= 0;
    int binding = generic ? fcntl(start.binding, F_DUPFD_CLOEXEC, FREE) : -1;
    if (in < 0 || out < 0 || err < 0 || keep < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0
        || (generic && dup2(binding, 3) < 0))
        fail(STEP_LIMITS, 0);
    control_socket = keep;
    syscall(SYS_close_range, generic ? 4 : 3, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */);
}

/* A fork of a zygote is the program already: only what it must not have of it goes, with the socket to the launcher last. */
static void stay(void) {
    /* As after an execve: its own files in /proc are its own. */
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) fail(STEP_IDENTITY, 0);
    syscall(SYS_close_range, start.binding >= 0 ? 4 : 3, ~0u, 0);
}

/* Nothing of the slot's is handed on, and nothing of it is in the way of what comes. */
static void keep_only(int control, int out, int err) {
    enum { FREE = 16 };
    control_socket = fcntl(control, F_DUPFD_CLOEXEC, FREE);
    start.out = fcntl(out, F_DUPFD_CLOEXEC, FREE);
    start.err = fcntl(err, F_DUPFD_CLOEXEC, FREE);
    if (control_socket < 0 || start.out < 0 || start.err < 0 || syscall(SYS_close_range, 0, FREE - 1, 0) != 0) _exit(1);
}

void shell_main(uint32_t slot, int control, int out, int err) {
    keep_only(control, out, err);
    scheduling_shorten_turns(0); /* As do all of the sandbox's processes. */
    stage(slot);
    struct shell_error ready = {0, 0, 0};
    if (send_fds(control_socket, &ready, sizeof ready, NULL, 0) != 0) _exit(0);
    receive_start();
    enter_network();
    enter_root();
    drop_privileges();
    place_descriptors();
    umask(022);
    setsid();
    if (chdir(start.told.cwd) != 0) fail(STEP_WORKING_DIR, 0);
    sigset_t all;
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (seccomp_load() != 0) fail(STEP_FILTER, 0);
    if (is_forked) {
        stay();
        return;
    }
    program_execute();
    fail(STEP_EXEC, 0);
}
