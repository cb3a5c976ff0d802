package dev.mayfly.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shims with their functions: what is called, and what is answered when that fails. */
@Timeout(60)
final class ShimIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void aPlainHandlerIsCalled(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.bound(folder, language, "greet", "http", Map.of())) {
            assertThat(shim.ready()).startsWith("HTTP/1.1 200");
            assertThat(shim.get("/?name=a%20b")).startsWith("HTTP/1.1 200").endsWith("Hello, a b");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void whatCannotBeLoadedSaysWhy(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.bound(folder, language, "nosuch", "http", Map.of())) {
            assertThat(shim.ready()).startsWith("HTTP/1.1 500").containsIgnoringCase("nosuch");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void aFunctionThatFailsAnswers500AndGoesOn(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.bound(folder, language, "greet", "http", Map.of())) {
            assertThat(shim.get("/?name=fail")).startsWith("HTTP/1.1 500");
            assertThat(shim.get("/?name=on")).endsWith("Hello, on");
            assertThat(shim.output()).contains("as asked");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java", "cgi"})
    void anIsolationThatIsNoneIsRefused(String language) throws Exception {
        Map<String, String> env = Map.of("MAYFLY_ISOLATION", "sometimes");
        try (ShimProcess shim = ShimProcess.bound(folder, language, "greet", "http", env)) {
            assertThat(shim.exitCode()).isNotZero();
            assertThat(shim.output()).contains("MAYFLY_ISOLATION: 'sometimes' (expected: request or release)");
        }
    }

    @Test
    void anAnswerThatCannotBeSentIsAFailure() throws Exception {
        try (ShimProcess shim = ShimProcess.bound(folder, "java", "headers", "http", Map.of())) {
            assertThat(shim.get("/")).startsWith("HTTP/1.1 500");
            assertThat(shim.output()).contains("its answer cannot be sent: header field 'a b'");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void callersAreNotToldWhyItCannotBeLoaded(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.bound(folder, language, "nosuch", "http", Map.of())) {
            assertThat(shim.get("/")).startsWith("HTTP/1.1 500").endsWith("The function could not be loaded.\n");
        }
    }
}
