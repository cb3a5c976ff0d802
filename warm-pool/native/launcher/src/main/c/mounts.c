#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <unistd.h>

#include "kernel.h"

int mounts_open(const struct mount_request *mount) {
    int fd = kernel_open_tree(AT_FDCWD, mount->host, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    uint64_t set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (mount->read_only ? MOUNT_ATTR_RDONLY : 0);
    if (fd >= 0 && kernel_mount_attributes(fd, set) != 0) {
        int kept = errno;
        close(fd);
        errno = kept;
        fd = -1;
    }
    return fd;
}
