/* Characters and words of HTTP (RFC 9110). */
#ifndef MAYFLY_TEXT_H
#define MAYFLY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all of it are characters of a token, and there is one. */
bool is_token(const char *text, size_t length);
/* Whether it can be a field's value: no control character but the tab. */
bool is_value(const char *text, size_t length);
/* A number of digits alone; what is too large for any limit becomes the largest. False if it is none. */
bool to_number(const char *text, long long *number);
/* The value of a hexadecimal digit, or -1. */
int to_hex(char digit);
/* Whether a list such as "close, upgrade" has the word. */
bool has_word(const char *list, const char *word);
/* Without spaces and tabs around it; ends it in place. */
char *trimmed(char *text, char *end);

#endif
