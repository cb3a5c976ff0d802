package dev.mayfly.builders.buildpacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/build} for programs, run as the engine runs it. */
final class FunctionCgiTest {
    private record Result(int status, String output) {}

    @TempDir
    Path temp;

    private Path pack;
    private Path app;
    private Path layers;

    @BeforeEach
    void write() throws IOException {
        BuiltIn.writeTo(temp.resolve("packs"));
        pack = temp.resolve("packs/function-cgi");
        app = temp.resolve("app");
        Files.createDirectories(app.resolve("bin"));
        layers = Files.createDirectory(temp.resolve("layers"));
    }

    @Test
    void theShimIsPutBeforeTheProgram() throws Exception {
        executable("bin/handler");
        Result result = build("bin/handler");
        assertThat(result.status()).as(result.output()).isZero();
        assertThat(layers.resolve("shim/mayfly-cgi")).isExecutable();
        assertThat(layers.resolve("launch.toml"))
                .content()
                .contains("command = [\"" + layers + "/shim/mayfly-cgi\", \"./bin/handler\"]");
    }

    @Test
    void aProgramThatIsNotThereIsNamedWithThoseThatAre() throws Exception {
        executable("bin/cgi-go");
        Result result = build("bin/handler");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output())
                .contains("function.target: bin/handler is not there (expected: ")
                .contains("for instance: bin/cgi-go");
    }

    @Test
    void aProgramThatCannotBeRunIsRefused() throws Exception {
        Files.writeString(app.resolve("handler.sh"), "#!/bin/sh\n");
        Result result = build("handler.sh");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).contains("handler.sh is not executable (expected: chmod +x handler.sh");
    }

    @Test
    void withoutAShimItIsSaidWhatTheServerLacks() throws Exception {
        executable("handler.sh");
        Files.delete(pack.resolve("shim/mayfly-cgi"));
        Result result = build("handler.sh");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.output()).contains("without a C compiler (expected: gcc and libc6-dev");
    }

    private void executable(String name) throws IOException {
        Files.writeString(app.resolve(name), "#!/bin/sh\n");
        assertThat(app.resolve(name).toFile().setExecutable(true)).isTrue();
    }

    private Result build(String target) throws IOException, InterruptedException {
        Path output = temp.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(pack.resolve("bin/build").toString())
                .directory(app.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH", Objects.requireNonNull(System.getenv("PATH")),
                        "CNB_LAYERS_DIR", layers.toString(),
                        "CNB_BUILDPACK_DIR", pack.toString(),
                        "MAYFLY_FUNCTION_TARGET", target,
                        "MAYFLY_FUNCTION_SIGNATURE", "cgi"));
        int status = builder.start().waitFor();
        return new Result(status, Files.readString(output));
    }
}
