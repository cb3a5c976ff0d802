package dev.mayfly.builders.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What programs of the machine are told by the environment of who starts them. */
final class CommandEnvironmentIT {
    private static final Map<String, String> HOSTILE = Map.of(
            "BASH_ENV", "/x",
            "NODE_OPTIONS", "--require=/x",
            "PYTHONPATH", "/x",
            "PERL5OPT", "-Mx",
            "TAR_OPTIONS", "--checkpoint-action=exec=x",
            "MAYFLY_DATABASE_PASSWORD", "secret");

    /** Nothing that makes a shell, an interpreter or the loader run something else, nor this server's secrets. */
    @Test
    void aProgramFindsNothingOfOurEnvironmentThatItDoesNotNeed() throws Exception {
        ProcessBuilder server = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Starter.class.getName());
        server.environment().putAll(HOSTILE);
        server.environment().put("https_proxy", "http://proxy");
        server.environment().put("NPM_CONFIG_REGISTRY", "http://registry");
        Process process = server.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said)
                .contains("https_proxy=http://proxy", "NPM_CONFIG_REGISTRY=http://registry", "OWN=own", "PATH=")
                .doesNotContain(HOSTILE.keySet());
    }

    /** Stands for the server: starts a program that prints what it finds. */
    static final class Starter {
        private Starter() {}

        public static void main(String[] arguments) throws Exception {
            TiedCommand.builder(List.of("env"), Map.of("OWN", "own"))
                    .inheritIO()
                    .start()
                    .waitFor();
        }
    }
}
