#define _GNU_SOURCE
#include "variables.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* What only a request says. None of it may come from elsewhere. */
static const char *const META[] = {
    "AUTH_TYPE",   "CONTENT_LENGTH", "CONTENT_TYPE", "GATEWAY_INTERFACE", "HTTPS",          "PATH_INFO",       "PATH_TRANSLATED",
    "QUERY_STRING", "REMOTE_ADDR",   "REMOTE_HOST",  "REMOTE_IDENT",      "REMOTE_USER",    "REQUEST_METHOD",  "REQUEST_URI",
    "SCRIPT_NAME", "SERVER_NAME",    "SERVER_PORT",  "SERVER_PROTOCOL",   "SERVER_SOFTWARE",
};

/* Ours, and of no use to the program. */
static const char *const OURS[] = {"MAYFLY_SOCKET", "MAYFLY_ISOLATION"};

/* Fields that are variables of their own, belong to the connection, or are not to be had: HTTP_PROXY is what programs take
   for their own setting ("httpoxy"). */
static const char *const NOT_PASSED[] = {
    "connection",        "content-length", "content-type", "expect",  "keep-alive",        "proxy",
    "proxy-connection", "te",             "trailer",      "upgrade", "transfer-encoding",
};

static bool among(const char *const *list, size_t count, const char *name, size_t length) {
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == length && memcmp(list[i], name, length) == 0) return true;
    return false;
}
#define AMONG(list, name, length) among(list, sizeof list / sizeof *list, name, length)

static void add(struct variables *variables, char *text) {
    if (text == NULL) abort(); /* Out of memory: the sandbox's limit; nothing can be told from here. */
    if (variables->count + 1 >= variables->room) {
        variables->room = variables->room * 2 + 64;
        variables->list = realloc(variables->list, variables->room * sizeof *variables->list);
        if (variables->list == NULL) abort();
    }
    variables->list[variables->count++] = text;
    variables->list[variables->count] = NULL;
}

static void set(struct variables *variables, const char *name, const char *value) {
    char *text;
    add(variables, asprintf(&text, "%s=%s", name, value) < 0 ? NULL : text);
}

/* Path and query of a target, which may be a whole URL. */
static bool split(const char *target, char **path, const char **query, struct refusal *why) {
    const char *start = target, *scheme = strstr(target, "://");
    if (*target != '/' && scheme) start = scheme + 3 + strcspn(scheme + 3, "/?");
    if (*target != '/' && !scheme && strcmp(target, "*") != 0)
        return refuse(why, 400, "target: '%.100s' (expected: a path that begins with /)", target);
    if (*start == '*') start++;
    size_t length = strcspn(start, "?");
    *query = start[length] ? start + length + 1 : "";
    *path = *start == '/' || *target == '*' ? strndup(start, length) : strdup("/");
    if (*path == NULL) abort();
    return true;
}

/* Takes %XX for what it says; what is no such thing stays. A NUL cannot be in a variable. */
static bool decode(char *text) {
    char *to = text;
    for (const char *from = text; *from; from++, to++) {
        bool coded = from[0] == '%' && to_hex(from[1]) >= 0 && to_hex(from[2]) >= 0;
        *to = coded ? to_hex(from[1]) * 16 + to_hex(from[2]) : *from;
        if (*to == 0) return false;
        if (coded) from += 2;
    }
    *to = 0;
    return true;
}

/* Name and port of the server as the caller called it. */
static void set_server(struct variables *variables, const struct head *head, bool secure) {
    const char *host = head_value(head, "host");
    char name[256];
    snprintf(name, sizeof name, "%s", host && *host ? host : "localhost");
    char *colon = strrchr(name, ':'), *bracket = strrchr(name, ']');
    const char *port = secure ? "443" : "80";
    long long number;
    if (colon && (bracket == NULL || colon > bracket)) {
        *colon = 0;
        if (to_number(colon + 1, &number) && number > 0 && number < 65536) port = colon + 1;
    }
    set(variables, "SERVER_NAME", name);
    set(variables, "SERVER_PORT", port);
}

static void set_caller(struct variables *variables, const struct head *head) {
    const char *caller = head_value(head, "x-forwarded-for");
    bool address = caller && *caller && strspn(caller, "0123456789abcdefABCDEF.:") == strlen(caller);
    set(variables, "REMOTE_ADDR", address ? caller : "127.0.0.1");
}

static bool defined(char *const *environment, const char *name, size_t length) {
    for (; *environment; environment++)
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=') return true;
    return false;
}

/* A field as HTTP_NAME, with all others of its name. An underscore in a name would make two fields one variable. */
static void set_field(struct variables *variables, const struct head *head, unsigned at, char *const *environment) {
    const char *name = head->field[at].name;
    size_t length = strlen(name);
    if (AMONG(NOT_PASSED, name, length) || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")]) return;
    size_t bytes = 5 + length + 1;
    for (unsigned i = 0; i < head->fields; i++) {
        if (strcmp(head->field[i].name, name) != 0) continue;
        if (i < at) return; /* It was there with the first. */
        bytes += 2 + strlen(head->field[i].value);
    }
    char *text = malloc(bytes + 1), *end = text;
    if (text == NULL) abort();
    end = stpcpy(end, "HTTP_");
    for (const char *c = name; *c; c++) *end++ = *c == '-' ? '_' : toupper((unsigned char)*c);
    *end = 0;
    if (defined(environment, text, end - text)) { /* What the app's owner has set no caller can replace. */
        free(text);
        return;
    }
    *end++ = '=';
    for (unsigned i = at; i < head->fields; i++) {
        if (strcmp(head->field[i].name, name) != 0) continue;
        if (i > at) end = stpcpy(end, strcmp(name, "cookie") == 0 ? "; " : ", ");
        end = stpcpy(end, head->field[i].value);
    }
    add(variables, text);
}

bool variables_make(struct variables *variables, const struct head *head, long long body_bytes, char *const *environment, struct refusal *why) {
    char *path = NULL, number[32];
    const char *query = "", *scheme = head_value(head, "x-forwarded-proto"), *type = head_value(head, "content-type");
    bool secure = scheme && strcmp(scheme, "https") == 0;
    *variables = (struct variables){NULL, 0, 0};
    if (!split(head->target, &path, &query, why)) return false;
    if (!decode(path)) {
        free(path);
        return refuse(why, 400, "target: '%%00' in its path (expected: no NUL)");
    }
    set(variables, "GATEWAY_INTERFACE", "CGI/1.1");
    set(variables, "SERVER_SOFTWARE", "Mayfly");
    set(variables, "SERVER_PROTOCOL", head->old ? "HTTP/1.0" : "HTTP/1.1");
    set(variables, "REQUEST_METHOD", head->method);
    set(variables, "REQUEST_URI", head->target);
    set(variables, "SCRIPT_NAME", "");
    set(variables, "PATH_INFO", path);
    set(variables, "QUERY_STRING", query);
    free(path);
    set_server(variables, head, secure);
    set_caller(variables, head);
    if (secure) set(variables, "HTTPS", "on");
    if (type) set(variables, "CONTENT_TYPE", type);
    if (head->length != 0) {
        snprintf(number, sizeof number, "%lld", body_bytes);
        set(variables, "CONTENT_LENGTH", number);
    }
    for (unsigned i = 0; i < head->fields; i++) set_field(variables, head, i, environment);
    for (; *environment; environment++) {
        size_t length = strcspn(*environment, "=");
        if (!AMONG(META, *environment, length) && !AMONG(OURS, *environment, length)) add(variables, strdup(*environment));
    }
    return true;
}

void variables_free(struct variables *variables) {
    for (unsigned i = 0; i < variables->count; i++) free(variables->list[i]);
    free(variables->list);
}
