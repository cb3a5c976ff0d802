#define _GNU_SOURCE
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int kernel_open_tree(int directory, const char *path, unsigned flags) {
    return syscall(SYS_open_tree, directory, path, flags);
}

int kernel_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags) {
    return syscall(SYS_move_mount, from, from_path, to, to_path, flags);
}

int kernel_mount_attributes(int mount, uint64_t set) {
    struct mount_attr attributes = {.attr_set = set};
    return syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
}

int kernel_open_inside(int root, const char *path) {
    struct open_how how = {
        .flags = O_PATH | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return syscall(SYS_openat2, root, path, &how, sizeof how);
}

const char *kernel_lacks(void) {
    int tree = kernel_open_tree(AT_FDCWD, "/nowhere", OPEN_TREE_CLOEXEC);
    if (tree < 0 && errno == ENOSYS) return "open_tree and move_mount (Linux 5.2)";
    if (kernel_open_inside(AT_FDCWD, "/nowhere") < 0 && errno == ENOSYS) return "openat2 (Linux 5.6)";
    if (kernel_mount_attributes(-1, 0) < 0 && errno == ENOSYS) return "mount_setattr (Linux 5.12)";
    uint32_t action = SECCOMP_RET_ERRNO;
    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) return "system call filters (CONFIG_SECCOMP_FILTER)";
    return NULL;
}

int send_fds(int socket, const void *bytes, size_t length, const int *fds, int count) {
    struct iovec data = {(void *)bytes, length};
    union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int) * 32)]; } control;
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (count > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(head), fds, sizeof(int) * count);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)length ? 0 : -1;
}

ssize_t receive_fds(int socket, void *bytes, size_t size, int *fds, int max, int *count) {
    struct iovec data = {bytes, size};
    union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int) * 32)]; } control;
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got;
    do got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    *count = 0;
    if (got < 0) return got;
    for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        int here = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (int i = 0; i < here; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
            if (*count < max) fds[(*count)++] = fd;
            else close(fd);
        }
    }
    return got;
}

void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

int write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t length = strlen(text), written = write(fd, text, length);
    int kept = errno;
    close(fd);
    errno = kept;
    return written == length ? 0 : -1;
}

long long read_number(int fd) {
    char text[32];
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    if (got <= 0) return -1;
    text[got] = 0;
    return atoll(text);
}

pid_t kernel_pid_of(int pidfd) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    close_fd(&fd);
    if (got <= 0) return -1;
    text[got] = 0;
    const char *pid = strstr(text, "\nPid:");
    return pid ? atoi(pid + 5) : -1;
}
