/*
 * Tries what a sandboxed program must not be able to do, one line each: "name outcome", where the outcome is the name of
 * the errno, of the signal that ended the attempt, or "ALLOWED". The test holds all lines against a table.
 *
 *   probe try HOST-IP HOST-PORT HOST-PID   the attempts
 *   probe hold                             keeps things that another sandbox must not find, until it is ended
 *   probe who                              effective user and group, for set-user-id files
 *   probe watch SECONDS                    watches its files and holds locks on them until SIGTERM; says what it sees, then what it did itself
 *   probe touch                            opens the same files and locks them
 *   probe bomb KIND [N]                    see bombs.h
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/select.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bombs.h"

#define SHARED_KEY 0x4d61

static void say(const char *name, long result) {
    printf("%s %s\n", name, result >= 0 ? "ALLOWED" : strerrorname_np(errno));
    fflush(stdout);
}

static long opens(const char *path, int flags) {
    int fd = open(path, flags, 0600);
    if (fd >= 0) close(fd);
    return fd;
}

/* What is masked by /dev/null opens, and has no data. */
static long opens_unmasked(const char *path, int flags) {
    struct stat it;
    int fd = open(path, flags);
    if (fd < 0) return fd;
    bool null = fstat(fd, &it) == 0 && S_ISCHR(it.st_mode) && it.st_rdev == makedev(1, 3);
    close(fd);
    if (null) errno = ENODATA;
    return null ? -1 : fd;
}

static long writes(const char *path, const char *text) {
    int fd = open(path, O_WRONLY);
    if (fd < 0) return -1;
    long result = write(fd, text, strlen(text));
    int kept = errno;
    close(fd);
    errno = kept;
    return result;
}

static long reads(const char *path) {
    char c;
    int fd = open(path, O_RDONLY);
    if (fd < 0) return -1;
    long result = read(fd, &c, 1);
    if (result == 0) {
        errno = ENODATA;
        result = -1;
    }
    int kept = errno;
    close(fd);
    errno = kept;
    return result;
}

static long connects(const char *ip, int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, ip, &to.sin_addr);
    long result = connect(fd, (struct sockaddr *)&to, sizeof to);
    if (result < 0 && errno == EINPROGRESS) {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(fd, &set);
        struct timeval limit = {.tv_sec = 1};
        if (select(fd + 1, NULL, &set, NULL, &limit) == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        errno = error;
        result = error ? -1 : 0;
    }
    int kept = errno;
    close(fd);
    errno = kept;
    return result;
}

static struct sockaddr_un abstract_name(socklen_t *size) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path + 1, "mayfly-probe");
    *size = offsetof(struct sockaddr_un, sun_path) + 1 + strlen("mayfly-probe");
    return name;
}

static long abstract_connects(void) {
    socklen_t size;
    struct sockaddr_un name = abstract_name(&size);
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, size);
}

/* In a process of its own, as some attempts end the one that makes them. */
static void say_apart(const char *name, long (*attempt)(void)) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        say(name, attempt());
        _exit(0);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status)) printf("%s SIG%s\n", name, sigabbrev_np(WTERMSIG(status)));
}

static long result_of(long raw) {
    if (raw < 0) {
        errno = -raw;
        return -1;
    }
    return raw;
}

#ifdef __x86_64__
static long int80(void) {
    long result = 20; /* getpid of 32-bit programs */
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return result_of((int)result);
}

static long x32(void) { return syscall(0x40000000 | SYS_getpid); }
#endif

static void files_beyond_three(void) {
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    for (struct dirent *each; folder && (each = readdir(folder));)
        if (each->d_name[0] != '.' && atoi(each->d_name) > 2 && atoi(each->d_name) != dirfd(folder)) count++;
    if (folder) closedir(folder);
    printf("files-beyond-three %d\n", count);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *name, const char *path) {
    char *names[256];
    int count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *each; folder && count < 256 && (each = readdir(folder));)
        if (each->d_name[0] != '.') names[count++] = strdup(each->d_name);
    if (folder) closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    printf("%s", name);
    for (int i = 0; i < count; i++) printf("%c%s", i ? ',' : ' ', names[i]);
    printf("%s\n", count ? "" : folder ? " nothing" : " unreadable");
}

static int who(const char *name, const char *program) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        printf("%s ", name);
        fflush(stdout);
        execl(program, program, "who", NULL);
        printf("%s\n", strerrorname_np(errno));
        fflush(stdout);
        _exit(1);
    }
    return waitpid(pid, NULL, 0);
}

static void disk(void) {
    enum { WHOLE = 8192 };
    struct space { short type, whence; long start, length; int system; unsigned pid; int rest[4]; } range = {.length = WHOLE};
    struct stat it = {0};
    int fd = open("/tmp/blocks", O_RDWR | O_CREAT | O_TRUNC, 0600);
    say("fallocate", fallocate(fd, 0, 0, WHOLE));
    say("fallocate-keep-size", fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, WHOLE));
    say("fallocate-zero-range", fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, WHOLE));
    int error = posix_fallocate(fd, 0, WHOLE); /* The C library writes where there is no other way. */
    if (error == 0 && (fstat(fd, &it) != 0 || it.st_blocks * 512 < WHOLE)) error = EIO;
    say("posix_fallocate", (errno = error) ? -1 : 0);
    say("punch-hole", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, WHOLE));
    say("ioctl-resvsp", ioctl(fd, _IOW('X', 40, struct space), &range));
    say("ioctl-resvsp64", ioctl(fd, _IOW('X', 42, struct space), &range));
    say("ioctl-zero-range", ioctl(fd, _IOW('X', 57, struct space), &range));
    close(fd);
    unlink("/tmp/blocks");
}

static void kernel_calls(void) {
    say("mount", mount("none", "/tmp", "tmpfs", 0, ""));
    say("remount", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
    say("umount", umount2("/tmp", MNT_DETACH));
    say("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
    say("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1));
    say("move_mount", syscall(SYS_move_mount, AT_FDCWD, "/tmp", AT_FDCWD, "/", 0));
    say("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, "/", 0, 0, 0));
    say("unshare-user", unshare(CLONE_NEWUSER));
    say("unshare-mount", unshare(CLONE_NEWNS));
    say("unshare-net", unshare(CLONE_NEWNET));
    say("setns", syscall(SYS_setns, 0, 0));
    say("clone-newuser", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    say("clone3", syscall(SYS_clone3, 0, 0));
    say("pivot_root", syscall(SYS_pivot_root, "/", "/"));
    say("chroot", chroot("/tmp"));
    say("bpf", syscall(SYS_bpf, 0, 0, 0));
    say("keyctl", syscall(SYS_keyctl, 0, 0));
    say("add_key", syscall(SYS_add_key, "user", "x", "y", 1, -3));
    say("request_key", syscall(SYS_request_key, "user", "x", 0, -3));
    say("io_uring_setup", syscall(SYS_io_uring_setup, 1, 0));
    say("io_uring_enter", syscall(SYS_io_uring_enter, 0, 0, 0, 0, 0, 0));
    say("userfaultfd", syscall(SYS_userfaultfd, 0));
    say("perf_event_open", syscall(SYS_perf_event_open, 0, 0, -1, -1, 0));
    say("open_by_handle_at", syscall(SYS_open_by_handle_at, 0, 0, 0));
    say("ptrace-me", ptrace(PTRACE_TRACEME, 0, 0, 0));
    say("ptrace-parent", ptrace(PTRACE_ATTACH, getppid(), 0, 0));
    say("process_vm_readv", syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0));
    say("process_vm_writev", syscall(SYS_process_vm_writev, getppid(), 0, 0, 0, 0, 0));
    say("pidfd_getfd", syscall(SYS_pidfd_getfd, 0, 0, 0));
    say("kcmp", syscall(SYS_kcmp, 1, 1, 0, 0, 0));
    say("init_module", syscall(SYS_init_module, 0, 0, ""));
    say("finit_module", syscall(SYS_finit_module, 0, "", 0));
    say("delete_module", syscall(SYS_delete_module, "x", 0));
    say("kexec_load", syscall(SYS_kexec_load, 0, 0, 0, 0));
    say("reboot", syscall(SYS_reboot, 0, 0, 0, 0));
    say("swapon", syscall(SYS_swapon, "/tmp/x", 0));
    say("acct", syscall(SYS_acct, 0));
    say("quotactl", syscall(SYS_quotactl, 0, 0, 0, 0));
    say("syslog", syscall(SYS_syslog, 2, 0, 0));
    say("settimeofday", syscall(SYS_settimeofday, 0, 0));
    say("clock_settime", syscall(SYS_clock_settime, 0, 0));
    say("sethostname", sethostname("x", 1));
    say("setdomainname", syscall(SYS_setdomainname, "x", 1));
    say("personality", syscall(SYS_personality, 0x0040000));
    say("fanotify_init", syscall(SYS_fanotify_init, 0, 0));
    say("vmsplice", syscall(SYS_vmsplice, 0, 0, 0, 0));
    say("memfd_secret", syscall(SYS_memfd_secret, 0));
    say("move_pages", syscall(SYS_move_pages, 0, 0, 0, 0, 0, 0));
#ifdef __x86_64__
    say("iopl", syscall(SYS_iopl, 3));
    say("ioperm", syscall(SYS_ioperm, 0, 1, 1));
    say("modify_ldt", syscall(SYS_modify_ldt, 0, 0, 0));
    say_apart("int80", int80);
    say_apart("x32", x32);
#endif
}

static void users_and_devices(void) {
    say("mknod-block", mknod("/tmp/disk", S_IFBLK | 0600, 0x800));
    say("mknod-char", mknod("/tmp/null", S_IFCHR | 0600, 0x103));
    say("setuid-root", setuid(0));
    say("setgid-root", setgid(0));
    gid_t root = 0;
    say("setgroups-root", syscall(SYS_setgroups, 1, &root));
    who("setuid-file", "/workspace/setuid-probe");
    who("setuid-file-in-volume", "/data/setuid-probe");
    say("device-in-volume", opens("/data/null", O_RDONLY));
    say("disk-in-image", reads("/workspace/disk"));
    say("disk-in-volume", reads("/data/disk"));
    for (const char *const *path = (const char *const[]){"/dev/vda", "/dev/mem", "/dev/kmsg", "/dev/kvm", "/dev/fuse",
                                                        "/dev/net/tun", 0};
         *path; path++) {
        printf("open-");
        say(*path + 1, opens(*path, O_RDONLY));
    }
    say("write-dev", opens("/dev/new", O_CREAT | O_WRONLY));
    list("dev", "/dev");
}

static void sockets(int argc, char **argv) {
    say("af_alg", socket(38, SOCK_SEQPACKET, 0));
    say("af_vsock", socket(40, SOCK_STREAM, 0));
    say("af_packet", socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
    say("af_bluetooth", socket(31, SOCK_RAW, 1));
    say("af_xdp", socket(44, SOCK_RAW, 0));
    say("raw-socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    say("raw-socket-6", socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
    say("abstract-socket-of-another", abstract_connects());
    say("shared-memory-of-another", shmget(SHARED_KEY, 4096, 0));
    say("connect-host", connects(argc > 2 ? argv[2] : "127.0.0.1", argc > 3 ? atoi(argv[3]) : 1));
    say("connect-metadata", connects("169.254.169.254", 80));
}

/* What lies above or below the root, if anything does. */
static long climbs(const char *from) {
    struct stat top, here;
    bool out = false;
    if (stat("/", &top) != 0 || chdir(from) != 0) return -1;
    for (int i = 0; i < 64; i++) out |= chdir("..") != 0;
    out |= stat(".", &here) != 0 || here.st_dev != top.st_dev || here.st_ino != top.st_ino;
    if (chdir("/") != 0) return -1;
    return out ? 0 : (errno = ENOENT, -1);
}

/* Whether the native runtime's own root, of which an empty folder masks others, is in sight as a whole. */
static void mounts_of_the_runtime(void) {
    FILE *mounts = fopen("/proc/self/mountinfo", "r");
    char line[4096], top[256];
    int count = 0;
    while (mounts && fgets(line, sizeof line, mounts))
        if (strstr(line, " - tmpfs mayfly-home ") && sscanf(line, "%*d %*d %*s %255s", top) == 1 && !strcmp(top, "/")) count++;
    if (mounts) fclose(mounts);
    printf("mounts-of-the-runtime %d\n", mounts ? count : -1);
}

static void files(int argc, char **argv) {
    files_beyond_three();
    say("chdir-fd", chdir("/proc/self/fd/7"));
    say("climb-above-root", climbs("/"));
    say("climb-above-first-root", climbs("/proc/1/root"));
    mounts_of_the_runtime();
    say("write-self-exe", opens("/proc/self/exe", O_WRONLY));
    say("write-first-exe", opens("/proc/1/exe", O_WRONLY));
    say("write-root", opens("/evil", O_CREAT | O_WRONLY));
    say("write-workspace", opens("/workspace/evil", O_CREAT | O_WRONLY));
    say("write-etc", opens("/etc/hosts", O_WRONLY));
    say("write-tmp", opens("/tmp/fine", O_CREAT | O_WRONLY));
    say("write-hostname", opens("/proc/sys/kernel/hostname", O_WRONLY));
    say("write-core-pattern", opens("/proc/sys/kernel/core_pattern", O_WRONLY));
    say("write-binfmt", opens("/proc/sys/fs/binfmt_misc/register", O_WRONLY));
    say("write-oom-score", writes("/proc/self/oom_score_adj", "-1000"));
    say("write-uid-map", writes("/proc/self/uid_map", "0 0 1"));
    say("write-sysrq", opens_unmasked("/proc/sysrq-trigger", O_WRONLY));
    say("read-kcore", reads("/proc/kcore"));
    say("read-kallsyms", reads("/proc/kallsyms"));
    say("read-kmsg", opens("/proc/kmsg", O_RDONLY));
    say("read-keys", reads("/proc/keys"));
    say("read-interrupts", reads("/proc/interrupts"));
    say("sys-kernel", opens("/sys/kernel", O_RDONLY));
    say("cgroup-files", opens("/sys/fs/cgroup/memory", O_RDONLY));
    say("signal-2", kill(2, 0));
    say("signal-host", kill(argc > 4 ? atoi(argv[4]) : 2, 0));
}

static void status(void) {
    say("no-new-privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : (errno = EPERM, -1));
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, "Cap", 3) || !strncmp(line, "Seccomp:", 8)) {
            *strchr(line, ':') = ' ';
            char name[32], value[64];
            if (sscanf(line, "%31s %63s", name, value) == 2) printf("%s %s\n", name, value);
        }
    printf("pid %d\nuid %d\ngid %d\numask %o\n", getpid(), geteuid(), getegid(), umask(022));
}

static int hold(void) {
    socklen_t size;
    struct sockaddr_un name = abstract_name(&size);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&name, size) || listen(fd, 5)) return 1;
    if (shmget(SHARED_KEY, 4096, IPC_CREAT | 0666) < 0) return 1;
    say("abstract-socket-of-its-own", abstract_connects());
    for (;;) pause();
}

static const char *const SHARED[] = {"/dev/null", "/dev/zero", "/dev/tty", "/etc/passwd", "/etc/hosts", "/etc/resolv.conf", "/bin/busybox",
                                     "/workspace/probe", "/workspace", "/etc", "/dev", "/proc/acpi", "/proc/sys/kernel", "/proc/stat",
                                     "/proc/self/fd/0", "/dev/stdin", NULL};

static void see(int watches, int milliseconds) {
    char events[4096] __attribute__((aligned(8)));
    struct pollfd any = {watches, POLLIN, 0};
    while (poll(&any, 1, milliseconds) > 0) {
        ssize_t got = read(watches, events, sizeof events);
        for (ssize_t at = 0; at < got; at += sizeof(struct inotify_event) + ((struct inotify_event *)(events + at))->len)
            printf("seen %d\n", ((struct inotify_event *)(events + at))->wd);
        fflush(stdout);
        milliseconds = 0;
    }
}

static volatile sig_atomic_t stopped;

static void stop(int signal) { stopped = signal; }

static int watch(int seconds) {
    int watches = inotify_init1(0);
    for (const char *const *path = SHARED; *path; path++) {
        int fd = open(*path, O_RDONLY | O_NONBLOCK);
        if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) printf("%s %s\n", *path, strerrorname_np(errno));
    }
    for (const char *const *path = SHARED; *path; path++) inotify_add_watch(watches, *path, IN_OPEN | IN_ACCESS | IN_CLOSE);
    printf("watching\n");
    fflush(stdout);
    signal(SIGTERM, stop);
    for (long end = wall_milliseconds() + seconds * 1000; !stopped && wall_milliseconds() < end;) see(watches, 100);
    if (!stopped) printf("nobody ended the watch\n");
    printf("own\n");
    close(open("/etc/passwd", O_RDONLY));
    see(watches, 1000);
    return 0;
}

static int touch(void) {
    for (const char *const *path = SHARED; *path; path++) {
        char byte;
        int fd = open(*path, O_RDONLY | O_NONBLOCK);
        if (fd < 0) continue;
        if (flock(fd, LOCK_EX | LOCK_NB) != 0) printf("%s %s\n", *path, strerrorname_np(errno));
        if (read(fd, &byte, 1) < 0) errno = 0;
        close(fd); /* Some of them are two names of one. */
    }
    printf("touched\n");
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "watch")) return watch(atoi(argv[2]));
    if (argc > 1 && !strcmp(argv[1], "touch")) return touch();
    if (argc > 1 && !strcmp(argv[1], "who")) return printf("%d:%d\n", geteuid(), getegid()) < 0;
    if (argc > 1 && !strcmp(argv[1], "hold")) return hold();
    if (argc > 2 && !strcmp(argv[1], "bomb")) return bomb(argv[2], argc > 3 ? atoi(argv[3]) : 0);
    files(argc, argv);
    disk();
    kernel_calls();
    users_and_devices();
    sockets(argc, argv);
    status();
    return 0;
}
