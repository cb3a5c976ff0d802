#define _GNU_SOURCE
#include "serve.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "body.h"
#include "program.h"
#include "relay.h"
#include "variables.h"

static void say(struct connection *connection, const struct refusal *why, bool close, bool head) {
    connection_say(connection, why->status, why->detail, close, head);
}

/* Answers by the program. */
static bool run(struct connection *connection, const struct head *head, const struct function *function, int body, long long bytes, bool last) {
    struct variables variables;
    struct program program;
    struct refusal why;
    bool bodyless = strcmp(head->method, "HEAD") == 0;
    if (!variables_make(&variables, head, bytes, function->environment, &why)) {
        say(connection, &why, last, bodyless);
        return !last;
    }
    enum relayed relayed = NO_ANSWER;
    if (program_start(&program, function->argv, variables.list, body, &why)) {
        relayed = relay_answer(connection, head, &program, function->argv[0], last, &why);
        program_end(&program);
    }
    variables_free(&variables);
    if (relayed == NO_ANSWER) {
        dprintf(2, "function '%s': %s\n", function->argv[0], why.detail);
        say(connection, &why, last, bodyless);
    }
    return relayed != TORN && !last;
}

static bool tell_readiness(struct connection *connection, const struct function *function, bool last) {
    char why[400] = "";
    connection_say(connection, program_check(function->argv[0], why, sizeof why) ? 200 : 500, why, last, false);
    return !last;
}

bool serve_request(struct connection *connection, const struct head *head, const struct function *function, bool last) {
    struct refusal why;
    int body;
    long long bytes;
    connection_patience(connection, BODY_SECONDS);
    switch (body_take(connection, head, &body, &bytes, &why)) {
    case BODY_REFUSED: say(connection, &why, true, false); return false;
    case BODY_GONE: return false;
    case BODY_WHOLE: break;
    }
    bool more = head_asks_for_readiness(head) ? tell_readiness(connection, function, last)
                                              : run(connection, head, function, body, bytes, last);
    close(body);
    return more;
}
