package dev.mayfly.functions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Spoilt requests and answers, against the CGI shim built with sanitizers. */
@Timeout(300)
final class CgiFuzzIT {
    private static final int INPUTS = 50_000;
    private static final int REQUESTS = 200;
    private static final String SANITIZERS = "-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all";
    private static final List<String> PARSERS =
            List.of("answer", "body", "connection", "head", "reasons", "refusal", "text", "variables");
    private static final String CHUNKED =
            "POST /a%20b?c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";

    private final long seed = System.nanoTime();

    @TempDir
    Path folder;

    @Test
    void noBytesHurtTheParsers() throws Exception {
        Path program = folder.resolve("parsers");
        List<String> command = new ArrayList<>(List.of("cc", "-std=gnu11", "-DDRIVER", "-Isrc/main/c/cgi"));
        command.addAll(List.of(SANITIZERS.split(" ")));
        command.add("src/fuzz/parsers.c");
        PARSERS.forEach(each -> command.add("src/main/c/cgi/" + each + ".c"));
        command.addAll(List.of("-o", program.toString()));
        assertThat(run(command, Map.of())).isEmpty();
        assertThat(run(List.of(program.toString(), String.valueOf(INPUTS), String.valueOf(seed)), Map.of()))
                .as("seed %d", seed)
                .isEqualToIgnoringWhitespace(INPUTS + " inputs");
    }

    @Test
    void aRealShimOutlivesSpoiltRequests() throws Exception {
        Path built = folder.resolve("built");
        Map<String, String> env = Map.of("OUT", built.toString(), "FLAGS", SANITIZERS, "CI", "true");
        assertThat(run(List.of("src/main/c/cgi/build.sh"), env)).isEmpty();
        Random random = new Random(seed);
        String text = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s' \"$PATH_INFO\"; cat\n";
        try (ShimProcess shim = ShimProcess.program(folder, built.resolve("mayfly-cgi"), text)) {
            for (int i = 0; i < REQUESTS; i++) {
                byte[] spoilt = CHUNKED.getBytes(StandardCharsets.ISO_8859_1);
                for (int spoils = random.nextInt(4); spoils > 0; spoils--) {
                    spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt(128);
                }
                shim.tellOnly(new String(spoilt, StandardCharsets.ISO_8859_1));
            }
            assertThat(shim.ask(CHUNKED))
                    .as("seed %d", seed)
                    .startsWith("HTTP/1.1 200")
                    .contains("/a b");
            assertThat(shim.output())
                    .as("seed %d", seed)
                    .doesNotContain("Sanitizer")
                    .doesNotContain("runtime error");
        }
    }

    private String run(List<String> command, Map<String, String> env) throws IOException, InterruptedException {
        Path output = folder.resolve("said");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(env);
        assertThat(builder.start().waitFor())
                .as("seed %d: %s", seed, Files.readString(output))
                .isZero();
        return Files.readString(output);
    }
}
