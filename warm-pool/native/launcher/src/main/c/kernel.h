/* System calls that older C libraries do not wrap, and what else is two lines everywhere. Must not know anything of sandboxes. */
#ifndef MAYFLY_KERNEL_H
#define MAYFLY_KERNEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

int kernel_open_tree(int directory, const char *path, unsigned flags);
int kernel_move_mount(int from, const char *from_path, int to, const char *to_path, unsigned flags);
int kernel_mount_attributes(int mount, uint64_t set);
/* Opens a path inside `root` as O_PATH; refuses every symbolic link and every way out. */
int kernel_open_inside(int root, const char *path);
/* Whether this kernel has all that is needed; else its name of what it lacks. */
const char *kernel_lacks(void);

int send_fds(int socket, const void *bytes, size_t length, const int *fds, int count);
/* Receives one message with at most `max` descriptors; closes none of them. */
ssize_t receive_fds(int socket, void *bytes, size_t size, int *fds, int max, int *count);

void close_fd(int *fd); /* and forgets it */
int write_file(const char *path, const char *text);
long long read_number(int fd);
/* What this process calls the one of a pidfd, also if that is of a pid namespace below; -1 if it is gone. */
pid_t kernel_pid_of(int pidfd);

#endif
