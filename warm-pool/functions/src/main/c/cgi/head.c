#define _GNU_SOURCE
#include "head.h"

#include <string.h>
#include <strings.h>

#include "text.h"

enum head_state head_find(const char *bytes, size_t length, size_t *taken, struct refusal *why) {
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (end ? end - bytes > HEAD_BYTES_MAX - 4 : length > HEAD_BYTES_MAX) {
        refuse(why, 431, "head: more than %d bytes", HEAD_BYTES_MAX - 4);
        return HEAD_REFUSED;
    }
    if (end) {
        *taken = end + 4 - bytes;
        return HEAD_WHOLE;
    }
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) {
            refuse(why, 400, "line end (expected: CR LF)");
            return HEAD_REFUSED;
        }
    return HEAD_PARTIAL;
}

static bool parse_request_line(struct head *head, char *line, struct refusal *why) {
    char *first = strchr(line, ' '), *second = first ? strchr(first + 1, ' ') : NULL;
    if (second == NULL || strchr(second + 1, ' ')) return refuse(why, 400, "request line (expected: method, target, version)");
    *first = *second = 0;
    head->method = line;
    head->target = first + 1;
    const char *version = second + 1;
    if (!is_token(line, strlen(line)) || *head->target == 0 || !is_value(head->target, strlen(head->target)) || strchr(head->target, '\t'))
        return refuse(why, 400, "request line (expected: method, target, version)");
    head->old = strcmp(version, "HTTP/1.0") == 0;
    if (!head->old && strcmp(version, "HTTP/1.1") != 0)
        return refuse(why, strncmp(version, "HTTP/", 5) == 0 ? 505 : 400, "version: '%.40s' (expected: HTTP/1.1)", version);
    return true;
}

static bool parse_field(struct head *head, char *line, char *end, struct refusal *why) {
    char *colon = memchr(line, ':', end - line);
    if (colon == NULL || !is_token(line, colon - line) || !is_value(colon + 1, end - colon - 1))
        return refuse(why, 400, "header field (expected: name, colon, value)");
    if (head->fields == FIELDS_MAX) return refuse(why, 431, "more than %d header fields", FIELDS_MAX);
    for (char *c = line; c < colon; c++)
        if (*c >= 'A' && *c <= 'Z') *c += 'a' - 'A';
    *colon = 0;
    head->field[head->fields++] = (struct field){line, trimmed(colon + 1, end)};
    return true;
}

const char *head_value(const struct head *head, const char *name) {
    for (unsigned i = 0; i < head->fields; i++)
        if (strcmp(head->field[i].name, name) == 0) return head->field[i].value;
    return NULL;
}

static bool any_has_word(const struct head *head, const char *name, const char *word) {
    for (unsigned i = 0; i < head->fields; i++)
        if (strcmp(head->field[i].name, name) == 0 && has_word(head->field[i].value, word)) return true;
    return false;
}

/* Fields that decide where a message ends are there once or not at all. */
static bool check_single(const struct head *head, struct refusal *why) {
    static const char *const single[] = {"host", "content-length", "transfer-encoding"};
    for (unsigned each = 0; each < sizeof single / sizeof *single; each++) {
        unsigned count = 0;
        for (unsigned i = 0; i < head->fields; i++) count += strcmp(head->field[i].name, single[each]) == 0;
        if (count > 1) return refuse(why, 400, "%s: %u times (expected: once)", single[each], count);
    }
    if (!head->old && head_value(head, "host") == NULL) return refuse(why, 400, "host: missing");
    return true;
}

static bool parse_framing(struct head *head, struct refusal *why) {
    const char *coding = head_value(head, "transfer-encoding"), *length = head_value(head, "content-length");
    head->length = 0;
    if (coding) {
        if (length || head->old)
            return refuse(why, 400, "transfer-encoding (expected: not with content-length, not in HTTP/1.0)");
        if (strcasecmp(coding, "chunked") != 0) return refuse(why, 501, "transfer-encoding: '%.40s' (expected: chunked)", coding);
        head->length = CHUNKED;
    } else if (length) {
        if (!to_number(length, &head->length)) return refuse(why, 400, "content-length: '%.40s' (expected: a number)", length);
        if (head->length > BODY_BYTES_MAX) return refuse(why, 413, "body: more than %d bytes", BODY_BYTES_MAX);
    }
    head->close = any_has_word(head, "connection", "close") || (head->old && !any_has_word(head, "connection", "keep-alive"));
    const char *expect = head_value(head, "expect");
    head->waits = expect && strcasecmp(expect, "100-continue") == 0 && !head->old;
    return true;
}

bool head_parse(struct head *head, const char *bytes, size_t length, struct refusal *why) {
    memcpy(head->text, bytes, length);
    head->text[length] = 0;
    head->fields = 0;
    char *end = head->text + length - 2; /* Before the empty line. */
    char *line = head->text;
    bool first = true;
    while (line < end) {
        char *stop = memmem(line, end - line, "\r\n", 2);
        if (stop == NULL) return refuse(why, 400, "line end (expected: CR LF)");
        *stop = 0;
        if (memchr(line, 0, stop - line)) return refuse(why, 400, "head: a NUL (expected: text)");
        if (!(first ? parse_request_line(head, line, why) : parse_field(head, line, stop, why))) return false;
        first = false;
        line = stop + 2;
    }
    return check_single(head, why) && parse_framing(head, why);
}

bool head_asks_for_readiness(const struct head *head) { return strcmp(head->target, "/_mayfly/ready") == 0; }
