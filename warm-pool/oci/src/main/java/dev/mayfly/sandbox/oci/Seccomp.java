package dev.mayfly.sandbox.oci;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The system call filter in the form of the OCI runtime specification (config-linux.md, "Seccomp"): an allow-list of ours,
 * for the machine's own architecture alone, so that {@code int 0x80} and x32 calls are refused as well.
 */
final class Seccomp {
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;

    /** FALLOC_FL_PUNCH_HOLE. */
    private static final long PUNCH_HOLE = 2;

    /** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: none of them may be set. */
    private static final long CLONE_NAMESPACES = 0x7E020000L;

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    /** Read-only uses such as listing interfaces (getifaddrs) go by it; without capabilities it changes nothing. */
    private static final int AF_NETLINK = 16;

    private Seccomp() {}

    /**
     * @param ownKernel for a program with a kernel of its own: what clone3 asks for happens in that one, and gVisor answers
     *     what the filter denies with EPERM, whatever the filter says, on which libraries do not fall back
     */
    static JsonObject profile(boolean ownKernel) {
        JsonArray rules = new JsonArray();
        rules.add(new JsonObject().put("names", new JsonArray(allowed())).put("action", "SCMP_ACT_ALLOW"));
        rules.add(rule("clone", "SCMP_ACT_ALLOW")
                .put("args", new JsonArray().add(argument(0, CLONE_NAMESPACES, 0L, "SCMP_CMP_MASKED_EQ"))));
        for (int domain : new int[] {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}) {
            rules.add(rule("socket", "SCMP_ACT_ALLOW")
                    .put("args", new JsonArray().add(argument(0, domain, null, "SCMP_CMP_EQ"))));
        }
        // Disk that is taken without a byte being written is taken faster than anybody looks. The C library then
        // writes; to give disk back is always allowed. What ioctl does of the same cannot be told here from the rest.
        if (ownKernel) {
            rules.add(rule("fallocate", "SCMP_ACT_ALLOW"));
        } else {
            rules.add(rule("fallocate", "SCMP_ACT_ALLOW").put("args", punchesHole(PUNCH_HOLE)));
            rules.add(rule("fallocate", "SCMP_ACT_ERRNO")
                    .put("errnoRet", EOPNOTSUPP)
                    .put("args", punchesHole(0)));
        }
        // Its flags are in memory, where a filter cannot look: libraries then use clone.
        rules.add(
                ownKernel
                        ? rule("clone3", "SCMP_ACT_ALLOW")
                        : rule("clone3", "SCMP_ACT_ERRNO").put("errnoRet", ENOSYS));
        return new JsonObject()
                .put("defaultAction", "SCMP_ACT_ERRNO")
                .put("defaultErrnoRet", 1)
                .put("architectures", new JsonArray().add(architecture()))
                .put("syscalls", rules);
    }

    private static JsonArray punchesHole(long value) {
        return new JsonArray().add(argument(1, PUNCH_HOLE, value, "SCMP_CMP_MASKED_EQ"));
    }

    private static JsonObject rule(String name, String action) {
        return new JsonObject().put("names", new JsonArray().add(name)).put("action", action);
    }

    private static JsonObject argument(
            int index, long value, @org.jspecify.annotations.Nullable Long valueTwo, String op) {
        JsonObject argument =
                new JsonObject().put("index", index).put("value", value).put("op", op);
        return valueTwo == null ? argument : argument.put("valueTwo", valueTwo);
    }

    static List<String> allowed() {
        try (InputStream in = Seccomp.class.getResourceAsStream("seccomp-allow.txt")) {
            if (in == null) {
                throw new IllegalStateException("seccomp-allow.txt is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> Arrays.stream(line.strip().split("\\s+")))
                    .filter(name -> !name.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> "SCMP_ARCH_X86_64";
            case "aarch64" -> "SCMP_ARCH_AARCH64";
            default ->
                throw new IllegalStateException(
                        "os.arch: " + System.getProperty("os.arch") + " (expected: amd64 or aarch64)");
        };
    }
}
