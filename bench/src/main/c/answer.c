/*
 * Answers one request with what the file CODE holds, then ends; with the argument "on", answers one after the other for
 * ever. Requests come on the listening socket that is its standard input, or else on the unix socket MAYFLY_SOCKET, which
 * it makes; it says "ready" when it listens, so that nobody has to poll.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void answer(int client, const char *body, ssize_t length) {
    char head[128], request[1024];
    size_t had = 0;
    while (had < 4 || memcmp(request + had - 4, "\r\n\r\n", 4)) {
        ssize_t more = had < sizeof request ? read(client, request + had, sizeof request - had) : -1;
        if (more <= 0) fail("request");
        had += more;
    }
    int written = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zd\r\nConnection: close\r\n\r\n", length);
    if (write(client, head, written) != written || write(client, body, length) != length) fail("answer");
}

int main(int count, char **arguments) {
    struct stat input;
    int on = count > 1 && !strcmp(arguments[1], "on");
    const char *path = getenv("MAYFLY_SOCKET"), *code = getenv("CODE");
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (!path || !code || strlen(path) >= sizeof name.sun_path) {
        fputs("MAYFLY_SOCKET, CODE: missing or too long\n", stderr);
        return 2;
    }
    strcpy(name.sun_path, path);
    char body[256];
    int file = open(code, O_RDONLY);
    ssize_t length = file < 0 ? -1 : read(file, body, sizeof body);
    if (length < 0) fail(code);
    int listener = 0;
    if (fstat(0, &input) || !S_ISSOCK(input.st_mode)) {
        listener = socket(AF_UNIX, SOCK_STREAM, 0);
        if (listener < 0 || bind(listener, (struct sockaddr *)&name, sizeof name) || listen(listener, 64)) fail(path);
    }
    if (write(1, "ready\n", 6) != 6) fail("stdout");
    do {
        int client = accept(listener, NULL, NULL);
        if (client < 0) fail("accept");
        answer(client, body, length);
        close(client);
    } while (on);
    return 0;
}
