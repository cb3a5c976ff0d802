/* Why a request cannot be taken, or has no answer of its own: a status, and a line for whoever asked. */
#ifndef MAYFLY_REFUSAL_H
#define MAYFLY_REFUSAL_H

struct refusal {
    int status;
    char detail[400];
};

/* Fills it in; always false, so that a check can return it. */
__attribute__((format(printf, 3, 4))) _Bool refuse(struct refusal *, int status, const char *format, ...);

#endif
