package dev.mayfly.builders.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.builders.api.BuildRequest;
import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.builders.api.SourceTree;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.RunOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole builds; what their sandboxes do is played. */
final class EngineTest {
    @TempDir
    Path temp;

    private final List<String> log = new ArrayList<>();
    private PlayedSandbox sandbox;
    private Engine engine;

    @BeforeEach
    void open() throws IOException {
        sandbox = new PlayedSandbox();
        engine = PlayedSandbox.engine(temp, sandbox);
    }

    @Test
    void whatWasMadeIsAnImage() throws Exception {
        assertThat(build("")).isInstanceOfSatisfying(BuildResult.Built.class, built -> {
            assertThat(built.processes())
                    .extractingByKey("web")
                    .satisfies(web -> assertThat(web.argv()).containsExactly("run"));
            assertThat(built.image()).startsWith("sha256:");
        });
    }

    /** 124 is what the program {@code timeout} says, and tests run under it. */
    @Test
    void aStepThatEndsWith124IsNotSaidToHaveTakenTooLong() throws Exception {
        sandbox.building(new RunOutcome.Exited(124));
        assertThat(build(""))
                .isEqualTo(new BuildResult.Failed(ErrorCode.BUILD_FAILED, "build", "Played ended with exit code 124."));
    }

    @Test
    void aStepThatTakesTooLongIsSaidTo() throws Exception {
        sandbox.building(new RunOutcome.TimedOut(Duration.ofMinutes(15)));
        assertThat(build(""))
                .isEqualTo(new BuildResult.Failed(
                        ErrorCode.BUILD_TIMEOUT, "build", "Played took longer than 15 minutes."));
    }

    @Test
    void aStepThatUsesTooMuchMemoryIsSaidTo() throws Exception {
        sandbox.building(new RunOutcome.Killed(RunOutcome.Cause.OUT_OF_MEMORY));
        assertThat(build("")).isInstanceOfSatisfying(BuildResult.Failed.class, failed -> {
            assertThat(failed.code()).isEqualTo(ErrorCode.BUILD_FAILED);
            assertThat(failed.reason()).contains("more memory than it may");
        });
    }

    @Test
    void whatThePlatformKilledIsNotTheAppsFault() {
        sandbox.building(new RunOutcome.Killed(RunOutcome.Cause.RUNTIME_LOST));
        assertThatThrownBy(() -> build(""))
                .isInstanceOfSatisfying(
                        MayflyException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
    }

    @Test
    void detectionThatTakesTooLongIsSaidTo() throws Exception {
        sandbox.detecting(new RunOutcome.TimedOut(Duration.ofSeconds(60)));
        assertThat(build(""))
                .isEqualTo(new BuildResult.Failed(
                        ErrorCode.BUILD_TIMEOUT, "detect", "Detection took longer than 60 seconds."));
    }

    @Test
    void aFieldOfTheManifestThatIsWrongIsNamedWithItsLine() throws Exception {
        assertThat(build("[limits]\nmemory = \"8MiB\""))
                .isEqualTo(new BuildResult.Failed(
                        ErrorCode.MANIFEST_INVALID,
                        "source",
                        "mayfly.toml:2: limits.memory: 8 MiB (expected: 16 to 65536 MiB)"));
    }

    private BuildResult build(String manifest) throws InterruptedException {
        SourceTree tree = new SourceTree() {
            @Override
            public String id() {
                return "0";
            }

            @Override
            public void exportTo(Path directory) throws IOException {
                Files.writeString(directory.resolve("mayfly.toml"), manifest);
            }
        };
        return engine.build(new BuildRequest("bld_1", AppRef.of("acme", "shop"), tree, Map.of(), false), log::add);
    }
}
