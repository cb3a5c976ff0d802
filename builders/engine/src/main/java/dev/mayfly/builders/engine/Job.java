package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.builders.api.BuildRequest;
import dev.mayfly.builders.engine.manifest.Manifest;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** One build on its way through the phases. */
record Job(BuildRequest request, BuildOutput output, BuildFolder folder, Manifest manifest) {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** The environment that every program of a build starts from. */
    Map<String, String> environment(EngineParts parts) {
        Map<String, String> env = new TreeMap<>();
        env.put("PATH", PATH);
        env.put("LANG", "C.UTF-8");
        env.put("HOME", BuildFolder.HOME);
        env.put("TMPDIR", BuildFolder.TEMP);
        env.put("CNB_PLATFORM_DIR", BuildFolder.PLATFORM);
        env.put("CNB_PLATFORM_API", "0.15");
        env.put("CNB_EXEC_ENV", "production");
        env.put("CNB_TARGET_OS", "linux");
        env.put("CNB_TARGET_ARCH", "aarch64".equals(System.getProperty("os.arch")) ? "arm64" : "amd64");
        env.put("CNB_TARGET_DISTRO_NAME", "debian");
        env.put("CNB_TARGET_DISTRO_VERSION", "13");
        env.put("MAYFLY_KIND", manifest.spec().kind().name().toLowerCase(Locale.ROOT));
        env.put("MAYFLY_MEMORY_MIB", String.valueOf(manifest.spec().limits().memoryMib()));
        manifest.function().ifPresent(function -> {
            env.put("MAYFLY_FUNCTION_TARGET", function.target());
            env.put("MAYFLY_FUNCTION_SIGNATURE", function.signature().wireName());
            function.source().ifPresent(source -> env.put("MAYFLY_FUNCTION_SOURCE", source));
        });
        env.putAll(parts.network().environment(BuildFolder.NETWORK));
        return env;
    }

    /** The environment that every process of the image starts from. */
    Map<String, String> launchEnvironment() {
        Map<String, String> env = new TreeMap<>();
        env.put("PATH", PATH);
        env.put("LANG", "C.UTF-8");
        env.put("HOME", "/tmp");
        return env;
    }

    String sandboxId(String phase) {
        return request.id().toLowerCase(Locale.ROOT) + "_" + phase;
    }
}
