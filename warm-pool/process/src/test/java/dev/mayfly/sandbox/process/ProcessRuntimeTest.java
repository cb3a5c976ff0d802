package dev.mayfly.sandbox.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.SandboxSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessRuntimeTest {
    /** Not by the server's own, which has another program of that name. */
    @Test
    void findsTheProgramByThePathThatItGets(@TempDir Path folder) throws Exception {
        Path program = Files.writeString(folder.resolve("cat"), "#!/bin/sh\necho mine\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        var sandbox = new ProcessRuntime()
                .start(new SandboxSpec(
                        "ins_1",
                        "local",
                        List.of(folder),
                        List.of("cat"),
                        Map.of("PATH", folder + ":/usr/bin:/bin"),
                        "/",
                        20_000,
                        new SandboxSpec.SandboxLimits(64, 1, 32, 16),
                        List.of(),
                        EgressPolicy.OPEN,
                        (_, line) -> lines.add(line)));
        assertThat(sandbox.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        assertThat(lines).containsExactly("mine");
        assertThat(sandbox.destroy()).isEmpty();
    }
}
