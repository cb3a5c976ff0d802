package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which fields of an instance's answer reach a caller: those that HTTP allows, and no more than are looked through quickly. */
final class AnswerFieldsIT {
    private static final String GET = "GET / HTTP/1.1\r\nHost: " + Gateway.HOST + "\r\n\r\n";

    private final Gateway gateway = Gateway.start();

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private RawClient.Answer answerTo(String fields) throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n" + fields + "\r\nbody");
            talk.ended();
        });
        try (RawClient client = gateway.client()) {
            return client.send(GET).answer();
        }
    }

    private static String fields(int count) {
        return IntStream.range(0, count).mapToObj(i -> "a" + i + ": b\r\n").collect(Collectors.joining());
    }

    @Test
    void asManyFieldsAsAreAllowedReachTheCallerButThoseForOneHop() throws Exception {
        RawClient.Answer answer =
                answerTo("Connection: A3, a4,,keep-alive, content-length\r\n" + "Connection: a5\r\n" + fields(197));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("body");
        assertThat(answer.headers()).containsKeys("a0", "a196").doesNotContainKeys("a3", "a4", "a5");
    }

    static Stream<String> refused() {
        return Stream.of(
                fields(200),
                // In 60 KB: each of many names is to be taken out of many fields.
                "Connection: " + "b,".repeat(10_000) + "\r\n" + "c:\r\n".repeat(8_000),
                "a(b): c\r\n",
                "a\"b: c\r\n",
                "a@b: c\r\n",
                "a\u007f: c\r\n",
                "a\u00e4: c\r\n",
                ": c\r\n");
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatHttpDoesNotAllowAndFieldsWithoutNumberAreNoAnswer(String fields) throws Exception {
        RawClient.Answer answer = answerTo(fields);
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.text()).contains("response.invalid");
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
    }

    @Test
    void aNameWithSpacesIsNotWrittenAsItCame() throws Exception {
        RawClient.Answer answer = answerTo("a b: c\r\n");
        assertThat(answer.headers().keySet()).noneMatch(name -> name.contains(" "));
    }
}
