package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCommandsTest {
    @Test
    void whatAToolSaysAndHowItEndedIsTold() throws InterruptedException {
        HostCommands.Result result = HostCommands.attempt("heard", List.of("sh", "-c", "cat; exit 3"));
        assertThat(result).isEqualTo(new HostCommands.Result(3, "heard"));
    }

    @Test
    void aToolThatHangsWithOpenOutputIsEnded() {
        assertThatThrownBy(() -> HostCommands.attempt("", List.of("sleep", "600"), Duration.ofMillis(100)))
                .hasMessageContaining("still ran after 100 ms");
    }

    @Test
    void aToolsChildrenDoNotKeepTheWaitAlive() {
        assertThatThrownBy(
                        () -> HostCommands.attempt("", List.of("sh", "-c", "sleep 600; true"), Duration.ofMillis(100)))
                .hasMessageContaining("still ran after 100 ms");
    }

    /** It is nobody's child any more, so nothing tells whose it was. Whether its output is waited for is a matter of which is first. */
    @Test
    void aChildThatAToolLeavesBehindDoesNotKeepTheWaitAlive() throws Exception {
        long begin = System.nanoTime();
        try {
            List<String> tool = List.of("sh", "-c", "sleep 120 & exit 3");
            assertThat(HostCommands.attempt("", tool, Duration.ofMillis(300)).exit())
                    .isEqualTo(3);
        } catch (MayflyException e) {
            assertThat(e).hasMessageContaining("still ran after 300 ms");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(60));
    }

    @Test
    void aToolThatDoesNotReadWhatItIsGivenIsEnded() {
        assertThatThrownBy(() ->
                        HostCommands.attempt("x".repeat(1 << 20), List.of("sleep", "600"), Duration.ofMillis(300)))
                .hasMessageContaining("still ran after 300 ms");
    }

    @Test
    void aToolRunsInTheFolderThatIsNamed(@TempDir Path folder) throws Exception {
        assertThat(HostCommands.runIn(folder, "pwd").strip())
                .isEqualTo(folder.toRealPath().toString());
    }

    @Test
    void aToolThatPrintsWithoutEndIsEnded() {
        assertThatThrownBy(() -> HostCommands.attempt("", List.of("yes"))).hasMessageContaining("printed more than");
    }
}
