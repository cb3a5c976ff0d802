#include "seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/falloc.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#else
#error "no system call filter for this processor"
#endif

/* Made at build time from the one list that the OCI runtime classes use too: SYS_ numbers that this processor has. */
static uint32_t allowed[] = {
#include "seccomp-allow.inc"
};

/* What a shell needs until it becomes the program, and no program may. */
static const uint32_t SETUP[] = {SYS_mount, SYS_umount2, SYS_move_mount, SYS_chroot, SYS_setns, SYS_unshare, SYS_sethostname,
                                 SYS_mknodat};

enum {
    ALLOWED = sizeof allowed / sizeof *allowed,
    SETUPS = sizeof SETUP / sizeof *SETUP,
    AHEAD_MAX = 6 * ALLOWED + 96,
    LAST_MAX = SETUPS + 8,
};
static const uint32_t NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER
                                   | CLONE_NEWPID | CLONE_NEWNET;

/* What XFS had first and all file systems have now; not in the kernel's headers for programs. */
struct space {
    int16_t type, whence;
    int64_t start, length;
    int32_t system;
    uint32_t pid;
    int32_t rest[4];
};
enum { RESVSP = _IOW('X', 40, struct space), RESVSP64 = _IOW('X', 42, struct space), ZERO_RANGE = _IOW('X', 57, struct space) };

struct filter {
    struct sock_filter *code;
    unsigned length, most;
};
static struct sock_filter ahead_code[AHEAD_MAX], last_code[LAST_MAX];
static struct filter ahead = {ahead_code, 0, AHEAD_MAX}, last = {last_code, 0, LAST_MAX}, *now;

static unsigned emit(uint16_t op, uint8_t yes, uint8_t no, uint32_t value) {
    if (now->length == now->most) abort();
    now->code[now->length] = (struct sock_filter){op, yes, no, value};
    return now->length++;
}

static void answer(uint32_t action) { emit(BPF_RET | BPF_K, 0, 0, action); }
static void load(size_t offset) { emit(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset); }

static int order(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* A search tree: some nine comparisons instead of three hundred for the last of the list. */
static void search(unsigned from, unsigned to) {
    if (to - from == 1) {
        emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, allowed[from]);
        answer(SECCOMP_RET_ALLOW);
        answer(SECCOMP_RET_ERRNO | EPERM);
        return;
    }
    unsigned middle = from + (to - from) / 2;
    /* The right half may lie further than a conditional jump reaches. */
    emit(BPF_JMP | BPF_JGE | BPF_K, 0, 1, allowed[middle]);
    unsigned jump = emit(BPF_JMP | BPF_JA, 0, 0, 0);
    search(from, middle);
    now->code[jump].k = now->length - jump - 1;
    search(middle, to);
}

static void allow_if(uint32_t call) {
    emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call);
    answer(SECCOMP_RET_ALLOW);
}

static void compile_ahead(void) {
    qsort(allowed, ALLOWED, sizeof *allowed, order);
    load(offsetof(struct seccomp_data, arch));
    emit(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, NATIVE);
    answer(SECCOMP_RET_KILL_PROCESS); /* int 0x80 and its like: numbers that mean something else */
    load(offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
    emit(BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000);
    answer(SECCOMP_RET_KILL_PROCESS); /* x32 likewise */
#endif

    /* Its flags are in memory, where a filter cannot look: libraries then use clone. */
    emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_clone3);
    answer(SECCOMP_RET_ERRNO | ENOSYS);

    allow_if(SYS_clone);
    for (unsigned i = 0; i < SETUPS; i++) allow_if(SETUP[i]);

    emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 7, SYS_socket);
    load(offsetof(struct seccomp_data, args[0]));
    emit(BPF_JMP | BPF_JEQ | BPF_K, 4, 0, AF_UNIX);
    emit(BPF_JMP | BPF_JEQ | BPF_K, 3, 0, AF_INET);
    emit(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, AF_INET6);
    emit(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AF_NETLINK); /* getifaddrs; without capabilities it changes nothing */
    answer(SECCOMP_RET_ERRNO | EPERM);
    answer(SECCOMP_RET_ALLOW);

    /* Disk that is taken without a byte being written is taken faster than anybody looks. The C library then writes, as programs do that
       have met a file system without it; to give disk back is always allowed. */
    emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, SYS_fallocate);
    load(offsetof(struct seccomp_data, args[1]));
    emit(BPF_JMP | BPF_JSET | BPF_K, 1, 0, FALLOC_FL_PUNCH_HOLE);
    answer(SECCOMP_RET_ERRNO | EOPNOTSUPP);
    answer(SECCOMP_RET_ALLOW);
    emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 6, SYS_ioctl);
    load(offsetof(struct seccomp_data, args[1]));
    emit(BPF_JMP | BPF_JEQ | BPF_K, 3, 0, RESVSP);
    emit(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, RESVSP64);
    emit(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ZERO_RANGE);
    answer(SECCOMP_RET_ALLOW);
    answer(SECCOMP_RET_ERRNO | EOPNOTSUPP);

    search(0, ALLOWED);
}

static void compile_last(void) {
    load(offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < SETUPS; i++) emit(BPF_JMP | BPF_JEQ | BPF_K, SETUPS - i + 3, 0, SETUP[i]);
    emit(BPF_JMP | BPF_JEQ | BPF_K, 0, 2, SYS_clone);
    load(offsetof(struct seccomp_data, args[0]));
    emit(BPF_JMP | BPF_JSET | BPF_K, 1, 0, NAMESPACES);
    answer(SECCOMP_RET_ALLOW);
    answer(SECCOMP_RET_ERRNO | EPERM);
}

void seccomp_compile(void) {
    ahead.length = last.length = 0;
    now = &ahead;
    compile_ahead();
    now = &last;
    compile_last();
}

static int load_filter(const struct filter *filter) {
    struct sock_fprog program = {.len = filter->length, .filter = filter->code};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int seccomp_load_ahead(void) { return load_filter(&ahead); }

int seccomp_load(void) {
    /* Half of a filter is none. */
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER) return errno = EPERM, -1;
    return load_filter(&last);
}
