package dev.mayfly.sandbox.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.sandbox.HostCommands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who makes the user namespaces of sandboxes. Needs root and a C compiler. */
class UsersIT {
    /** Looks at who calls where the launcher makes a namespace, and when it has. */
    private static final String PROGRAM = """
            #define _GNU_SOURCE
            #include <linux/capability.h>
            #include <sched.h>
            #include <stdarg.h>
            #include <stdio.h>
            #include <sys/prctl.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            #include "users.h"

            static int is_admin(void) {
                struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
                struct __user_cap_data_struct has[2];
                return syscall(SYS_capget, &head, has) == 0 && (has[0].effective >> CAP_SYS_ADMIN & 1);
            }

            int __real_clone(int (*run)(void *), void *stack, int flags, void *of, ...);
            int __wrap_clone(int (*run)(void *), void *stack, int flags, void *of, ...) {
                printf("makes user=%s admin=%d\\n", geteuid() != 0 && getuid() == 0 ? "slot" : "root", is_admin());
                return __real_clone(run, stack, flags, of, NULL);
            }

            int main(void) {
                users_prepare(7);
                printf("made user=%d admin=%d securebits=%d\\n", geteuid(), is_admin(), prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
                printf("entered %d\\n", users_enter_generic(7));
                return 0;
            }
            """;

    /** Else a machine that lets nobody but its administrator make user namespaces starts nothing, and who started it is blamed. */
    @Test
    void theyAreMadeInTheNameOfTheSlotWithThePrivilegesOfTheLauncher(@TempDir Path folder) throws Exception {
        Path c = Path.of("../launcher/src/main/c").toAbsolutePath();
        Path source = Files.writeString(folder.resolve("users-made.c"), PROGRAM);
        String program = folder.resolve("users-made").toString();
        HostCommands.run(
                "cc",
                "-w",
                "-Wl,--wrap=clone",
                "-I" + c,
                "-o",
                program,
                source.toString(),
                c.resolve("users.c").toString(),
                c.resolve("kernel.c").toString());
        assertThat(HostCommands.run("", List.of(program)).lines())
                .containsExactly("makes user=slot admin=1", "made user=0 admin=1 securebits=0", "entered 0");
    }
}
