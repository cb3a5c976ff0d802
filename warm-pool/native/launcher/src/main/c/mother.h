/* A mother forks slots for the launcher, which itself holds some descriptors for each sandbox: a fork of it would have to copy
   them all and close them again. */
#ifndef MAYFLY_MOTHER_H
#define MAYFLY_MOTHER_H

/* Forks a slot for each message: its socket to the launcher, then the entrances of its cgroups. Ends with the launcher; returns
   only in a sandbox that goes on as a copy of this process. */
void mother_serve(int control, int home_namespace);

#endif
