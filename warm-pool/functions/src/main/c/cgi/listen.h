/* The socket that requests come from. */
#ifndef MAYFLY_LISTEN_H
#define MAYFLY_LISTEN_H

/* $MAYFLY_SOCKET (fd:N or a path) or else $PORT. Says what is wrong and ends if that is no use. */
int listen_as_told(void);

#endif
