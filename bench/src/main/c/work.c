/*
 * Measured work, the same on the bare host and in a sandbox. Prints one line "UNIT FIGURE" for each thing measured.
 *
 *   work cpu ROUNDS            integer and floating point arithmetic in registers and first-level cache
 *   work memory ROUNDS         a triad over three arrays that no cache holds
 *   work file FOLDER MIB       a file written in pieces and synchronised; many small ones made, read and removed
 *   work serve PORT            echoes bytes to the first connection, pours into the second, for "work net"
 *   work net ADDRESS PORT TRIPS MIB
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TRIAD = 4 << 20, PIECE = 1 << 20, SMALL_FOR_MIB = 50, SMALL_BYTES = 4096 };

static char piece[PIECE];

static void fail(const char *what) {
    fprintf(stderr, "work: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void cpu(long rounds) {
    uint64_t state = 88172645463325252ull;
    double sum = 0;
    double begin = seconds();
    for (long i = 0; i < rounds * 1000000; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        sum += (double)(state & 1023) * 0.5;
    }
    double took = seconds() - begin;
    if (sum < 0) puts("impossible");
    printf("cpu %.4f\n", rounds / took);
}

static void memory(long rounds) {
    double *a = malloc(TRIAD * sizeof *a), *b = malloc(TRIAD * sizeof *b), *c = malloc(TRIAD * sizeof *c);
    if (!a || !b || !c) fail("malloc");
    for (long i = 0; i < TRIAD; i++) a[i] = 0, b[i] = i, c[i] = 1;
    double begin = seconds();
    for (long k = 0; k < rounds; k++)
        for (long i = 0; i < TRIAD; i++) a[i] = b[i] + (k + 0.5) * c[i];
    double took = seconds() - begin;
    if (a[TRIAD - 1] < 0) puts("impossible");
    printf("memory %.4f\n", rounds * 3.0 * TRIAD * sizeof *a / took / (1 << 20));
}

static void file(const char *folder, long mib) {
    if (chdir(folder)) fail(folder);
    memset(piece, 'x', sizeof piece);
    double begin = seconds();
    int fd = open("big", O_CREAT | O_TRUNC | O_RDWR, 0600);
    if (fd < 0) fail("big");
    for (long i = 0; i < mib; i++)
        if (write(fd, piece, PIECE) != PIECE) fail("write");
    if (fsync(fd)) fail("fsync");
    printf("file-write %.4f\n", mib / (seconds() - begin));
    begin = seconds();
    if (lseek(fd, 0, SEEK_SET)) fail("lseek");
    for (long i = 0; i < mib; i++)
        if (read(fd, piece, PIECE) != PIECE) fail("read");
    printf("file-read %.4f\n", mib / (seconds() - begin));
    close(fd);
    unlink("big");
    long files = mib * SMALL_FOR_MIB;
    begin = seconds();
    for (long i = 0; i < files; i++) {
        char name[32];
        snprintf(name, sizeof name, "small-%ld", i);
        if ((fd = open(name, O_CREAT | O_EXCL | O_RDWR, 0600)) < 0) fail(name);
        if (write(fd, piece, SMALL_BYTES) != SMALL_BYTES || pread(fd, piece, SMALL_BYTES, 0) != SMALL_BYTES) fail(name);
        close(fd);
        if (unlink(name)) fail(name);
    }
    printf("file-small %.4f\n", files / (seconds() - begin));
}

static void serve(int port) {
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = INADDR_ANY};
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one)
        || bind(listener, (struct sockaddr *)&name, sizeof name) || listen(listener, 2)) fail("listen");
    puts("ready");
    fflush(stdout);
    int client = accept(listener, NULL, NULL);
    if (client < 0 || setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one)) fail("accept");
    for (char byte; read(client, &byte, 1) == 1;)
        if (write(client, &byte, 1) != 1) fail("echo");
    close(client);
    client = accept(listener, NULL, NULL);
    while (send(client, piece, PIECE, MSG_NOSIGNAL) > 0) {}
}

static int dial(const char *address, int port) {
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (fd < 0 || inet_pton(AF_INET, address, &name.sin_addr) != 1 || connect(fd, (struct sockaddr *)&name, sizeof name)
        || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one)) fail(address);
    return fd;
}

static void net(const char *address, int port, long trips, long mib) {
    int fd = dial(address, port);
    char byte = 'x';
    double begin = seconds();
    for (long i = 0; i < trips; i++)
        if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) fail("round trip");
    printf("net-round-trips %.4f\n", trips / (seconds() - begin));
    close(fd);
    fd = dial(address, port);
    begin = seconds();
    long had = 0;
    while (had < mib * PIECE) {
        ssize_t more = read(fd, piece, PIECE);
        if (more <= 0) fail("throughput");
        had += more;
    }
    printf("net-throughput %.4f\n", mib / (seconds() - begin));
    close(fd);
}

int main(int argc, char **argv) {
    const char *what = argc > 2 ? argv[1] : "";
    if (!strcmp(what, "cpu")) cpu(atol(argv[2]));
    else if (!strcmp(what, "memory")) memory(atol(argv[2]));
    else if (!strcmp(what, "file") && argc == 4) file(argv[2], atol(argv[3]));
    else if (!strcmp(what, "serve")) serve(atoi(argv[2]));
    else if (!strcmp(what, "net") && argc == 6) net(argv[2], atoi(argv[3]), atol(argv[4]), atol(argv[5]));
    else {
        fputs("usage: work cpu|memory ROUNDS, file FOLDER MIB, serve PORT, net ADDRESS PORT TRIPS MIB\n", stderr);
        return 2;
    }
    return 0;
}
