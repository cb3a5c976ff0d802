package dev.mayfly.builders.engine.toml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parses in a process of its own, whose heap is hardly larger than what parsing one text may hold. */
final class HostileTomlIT {
    /** Of a machine that other tests keep busy; before there were limits one text took hours. */
    private static final Duration EACH_MAX = Duration.ofSeconds(20);

    /** What a Java that does nothing needs of its heap. */
    private static final int JAVA_BYTES = 8 * 1024 * 1024;

    @TempDir
    Path temp;

    @Test
    void noTextTakesMoreMemoryOrTimeThanItMay() throws Exception {
        Path output = temp.resolve("output");
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx" + (BoundedToml.PARSING_BYTES_MAX + JAVA_BYTES),
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HostileTomlIT.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            assertThat(Files.readString(output)).as("ended: " + ended).endsWith("all\n");
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    public static void main(String[] arguments) {
        for (Map.Entry<String, String> each : HostileToml.all().entrySet()) {
            long began = System.nanoTime();
            String end = "taken";
            try {
                BoundedToml.parse(each.getValue());
            } catch (BoundedToml.Wrong e) {
                end = "refused: " + e.getMessage();
            }
            long millis = (System.nanoTime() - began) / 1_000_000;
            System.out.println(each.getKey() + ": " + millis + " ms, " + end);
            if (millis > EACH_MAX.toMillis()) {
                System.exit(1);
            }
        }
        System.out.println("all");
    }
}
