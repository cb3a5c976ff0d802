/*
 * Tries what a sandboxed program may reach, one line for each attempt: "attempt outcome". Also serves, so that there is
 * something to reach.
 *
 *   netprobe try ATTEMPT... [then ATTEMPT...]   attempts of a group at once, groups one after the other
 *       tcp,ADDRESS,PORT          ALLOWED or the name of the errno
 *       udp,ADDRESS,PORT          ANSWERED, SILENT or the name of the errno
 *       many,ADDRESS,PORT,N       how many of N connections at once came about
 *       name,NAME,TYPE,udp|tcp    what the name server of /etc/resolv.conf says: code and addresses
 *       from,SOURCE,ADDRESS,PORT  sends under another address, as far as the kernel lets it
 *       arp                       whether it may speak below IP
 *   netprobe serve PORT...                      TCP and UDP of both families; says whose packets came
 *   netprobe raw SOURCE ADDRESS PORT WORD       one UDP packet with that source; needs privileges
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT_MS = 1200, MANY_MAX = 200, SERVED_MAX = 1000 };

static socklen_t address(const char *text, int port, struct sockaddr_storage *out) {
    memset(out, 0, sizeof *out);
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        return sizeof *v4;
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1) {
        fprintf(stderr, "no address: %s\n", text);
        exit(2);
    }
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    return sizeof *v6;
}

/* A connection within the limit, or -1 with errno. */
static int connected(const char *to, int port) {
    struct sockaddr_storage peer;
    socklen_t size = address(to, port, &peer);
    int fd = socket(peer.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&peer, size) == 0) return fd;
    int error = errno;
    if (error == EINPROGRESS) {
        struct pollfd ready = {.fd = fd, .events = POLLOUT};
        error = ETIMEDOUT;
        if (poll(&ready, 1, LIMIT_MS) == 1) {
            socklen_t length = sizeof error;
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
        }
    }
    if (error == 0) return fd;
    close(fd);
    errno = error;
    return -1;
}

static const char *said(int failed) { return failed ? strerrorname_np(errno) : "ALLOWED"; }

static const char *udp(const char *to, int port, const char *from) {
    struct sockaddr_storage peer, own;
    socklen_t size = address(to, port, &peer);
    int fd = socket(peer.ss_family, SOCK_DGRAM, 0), on = 1;
    if (fd < 0) return said(1);
    if (from) {
        socklen_t length = address(from, 0, &own);
        setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
        setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
        if (bind(fd, (struct sockaddr *)&own, length) < 0) return said(1);
    }
    if (sendto(fd, from ? "spoofed" : "plain", from ? 7 : 5, 0, (struct sockaddr *)&peer, size) < 0) return said(1);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char buffer[64];
    if (poll(&ready, 1, LIMIT_MS) != 1) return "SILENT";
    return recv(fd, buffer, sizeof buffer, 0) < 0 ? said(1) : "ANSWERED";
}

static int many(const char *to, int port, int wanted) {
    struct sockaddr_storage peer;
    socklen_t size = address(to, port, &peer);
    struct pollfd all[MANY_MAX];
    int got = 0;
    if (wanted > MANY_MAX) wanted = MANY_MAX;
    for (int i = 0; i < wanted; i++) {
        all[i] = (struct pollfd){.fd = socket(peer.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0), .events = POLLOUT};
        connect(all[i].fd, (struct sockaddr *)&peer, size);
    }
    for (int waited = 0; waited < LIMIT_MS; waited += 100) poll(NULL, 0, 100);
    poll(all, wanted, 0);
    for (int i = 0; i < wanted; i++) got += (all[i].revents & (POLLOUT | POLLERR | POLLHUP)) == POLLOUT;
    return got;
}

/* The first name server of /etc/resolv.conf. */
static int nameServer(char *out) {
    FILE *file = fopen("/etc/resolv.conf", "r");
    char line[256];
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "nameserver %45s", out) == 1) return 1;
    return 0;
}

static void lookUp(const char *name, const char *type, const char *over, char *out, size_t room) {
    char server[64];
    unsigned char ask[512] = {0x12, 0x34, 1, 0, 0, 1}, reply[4096];
    size_t at = 12;
    int tcp = !strcmp(over, "tcp");
    for (const char *label = name; *label;) {
        size_t length = strcspn(label, ".");
        ask[at++] = length;
        memcpy(ask + at, label, length);
        at += length;
        label += length + (label[length] == '.');
    }
    at += 2;
    ask[at++] = !strcmp(type, "A") ? 1 : !strcmp(type, "AAAA") ? 28 : 16;
    at++;
    ask[at++] = 1;
    if (!nameServer(server)) {
        snprintf(out, room, "NOSERVER");
        return;
    }
    struct sockaddr_storage peer;
    socklen_t size = address(server, 53, &peer);
    int fd = tcp ? connected(server, 53) : socket(peer.ss_family, SOCK_DGRAM, 0);
    if (tcp && fd < 0) {
        snprintf(out, room, "%s", said(1));
        return;
    }
    unsigned char prefix[2] = {at >> 8, at};
    if (tcp && (write(fd, prefix, 2) != 2 || write(fd, ask, at) != (ssize_t)at)) return;
    if (!tcp) sendto(fd, ask, at, 0, (struct sockaddr *)&peer, size);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    if (poll(&ready, 1, 4 * LIMIT_MS) != 1) {
        snprintf(out, room, "SILENT");
        return;
    }
    usleep(tcp ? 50000 : 0); /* Length and answer may come apart. */
    ssize_t length = recv(fd, reply, sizeof reply, 0);
    unsigned char *message = reply + (tcp ? 2 : 0);
    if (length < 12) {
        snprintf(out, room, "%s", length < 0 ? said(1) : "SHORT");
        return;
    }
    int used = snprintf(out, room, "code=%d", message[3] & 15);
    unsigned char *record = message + at;
    for (int i = message[6] << 8 | message[7]; i > 0; i--) {
        int dataLength = record[10] << 8 | record[11];
        char text[64];
        inet_ntop(dataLength == 4 ? AF_INET : AF_INET6, record + 12, text, sizeof text);
        used += snprintf(out + used, room - used, " %s", text);
        record += 12 + dataLength;
    }
}

static void attempt(const char *what) {
    char copy[256], out[2048] = "?", line[2400];
    snprintf(copy, sizeof copy, "%s", what);
    char *part[5] = {0}, *rest = copy;
    for (int i = 0; i < 5 && rest; i++) part[i] = strsep(&rest, ",");
    if (!strcmp(part[0], "tcp")) snprintf(out, sizeof out, "%s", said(connected(part[1], atoi(part[2])) < 0));
    if (!strcmp(part[0], "udp")) snprintf(out, sizeof out, "%s", udp(part[1], atoi(part[2]), NULL));
    if (!strcmp(part[0], "from")) snprintf(out, sizeof out, "%s", udp(part[2], atoi(part[3]), part[1]));
    if (!strcmp(part[0], "many")) snprintf(out, sizeof out, "%d", many(part[1], atoi(part[2]), atoi(part[3])));
    if (!strcmp(part[0], "name")) lookUp(part[1], part[2], part[3], out, sizeof out);
    if (!strcmp(part[0], "arp"))
        snprintf(out, sizeof out, "%s", said(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ARP)) < 0));
    int length = snprintf(line, sizeof line, "%s %s\n", what, out);
    if (write(1, line, length) != length) exit(1);
}

static void tryAll(int count, char **attempts) {
    for (int i = 0; i < count; i++) {
        if (!strcmp(attempts[i], "then")) {
            while (wait(NULL) > 0) {}
        } else if (fork() == 0) {
            attempt(attempts[i]);
            _exit(0);
        }
    }
    while (wait(NULL) > 0) {}
}

static int serve(int count, char **ports) {
    struct pollfd all[SERVED_MAX];
    int used = 0;
    for (int i = 0; i < count; i++) {
        for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
            struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_port = htons(atoi(ports[i]))};
            int fd = socket(AF_INET6, type, 0), on = 1;
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
            if (type == SOCK_DGRAM) setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
            if (bind(fd, (struct sockaddr *)&own, sizeof own) < 0 || (type == SOCK_STREAM && listen(fd, 512) < 0)) {
                perror(ports[i]);
                return 1;
            }
            all[used++] = (struct pollfd){.fd = fd, .events = POLLIN};
        }
    }
    int listeners = used;
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        poll(all, used, -1);
        for (int i = 0; i < listeners; i++) {
            if (!(all[i].revents & POLLIN)) continue;
            struct sockaddr_in6 peer;
            socklen_t size = sizeof peer;
            char buffer[64], text[64];
            if (i % 2 == 0) {
                int fd = accept(all[i].fd, (struct sockaddr *)&peer, &size);
                if (fd >= 0 && used < SERVED_MAX) all[used++] = (struct pollfd){.fd = fd, .events = POLLIN};
                continue;
            }
            char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
            struct iovec data = {.iov_base = buffer, .iov_len = sizeof buffer};
            struct msghdr message = {.msg_name = &peer, .msg_namelen = size, .msg_iov = &data, .msg_iovlen = 1,
                                     .msg_control = control, .msg_controllen = sizeof control};
            ssize_t length = recvmsg(all[i].fd, &message, 0);
            inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text);
            printf("udp %s %.*s\n", text, (int)length, buffer);
            fflush(stdout);
            data.iov_len = length;
            sendmsg(all[i].fd, &message, 0); /* From the address that it came to: the control data says so. */
        }
        for (int i = listeners; i < used; i++) {
            char buffer[64];
            if ((all[i].revents & (POLLIN | POLLHUP | POLLERR)) && read(all[i].fd, buffer, sizeof buffer) <= 0) {
                close(all[i].fd);
                all[i--] = all[--used];
            }
        }
    }
}

static int raw(const char *from, const char *to, int port, const char *word) {
    struct {
        struct iphdr ip;
        struct udphdr udp;
        char data[32];
    } packet = {.ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP}};
    size_t size = sizeof packet.ip + sizeof packet.udp + strlen(word);
    strncpy(packet.data, word, sizeof packet.data - 1);
    packet.ip.tot_len = htons(size);
    packet.ip.saddr = inet_addr(from);
    packet.ip.daddr = inet_addr(to);
    packet.udp.source = htons(40000);
    packet.udp.dest = htons(port);
    packet.udp.len = htons(sizeof packet.udp + strlen(word));
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_addr.s_addr = packet.ip.daddr};
    int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    if (fd < 0 || sendto(fd, &packet, size, 0, (struct sockaddr *)&peer, sizeof peer) < 0) {
        perror("raw");
        return 1;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "try")) tryAll(argc - 2, argv + 2);
    if (argc > 2 && !strcmp(argv[1], "serve")) return serve(argc - 2, argv + 2);
    if (argc == 6 && !strcmp(argv[1], "raw")) return raw(argv[2], argv[3], atoi(argv[4]), argv[5]);
    return 0;
}
