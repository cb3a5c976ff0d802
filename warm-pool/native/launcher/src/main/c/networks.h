/* Network namespaces with loopback alone, for sandboxes that need no network: made ahead by a process of its own, used
   again only for the same tenant. Must not know who that is, nor what a sandbox does with it. */
#ifndef MAYFLY_NETWORKS_H
#define MAYFLY_NETWORKS_H

/* Starts the maker, which keeps up to `ready` namespaces in store. */
int networks_open(int ready);
/* The socket of the maker, to be watched for reading; call networks_receive then. */
int networks_socket(void);
void networks_receive(void);
/* A namespace for this tenant, or -1: then the sandbox makes its own. */
int networks_take(const char *tenant);
/* Gives a namespace back in which no process is left. */
void networks_give(int fd, const char *tenant);
int networks_ready(void);
int networks_kept(void);
void networks_close(void);

#endif
