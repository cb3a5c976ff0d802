package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppName;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.TenantName;
import dev.mayfly.model.Warmth;
import dev.mayfly.pool.api.GenericRuntime;
import dev.mayfly.pool.api.ReleaseToRun;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BindMessageTest {
    private static final GenericRuntime PYTHON = new GenericRuntime(
            "key",
            List.of(Path.of("/base")),
            new ProcessSpec(
                    List.of("python3", "/layers/f/shim/shim.py", "--generic"),
                    Map.of("PATH", "/python/bin:/bin", "PYTHONUNBUFFERED", "1"),
                    "/workspace"),
            Optional.empty());
    private static final List<String> ARGV = List.of("python", "/layers/f/shim/shim.py", "main.py", "greet", "http");
    private static final Map<String, String> ENV = Map.of("PATH", "/venv/bin:/bin", "PYTHONUNBUFFERED", "1");

    private static ReleaseToRun release(List<String> argv, Map<String, String> env, Map<String, String> config) {
        return new ReleaseToRun(
                new ReleaseRef(new AppRef(new TenantName("acme"), new AppName("greeter")), 3),
                "sha256:0",
                new ProcessSpec(argv, env, "/workspace"),
                config,
                new AppSpec(
                        AppKind.FUNCTION,
                        EgressPolicy.NONE,
                        Limits.DEFAULTS,
                        Optional.empty(),
                        Optional.empty(),
                        Isolation.REQUEST,
                        Warmth.DEFAULTS));
    }

    private static boolean fits(ReleaseToRun release) {
        return BindMessage.fits(PYTHON, release, List.of());
    }

    @Test
    void theMessageSaysWhatAStartWouldHaveSaid() {
        JsonObject message =
                new JsonObject(BindMessage.of(PYTHON, release(ARGV, ENV, Map.of("GREETING", "h\"i", "PATH", "/own"))));
        assertThat(message.getJsonArray("argv")).isEqualTo(new JsonArray(List.of("main.py", "greet", "http")));
        assertThat(message.getString("cwd")).isEqualTo("/workspace");
        assertThat(message.getJsonObject("env").getMap())
                .isEqualTo(Map.of(
                        "PATH", "/own",
                        "HOME", "/tmp",
                        "LANG", "C.UTF-8",
                        "PYTHONUNBUFFERED", "1",
                        "GREETING", "h\"i",
                        "MAYFLY_APP", "greeter",
                        "MAYFLY_RELEASE", "v3",
                        "MAYFLY_ISOLATION", "request",
                        "MAYFLY_SOCKET", "fd:0"));
    }

    @Test
    void aReleaseOfTheSameShimFits() {
        assertThat(fits(release(ARGV, ENV, Map.of("PYTHONPATH", "lib", "TZ", "Asia/Tokyo"))))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "LD_PRELOAD, own.so",
        "PYTHONHASHSEED, 0",
        "PYTHONUNBUFFERED, ''",
        "NODE_OPTIONS, --max-old-space-size=100",
        "MALLOC_ARENA_MAX, 2",
        "LANG, de_DE.UTF-8",
        "LC_ALL, C.UTF-8",
        "SSL_CERT_FILE, own.pem",
    })
    void whatIsReadAtAStartOnlyDoesNotFit(String name, String value) {
        assertThat(fits(release(ARGV, ENV, Map.of(name, value)))).isFalse();
    }

    @Test
    void librariesOfItsOwnDoNotFit(@TempDir Path layer) throws IOException {
        ReleaseToRun release = release(ARGV, ENV, Map.of("LD_LIBRARY_PATH", "/own/lib"));
        assertThat(BindMessage.fits(PYTHON, release, List.of(layer))).isTrue();
        Files.createDirectories(layer.resolve("own/lib"));
        Files.createFile(layer.resolve("own/lib/libown.so"));
        assertThat(BindMessage.fits(PYTHON, release, List.of(layer))).isFalse();
    }

    @Test
    void anotherDirectoryDoesNotFit() {
        ReleaseToRun release = release(ARGV, ENV, Map.of());
        ReleaseToRun elsewhere = new ReleaseToRun(
                release.release(), release.image(), new ProcessSpec(ARGV, ENV, "/tmp"), Map.of(), release.spec());
        assertThat(fits(elsewhere)).isFalse();
    }

    @Test
    void whatTheBaseSaysAnywayFits() {
        assertThat(fits(release(ARGV, ENV, Map.of("LANG", "C.UTF-8")))).isTrue();
    }

    @Test
    void whatTheRuntimeAloneHasDoesNotFit() {
        assertThat(fits(release(ARGV, Map.of("PATH", "/bin"), Map.of()))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"python", "python /layers/f/shim/shim.py", "python /other/shim.py main.py greet http"})
    void anotherCommandDoesNotFit(String command) {
        assertThat(fits(release(List.of(command.split(" ")), ENV, Map.of()))).isFalse();
    }
}
