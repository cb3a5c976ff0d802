/* The way of an answer from the program to the caller. */
#ifndef MAYFLY_RELAY_H
#define MAYFLY_RELAY_H

#include "connection.h"
#include "program.h"

enum relayed {
    RELAYED,  /* whole; the connection can go on */
    TORN,     /* the caller has left, or has half an answer */
    NO_ANSWER /* nothing was sent; the refusal says why */
};

/* Reads what the program answers and sends it as it comes. */
enum relayed relay_answer(struct connection *, const struct head *, struct program *, const char *name, bool close, struct refusal *);

#endif
