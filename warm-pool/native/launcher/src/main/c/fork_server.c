#include "fork_server.h"

#include <signal.h>
#include <unistd.h>

#include "cgroup.h"
#include "kernel.h"
#include "slot_process.h"

void fork_server_run(int control, int home_namespace) {
    signal(SIGCHLD, SIG_IGN); /* The launcher watches slots by itself. */
    for (;;) {
        uint32_t slot;
        int fds[1 + CGROUP_ENTRANCES_MAX], count;
        if (receive_fds(control, &slot, sizeof slot, fds, 1 + CGROUP_ENTRANCES_MAX, &count) != sizeof slot) _exit(0);
        pid_t pid = count > 0 ? fork() : -1;
        if (pid == 0) {
            signal(SIGCHLD, SIG_DFL);
            close(control);
            slot_process_main(slot, fds[0], home_namespace, fds + 1, count - 1);
            return;
        }
        for (int i = 0; i < count; i++) close(fds[i]); /* If it could not fork, the launcher sees the end of the slot. */
    }
}
