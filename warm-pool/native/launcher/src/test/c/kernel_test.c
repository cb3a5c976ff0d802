/* Links: kernel.c */
#include "kernel.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"

static int pair[2];

static bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

static int first_free(void) {
    int fd = dup(0);
    close(fd);
    return fd;
}

static void send_many(int count) {
    int fds[32];
    for (int i = 0; i < count; i++) fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK_NUMBER(send_fds(pair[0], "word", 4, fds, count), 0);
    for (int i = 0; i < count; i++) close(fds[i]);
}

static void descriptorsComeWithTheirMessage(void) {
    char bytes[8];
    int fds[4], count;
    send_many(3);
    CHECK_NUMBER(receive_fds(pair[1], bytes, sizeof bytes, fds, 4, &count), 4);
    CHECK_NUMBER(count, 3);
    for (int i = 0; i < count; i++) {
        CHECK(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
        close(fds[i]);
    }
}

static void noMoreAreKeptThanWereAskedFor(void) {
    char bytes[8];
    int fd, count, before = first_free();
    send_many(32);
    CHECK_NUMBER(receive_fds(pair[1], bytes, sizeof bytes, &fd, 1, &count), 4);
    CHECK_NUMBER(count, 1);
    CHECK_NUMBER(fd, before);
    CHECK_NUMBER(first_free(), before + 1); /* The others are closed. */
    close(fd);
}

static void aMessageMayComeAlone(void) {
    char bytes[2];
    int fd, count;
    CHECK_NUMBER(send_fds(pair[0], "word", 4, NULL, 0), 0);
    CHECK_NUMBER(receive_fds(pair[1], bytes, sizeof bytes, &fd, 1, &count), 2); /* What does not fit is cut. */
    CHECK_NUMBER(count, 0);
}

static void aClosedDescriptorIsForgotten(void) {
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), was = fd;
    close_fd(&fd);
    CHECK(fd == -1 && !is_open(was));
    close_fd(&fd);
    CHECK_NUMBER(fd, -1);
}

static void numbersAreReadFromTheBeginning(void) {
    char path[256];
    snprintf(path, sizeof path, "%s/mayfly-kernel-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    int fd = mkstemp(path);
    CHECK_NUMBER(read_number(fd), -1);
    CHECK_NUMBER(write_file(path, "42\n"), 0);
    CHECK_NUMBER(read_number(fd), 42);
    CHECK_NUMBER(read_number(fd), 42);
    unlink(path);
    CHECK_NUMBER(write_file(path, "42\n"), -1);
    close(fd);
}

static void aProcessIsToldByItsPidfd(void) {
    int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
    CHECK_NUMBER(kernel_pid_of(pidfd), getpid());
    close(pidfd);
    CHECK_NUMBER(kernel_pid_of(pidfd), -1);
    CHECK_NUMBER(kernel_pid_of(0), -1);
}

int main(void) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0) abort();
    descriptorsComeWithTheirMessage();
    noMoreAreKeptThanWereAskedFor();
    aMessageMayComeAlone();
    aClosedDescriptorIsForgotten();
    numbersAreReadFromTheBeginning();
    aProcessIsToldByItsPidfd();
    return check_result();
}
