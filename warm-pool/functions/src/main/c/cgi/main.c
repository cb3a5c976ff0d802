/* mayfly-cgi PROGRAM [ARGUMENT...]: turns requests into runs of a program by CGI/1.1 (RFC 3875). What it owes to whoever
   starts it is written in dev.mayfly.functions.language.FunctionLanguage. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listen.h"
#include "serve.h"
#include "signals.h"

static bool answers_once(void) {
    const char *isolation = getenv("MAYFLY_ISOLATION");
    if (isolation == NULL || strcmp(isolation, "release") == 0) return false;
    if (strcmp(isolation, "request") == 0) return true;
    dprintf(2, "MAYFLY_ISOLATION: '%s' (expected: request or release)\n", isolation);
    exit(1);
}

int main(int argc, char **argv) {
    if (argc < 2 || strchr(argv[1], '/') == NULL) {
        dprintf(2, "arguments: '%s' (expected: the program's path, with a slash, then its arguments)\n", argc < 2 ? "" : argv[1]);
        return 1;
    }
    struct function function = {argv + 1, environ};
    signals_prepare();
    bool once = answers_once();
    int listener = listen_as_told();
    if (once) serve_once(listener, &function);
    serve_many(listener, &function);
}
