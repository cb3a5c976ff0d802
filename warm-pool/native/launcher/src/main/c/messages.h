/* What slots and shells say, and what that makes of a slot. Must not know what the server asks for. */
#ifndef MAYFLY_MESSAGES_H
#define MAYFLY_MESSAGES_H

#include "slots.h"

/* The slot has something to say, or has ended. */
void messages_hear_slot(struct slot *);
/* The same of its shell, before that is the program. */
void messages_hear_shell(struct slot *);

#endif
