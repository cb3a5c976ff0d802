/*
 * Tries what a sandboxed program must not be able to do, one line each: "name outcome", where the outcome is the name of
 * the errno, or "ALLOWED". The test holds the lines against a table. Run inside a sandbox: probe [HOST-IP HOST-PORT].
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *name, long result) {
    printf("%s %s\n", name, result >= 0 ? "ALLOWED" : strerrorname_np(errno));
    fflush(stdout);
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

int main(int argc, char **argv) {
    say("mount", mount("none", "/tmp", "tmpfs", 0, ""));
    say("umount", umount2("/tmp", MNT_DETACH));
    say("unshare-user", unshare(CLONE_NEWUSER));
    say("unshare-mount", unshare(CLONE_NEWNS));
    say("setns", syscall(SYS_setns, 0, 0));
    say("clone-newuser", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    say("clone3", syscall(SYS_clone3, 0, 0));
    say("pivot_root", syscall(SYS_pivot_root, "/", "/"));
    say("chroot", chroot("/tmp"));
    say("bpf", syscall(SYS_bpf, 0, 0, 0));
    say("keyctl", syscall(SYS_keyctl, 0, 0));
    say("add_key", syscall(SYS_add_key, "user", "x", "y", 1, -3));
    say("io_uring_setup", syscall(SYS_io_uring_setup, 1, 0));
    say("userfaultfd", syscall(SYS_userfaultfd, 0));
    say("perf_event_open", syscall(SYS_perf_event_open, 0, 0, -1, -1, 0));
    say("open_by_handle_at", syscall(SYS_open_by_handle_at, 0, 0, 0));
    say("ptrace", ptrace(PTRACE_TRACEME, 0, 0, 0));
    say("process_vm_readv", syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0));
    say("init_module", syscall(SYS_init_module, 0, 0, ""));
    say("reboot", syscall(SYS_reboot, 0, 0, 0, 0));
    say("sethostname", sethostname("x", 1));
    say("mknod", mknod("/tmp/disk", S_IFBLK | 0600, 0x800));
    say("setuid-root", setuid(0));
    say("af_alg", socket(38, SOCK_SEQPACKET, 0));
    say("af_vsock", socket(40, SOCK_STREAM, 0));
    say("af_packet", socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
    say("raw-socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    say("write-root", open("/evil", O_CREAT | O_WRONLY, 0600));
    say("write-etc", open("/etc/hosts", O_WRONLY));
    say("write-sysctl", open("/proc/sys/kernel/hostname", O_WRONLY));
    say("sysrq", open("/proc/sysrq-trigger", O_WRONLY));
    say("read-kcore", open("/proc/kcore", O_RDONLY) >= 0 ? read(open("/proc/kcore", O_RDONLY), argv, 1) - 1 : -1);
    say("open-disk", open("/dev/vda", O_RDONLY));
    say("open-mem", open("/dev/mem", O_RDONLY));
    say("signal-host", kill(2, SIGKILL));
    say("write-tmp", open("/tmp/fine", O_CREAT | O_WRONLY, 0600));
    char *address = argc > 1 ? argv[1] : "127.0.0.1";
    say("connect-host", connects(address, argc > 2 ? atoi(argv[2]) : 1));
    say("connect-metadata", connects("169.254.169.254", 80));
    say("no-new-privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : (errno = EPERM, -1));
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, "Cap", 3) || !strncmp(line, "Uid", 3) || !strncmp(line, "Seccomp:", 8)) fputs(line, stdout);
    printf("pid %d\n", getpid());
    return 0;
}
