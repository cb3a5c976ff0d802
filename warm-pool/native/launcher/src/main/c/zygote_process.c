#define _GNU_SOURCE
#include "zygote_process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "mount_guard.h"
#include "program.h"
#include "seccomp.h"

/* All that an interpreter of ours is told at its start. The request has no say: a variable can make it load somebody's code. */
static const char *const ENVIRONMENT[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent", NULL};

/* What its forks need to make sandboxes: namespaces and mounts; a root; ids; loopback; device files; the files in /proc of the
   process that stands for a user namespace; that the kernel, out of memory, looks at the sandbox first. */
static const int KEPT[] = {CAP_SYS_ADMIN, CAP_SYS_CHROOT, CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_NET_ADMIN,
                           CAP_MKNOD,     CAP_DAC_OVERRIDE, CAP_SYS_PTRACE, CAP_SYS_RESOURCE};

static volatile sig_atomic_t interpreter = -1; /* its pidfd, once there is one; read by a signal's handler */

static void end_interpreter(int signal) {
    if (interpreter < 0) _exit(1);
    syscall(SYS_pidfd_send_signal, interpreter, SIGKILL, NULL, 0);
    (void)signal;
}

/* Sees the root and the processes of this pid namespace, and nothing else of the machine: no file of the kernel but those. */
static bool enter(int root, const char *folder) {
    char proc[64];
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return false;
    /* Whoever was to share this namespace with anybody has failed above; the launcher's own is the one we came from. */
    if (mount_guard_refusal("/proc/thread-self/ns/mnt")) return errno = EPERM, false;
    if (kernel_move_mount(root, "", AT_FDCWD, folder, MOVE_MOUNT_F_EMPTY_PATH) != 0) return false;
    int top = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int target = top < 0 ? -1 : kernel_open_inside(top, "/proc");
    if (target < 0) return false;
    snprintf(proc, sizeof proc, "/proc/thread-self/fd/%d", target);
    return mount("proc", proc, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "subset=pid") == 0 && fchdir(top) == 0
           && syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0 && chdir("/") == 0;
}

static bool place(int control, int library) {
    int nothing = open("/dev/null", O_RDONLY), launcher = fcntl(control, F_DUPFD, 16), file = fcntl(library, F_DUPFD, 16);
    return nothing >= 0 && launcher >= 0 && file >= 0 && dup2(nothing, 0) == 0 && dup2(2, 1) == 1
           && dup2(launcher, ZYGOTE_CONTROL) >= 0 && dup2(file, ZYGOTE_LIBRARY) >= 0;
}

static bool is_kept(int capability) {
    for (size_t i = 0; i < sizeof KEPT / sizeof *KEPT; i++)
        if (KEPT[i] == capability) return true;
    return false;
}

static bool drop_privileges(void) {
    for (int capability = 0; capability <= 63; capability++) {
        if (is_kept(capability) || prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
        if (errno == EINVAL) break; /* This kernel's last one is behind us. */
        return false;
    }
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static _Noreturn void fail(const char *step) {
    fprintf(stderr, "launcher: a zygote cannot be started: %s: %s\n", step, strerror(errno));
    _exit(126);
}

static _Noreturn void execute(const struct command *command) {
    static uint8_t strings[FRAME_BYTES_MAX + 1];
    memcpy(strings, command->strings, command->strings_bytes);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || !program_set(strings, command->strings_bytes, command->argc, 0))
        fail("its command");
    if (!drop_privileges()) fail("its privileges");
    if (seccomp_load_ahead() != 0) fail("its system call filter");
    signal(SIGTERM, SIG_DFL);
    program_execute_as(ENVIRONMENT);
    fail("its program");
}

/* Holds nothing and may nothing but wait, until nobody is left in this pid namespace. */
static _Noreturn void wait_for_all(pid_t pid) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct nothing[2] = {{0, 0, 0}, {0, 0, 0}};
    interpreter = syscall(SYS_pidfd_open, pid, 0);
    if (interpreter < 0 || dup2(interpreter, 0) != 0) _exit(1); /* And all of its namespace with it. */
    interpreter = 0;
    syscall(SYS_close_range, 1, ~0u, 0);
    if (syscall(SYS_capset, &head, nothing) != 0) _exit(1);
    for (;;)
        if (waitpid(-1, NULL, 0) < 0 && errno != EINTR) _exit(0);
}

static _Noreturn void begin(int control, int root, int library, const char *folder, const struct command *command) {
    sigset_t all;
    sigemptyset(&all);
    signal(SIGTERM, end_interpreter);
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0 || !place(control, library)) fail("its descriptors");
    if (!enter(root, folder)) fail("its root");
    syscall(SYS_close_range, ZYGOTE_LIBRARY + 1, ~0u, 0);
    pid_t pid = fork();
    if (pid == 0) execute(command);
    if (pid < 0) fail("its process");
    wait_for_all(pid);
}

pid_t zygote_process_fork(int control, int root, int library, const char *folder, const struct command *command) {
    /* Without a stack of its own: the child goes on with a copy of this one, as after fork. */
    pid_t pid = syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, 0);
    if (pid == 0) begin(control, root, library, folder, command);
    return pid;
}
