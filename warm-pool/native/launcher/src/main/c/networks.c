#define _GNU_SOURCE
#include "networks.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "wire.h"

enum { READY_MAX = 256, KEPT_MAX = 256, KEPT_SECONDS = 60 };

static pid_t maker_pid;
static int control = -1, target, asked, ready;
static int clean[READY_MAX];
static struct { int fd; time_t since; char tenant[TENANT_BYTES_MAX + 1]; } kept[KEPT_MAX];
static int kept_count;

static time_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static _Noreturn void maker(int socket_to_launcher) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (dup2(socket_to_launcher, 0) < 0 || syscall(SYS_close_range, 1, ~0u, 0) != 0) _exit(1);
    for (char byte; read(0, &byte, 1) == 1;) {
        struct ifreq request = {.ifr_flags = IFF_UP};
        strcpy(request.ifr_name, "lo");
        if (unshare(CLONE_NEWNET) != 0) _exit(1);
        int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (any < 0 || ioctl(any, SIOCSIFFLAGS, &request) != 0) _exit(1);
        close(any);
        int namespace = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        if (namespace < 0 || send_fds(0, &byte, 1, &namespace, 1) != 0) _exit(1);
        close(namespace);
    }
    _exit(0);
}

static void ask(void) {
    while (ready + asked < target) {
        char byte = 1;
        if (send(control, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1) return;
        asked++;
    }
}

int networks_open(int wanted) {
    int pair[2];
    target = wanted < READY_MAX ? wanted : READY_MAX;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return -1;
    maker_pid = fork();
    if (maker_pid == 0) maker(pair[1]);
    close(pair[1]);
    control = pair[0];
    if (maker_pid < 0) return -1;
    fcntl(control, F_SETFL, O_NONBLOCK);
    ask();
    return 0;
}

int networks_socket(void) { return control; }

void networks_receive(void) {
    char byte;
    int fd, count;
    ssize_t got;
    while ((got = receive_fds(control, &byte, 1, &fd, 1, &count)) > 0) {
        asked--;
        if (count == 1 && ready < READY_MAX) clean[ready++] = fd;
        else if (count == 1) close(fd);
    }
    if (got == 0) target = 0; /* The maker is gone: sandboxes make their own. */
}

static void forget(int i) {
    close(kept[i].fd);
    kept[i] = kept[--kept_count];
}

int networks_take(const char *tenant) {
    for (int i = kept_count - 1; i >= 0; i--) {
        if (strcmp(kept[i].tenant, tenant) != 0) continue;
        int fd = kept[i].fd;
        kept[i] = kept[--kept_count];
        return fd;
    }
    int fd = ready > 0 ? clean[--ready] : -1;
    ask();
    return fd;
}

void networks_give(int fd, const char *tenant) {
    time_t time = now();
    for (int i = kept_count - 1; i >= 0; i--)
        if (time - kept[i].since > KEPT_SECONDS) forget(i);
    if (kept_count == KEPT_MAX) forget(0);
    kept[kept_count].fd = fd;
    kept[kept_count].since = time;
    strncpy(kept[kept_count].tenant, tenant, TENANT_BYTES_MAX);
    kept[kept_count++].tenant[TENANT_BYTES_MAX] = 0;
}

int networks_ready(void) { return ready; }
int networks_kept(void) { return kept_count; }

void networks_close(void) {
    close(control);
    waitpid(maker_pid, NULL, 0);
}
