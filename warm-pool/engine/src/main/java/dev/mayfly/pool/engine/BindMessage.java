package dev.mayfly.pool.engine;

import dev.mayfly.model.ProcessSpec;
import dev.mayfly.pool.api.GenericRuntime;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.sandbox.SandboxSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a shim that was started with {@code --generic} is told: which function it is, its environment and its directory. The
 * shims' contract is {@code dev.mayfly.functions.Shims}.
 */
final class BindMessage {
    /** Read when a process starts, and never again: by the loader, the C library, Python, Node or Java. */
    private static final Set<String> READ_AT_START = Set.of(
            "LANG",
            "LANGUAGE",
            "GCONV_PATH",
            "GLIBC_TUNABLES",
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "NODE_OPTIONS",
            "NODE_EXTRA_CA_CERTS",
            "NODE_ICU_DATA",
            "NODE_DEBUG",
            "NODE_V8_COVERAGE",
            "NODE_COMPILE_CACHE",
            "NODE_PENDING_DEPRECATION",
            "NODE_PRESERVE_SYMLINKS",
            "NODE_NO_WARNINGS",
            "OPENSSL_CONF",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
            "UV_THREADPOOL_SIZE");

    private static final List<String> READ_AT_START_PREFIXES = List.of("LD_", "LC_", "MALLOC_", "PYTHON", "_JAVA_");

    /** The shim of Python takes these over when it is bound. */
    private static final Set<String> TAKEN_LATE = Set.of("PYTHONPATH", "PYTHONDONTWRITEBYTECODE");

    private BindMessage() {}

    /**
     * Whether an instance that starts as the runtime and becomes the release is the same as one that starts as the release.
     *
     * @param layers of the release's image, as directories
     */
    static boolean fits(GenericRuntime runtime, ReleaseToRun release, List<Path> layers) {
        List<String> generic = runtime.process().argv();
        List<String> bound = release.process().argv();
        int common = generic.size() - 1; // Its last word stands for the release's own.
        if (common < 1
                || bound.size() <= common
                || !generic.subList(1, common).equals(bound.subList(1, common))
                || !runtime.process().workingDir().equals(release.process().workingDir())) {
            return false;
        }
        Map<String, String> before = runtime.process().env();
        Map<String, String> after = SandboxStarter.environment(release, release.process());
        return new LibraryPath(layers).same(before.get(LibraryPath.VARIABLE), after.get(LibraryPath.VARIABLE))
                && names(before, after)
                        .allMatch(name -> Objects.equals(
                                before.getOrDefault(name, SandboxSpec.BASE_ENV.get(name)),
                                after.getOrDefault(name, SandboxSpec.BASE_ENV.get(name))));
    }

    private static Stream<String> names(Map<String, String> before, Map<String, String> after) {
        return Stream.concat(before.keySet().stream(), after.keySet().stream()).filter(BindMessage::readAtStart);
    }

    private static boolean readAtStart(String name) {
        return !TAKEN_LATE.contains(name)
                && !name.equals(LibraryPath.VARIABLE)
                && (READ_AT_START.contains(name)
                        || READ_AT_START_PREFIXES.stream().anyMatch(name::startsWith));
    }

    /** Only for a release that fits. */
    static String of(GenericRuntime runtime, ReleaseToRun release) {
        ProcessSpec process = release.process();
        Map<String, String> env = new HashMap<>(SandboxSpec.BASE_ENV);
        env.putAll(SandboxStarter.environment(release, process));
        env.put(SandboxStarter.SOCKET_VARIABLE, SandboxStarter.SOCKET_HANDED_ON);
        JsonObject names = new JsonObject();
        env.forEach(names::put);
        List<String> arguments = process.argv()
                .subList(runtime.process().argv().size() - 1, process.argv().size());
        return new JsonObject()
                .put("argv", new JsonArray(arguments))
                .put("env", names)
                .put("cwd", process.workingDir())
                .encode();
    }
}
