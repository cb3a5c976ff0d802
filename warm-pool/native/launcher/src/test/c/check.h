/* All that a test needs: claims that are checked, and a count of those that do not hold. A test goes on after one that failed. */
#ifndef MAYFLY_CHECK_H
#define MAYFLY_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int failures;

static inline void check_failed(const char *file, int line, const char *claim) {
    failures++;
    fprintf(stderr, "%s:%d: %s\n", file, line, claim);
}

#define CHECK(claim) \
    do { \
        if (!(claim)) check_failed(__FILE__, __LINE__, #claim); \
    } while (0)

#define CHECK_NUMBER(actual, expected) \
    do { \
        long long actual_ = (actual), expected_ = (expected); \
        if (actual_ == expected_) break; \
        char text_[256]; \
        snprintf(text_, sizeof text_, "%s is %lld (expected: %lld)", #actual, actual_, expected_); \
        check_failed(__FILE__, __LINE__, text_); \
    } while (0)

#define CHECK_TEXT(actual, expected) \
    do { \
        const char *actual_ = (actual), *expected_ = (expected); \
        if (actual_ && strcmp(actual_, expected_) == 0) break; \
        char text_[512]; \
        snprintf(text_, sizeof text_, "%s is '%s' (expected: '%s')", #actual, actual_ ? actual_ : "(null)", expected_); \
        check_failed(__FILE__, __LINE__, text_); \
    } while (0)

/* The last line of main. */
static inline int check_result(void) { return failures ? 1 : 0; }

#endif
