#define _GNU_SOURCE
#include "text.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

bool is_token(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL)) return false;
    }
    return length > 0;
}

bool is_value(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = text[i];
        if ((c < ' ' && c != '\t') || c == 127) return false;
    }
    return true;
}

bool to_number(const char *text, long long *number) {
    long long value = 0;
    if (*text == 0) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        value = value > (LLONG_MAX - 9) / 10 ? LLONG_MAX / 10 : value * 10 + (*text - '0');
    }
    *number = value;
    return true;
}

int to_hex(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

bool has_word(const char *list, const char *word) {
    size_t wanted = strlen(word);
    while (*list) {
        list += strspn(list, " \t,");
        size_t length = strcspn(list, ",");
        size_t bare = length;
        while (bare > 0 && (list[bare - 1] == ' ' || list[bare - 1] == '\t')) bare--;
        if (bare == wanted && strncasecmp(list, word, wanted) == 0) return true;
        list += length;
    }
    return false;
}

char *trimmed(char *text, char *end) {
    while (text < end && (*text == ' ' || *text == '\t')) text++;
    while (text < end && (end[-1] == ' ' || end[-1] == '\t')) end--;
    *end = 0;
    return text;
}
