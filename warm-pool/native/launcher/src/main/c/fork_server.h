/* Forks slots for the launcher, which itself holds some descriptors for each sandbox: a fork of it would have to copy them all and
   close them again. A copy of the launcher does this, and every zygote. Must not know what a slot does. */
#ifndef MAYFLY_FORK_SERVER_H
#define MAYFLY_FORK_SERVER_H

/* Forks a slot for each message: its socket to the launcher, then the entrances of its cgroups. Ends with the launcher; returns
   only in a sandbox that goes on as a copy of this process. */
void fork_server_run(int control, int home_namespace);

#endif
