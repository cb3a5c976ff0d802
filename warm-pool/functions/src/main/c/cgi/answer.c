#define _GNU_SOURCE
#include "answer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "reasons.h"
#include "text.h"

/* How the answer travels is for us to say. */
static const char *const OURS[] = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"};

size_t answer_find(const char *bytes, size_t length) {
    for (size_t start = 0; start < length;) {
        const char *end = memchr(bytes + start, '\n', length - start);
        if (end == NULL) return 0;
        size_t line = end - bytes - start;
        if (line == 0 || (line == 1 && bytes[start] == '\r')) return end + 1 - bytes;
        start = end + 1 - bytes;
    }
    return 0;
}

static bool parse_status(struct answer *answer, const char *value) {
    int digits = strspn(value, "0123456789");
    if (digits != 3 || (value[3] != 0 && value[3] != ' ')) return false;
    answer->status = (value[0] - '0') * 100 + (value[1] - '0') * 10 + (value[2] - '0');
    snprintf(answer->reason, sizeof answer->reason, "%.*s", REASON_BYTES_MAX, value[3] ? value + 4 : reason_of(answer->status));
    return answer->status >= 200 && answer->status <= 599;
}

static bool is_ours(const char *name) {
    for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++)
        if (strcasecmp(OURS[i], name) == 0) return true;
    return false;
}

static bool parse_field(struct answer *answer, const char *name, const char *value, char *why, size_t size) {
    if (strcasecmp(name, "status") == 0) {
        if (answer->status) return snprintf(why, size, "Status: twice (expected: once)"), false;
        if (!parse_status(answer, value)) return snprintf(why, size, "Status: '%.60s' (expected: 200 to 599, and a text)", value), false;
    } else if (strcasecmp(name, "content-length") == 0) {
        if (answer->length != LENGTH_UNKNOWN) return snprintf(why, size, "Content-Length: twice (expected: once)"), false;
        if (!to_number(value, &answer->length)) return snprintf(why, size, "Content-Length: '%.60s' (expected: a number)", value), false;
    } else if (!is_ours(name)) {
        answer->field_bytes += sprintf(answer->fields + answer->field_bytes, "%s: %s\r\n", name, value);
    }
    return true;
}

bool answer_parse(struct answer *answer, const char *bytes, size_t length, char *why, size_t size) {
    bool located = false;
    int number = 0;
    answer->status = 0;
    answer->length = LENGTH_UNKNOWN;
    answer->field_bytes = 0;
    for (const char *line = bytes, *stop; line < bytes + length; line = stop + 1) {
        char name[256], text[ANSWER_HEAD_BYTES_MAX + 1];
        stop = memchr(line, '\n', bytes + length - line);
        size_t here = stop - line;
        if (here > 0 && line[here - 1] == '\r') here--;
        if (here == 0) break;
        const char *colon = memchr(line, ':', here);
        if (++number > FIELDS_MAX) return snprintf(why, size, "more than %d header fields", FIELDS_MAX), false;
        if (colon == NULL || !is_token(line, colon - line) || (size_t)(colon - line) >= sizeof name || !is_value(colon + 1, line + here - colon - 1))
            return snprintf(why, size, "line %d of its head (expected: Name: value; then, after an empty line, the body)", number), false;
        memcpy(name, line, colon - line);
        name[colon - line] = 0;
        size_t bytes_of_value = line + here - colon - 1;
        memcpy(text, colon + 1, bytes_of_value);
        located = located || strcasecmp(name, "location") == 0;
        if (!parse_field(answer, name, trimmed(text, text + bytes_of_value), why, size)) return false;
    }
    if (number == 0) return snprintf(why, size, "an empty head (expected: Content-Type, Status or Location)"), false;
    if (answer->status == 0) {
        answer->status = located ? 302 : 200;
        strcpy(answer->reason, reason_of(answer->status));
    }
    return true;
}
