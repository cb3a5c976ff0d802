#define _GNU_SOURCE
#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "text.h"

enum { BACKLOG = 128, FIRST_FREE = 3, PORT_DEFAULT = 8080 };

static _Noreturn void die(const char *name, const char *value, const char *expected) {
    dprintf(2, "%s: '%s' (expected: %s)\n", name, value, expected);
    exit(1);
}

/* A socket that listens already. It moves out of the way, as programs inherit standard input. */
static int inherited(const char *value) {
    long long number;
    int listens = 0;
    socklen_t size = sizeof listens;
    if (!to_number(value + 3, &number) || number > 1 << 20 ||
        getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens)
        die("MAYFLY_SOCKET", value, "a descriptor of a socket that listens");
    int fd = fcntl(number, F_DUPFD_CLOEXEC, FIRST_FREE), nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || nothing < 0 || fcntl(fd, F_SETFL, 0) != 0 || dup2(nothing, number) < 0) die("MAYFLY_SOCKET", value, strerror(errno));
    close(nothing);
    return fd;
}

static int at_path(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) die("MAYFLY_SOCKET", path, "at most 107 bytes");
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) die("MAYFLY_SOCKET", path, strerror(errno));
    return fd;
}

static int at_port(const char *value) {
    long long port = PORT_DEFAULT;
    int yes = 1;
    if (value && (!to_number(value, &port) || port < 1 || port > 65535)) die("PORT", value, "1 to 65535");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) die("PORT", value ? value : "8080", strerror(errno));
    return fd;
}

int listen_as_told(void) {
    const char *place = getenv("MAYFLY_SOCKET");
    if (place && strncmp(place, "fd:", 3) == 0) return inherited(place);
    int fd = place && *place ? at_path(place) : at_port(getenv("PORT"));
    if (listen(fd, BACKLOG) != 0) die("listen", place && *place ? place : "PORT", strerror(errno));
    return fd;
}
