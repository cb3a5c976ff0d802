package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A connection to an instance is used again only after its request was written whole and its answer was read whole; else it is
 * closed. Proved by the bytes that reach a raw instance, on both event loops: what a caller does to its connection is never
 * seen by those who come after it.
 */
final class ReuseIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";

    /** Enough to meet every instance name of the fake pool on both event loops. */
    private static final int OTHERS = 12;

    private final Gateway gateway = Gateway.start();

    @TempDir
    private Path folder;

    private void serve(boolean unix, RawInstance.Script script) throws IOException {
        if (unix) {
            gateway.rawOn(folder.resolve("s"), script);
        } else {
            gateway.raw(script);
        }
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    /** A correct server: what asks for {@code /early} is answered before its body is read, and the body is read nevertheless. */
    private static void correct(RawInstance.Talk talk) throws IOException {
        for (String head = talk.head(); head != null; head = talk.head()) {
            String target = head.split(" ")[1];
            if (target.equals("/early")) {
                talk.say(RawInstance.ok(target));
            }
            if (!talk.body(head)) {
                return;
            }
            if (!target.equals("/early")) {
                talk.say(RawInstance.ok(target));
            }
        }
    }

    /** Others come, each with a body that reads like a request, and each gets its own answer. */
    private void othersAreWell() throws IOException {
        String body = "GET /forged HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n".repeat(10);
        for (int i = 0; i < OTHERS; i++) {
            try (RawClient other = gateway.client()) {
                other.send("POST /other" + i + " HTTP/1.1\r\n" + HOST + "Content-Length: " + body.length() + "\r\n\r\n"
                        + body);
                assertThat(other.answer().text()).isEqualTo("/other" + i);
            }
        }
        assertThat(gateway.instance().requests())
                .doesNotContain("GET /forged")
                .containsAll(IntStream.range(0, OTHERS)
                        .mapToObj(i -> "POST /other" + i)
                        .toList());
    }

    static Stream<Arguments> owedBodies() {
        List<Arguments> all = new ArrayList<>();
        for (boolean unix : new boolean[] {false, true}) {
            for (boolean leaves : new boolean[] {false, true}) {
                all.add(Arguments.of("Content-Length: 300\r\n", "ten bytes.", unix, leaves));
                all.add(Arguments.of("Content-Length: 300000\r\n", "x".repeat(100_000), unix, leaves));
                all.add(Arguments.of("Transfer-Encoding: chunked\r\n", "12c\r\nten bytes.", unix, leaves));
                all.add(Arguments.of("Transfer-Encoding: chunked\r\n", "5\r\nwhole\r\n", unix, leaves));
                all.add(Arguments.of("Content-Length: 300\r\nExpect: 100-continue\r\n", "", unix, leaves));
                all.add(Arguments.of("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n", "", unix, leaves));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("owedBodies")
    void aBodyThatIsOwedIsPaidByNobodyElse(String framing, String part, boolean unix, boolean leaves) throws Exception {
        serve(unix, ReuseIT::correct);
        try (RawClient hostile = gateway.client()) {
            hostile.send("POST /early HTTP/1.1\r\n" + HOST + framing + "\r\n" + part);
            RawClient.Answer answer = hostile.answer();
            if (answer.status() == 100) {
                answer = hostile.answer();
            }
            assertThat(answer.text()).isEqualTo("/early");
            assertThat(answer.header("connection")).isEqualTo("close");
            if (leaves) {
                hostile.abort();
            }
            othersAreWell();
        }
        assertThat(gateway.instance().talks().getFirst().requests).containsExactly("POST /early");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionWhoseAnswerBeganBeforeItsRequestWasWholeIsNotUsedAgain(boolean unix) throws Exception {
        CountDownLatch whole = new CountDownLatch(1);
        serve(unix, talk -> {
            String head = talk.head();
            if (head != null && head.contains(" /early ")) {
                talk.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
                talk.body(head);
                whole.countDown();
                talk.say("lf");
                correct(talk);
            } else if (head != null && talk.body(head)) {
                talk.say(RawInstance.ok(head.split(" ")[1]));
                correct(talk);
            }
        });
        try (RawClient hostile = gateway.client()) {
            hostile.send("POST /early HTTP/1.1\r\n" + HOST + "Content-Length: 8\r\n\r\nhalf");
            assertThat(hostile.line()).contains("200");
            hostile.send("body");
            whole.await();
            othersAreWell();
        }
        assertThat(gateway.instance().talks().getFirst().requests).containsExactly("POST /early");
    }

    static Stream<Arguments> answersTooLong() {
        String forged = RawInstance.ok("forged");
        return Stream.of(false, true)
                .flatMap(unix -> Stream.of(
                        Arguments.of("GET", unix, RawInstance.ok("/odd") + "and more"),
                        Arguments.of("GET", unix, RawInstance.ok("/odd") + "\r\n"),
                        Arguments.of("GET", unix, RawInstance.ok("/odd") + "H"),
                        Arguments.of("GET", unix, RawInstance.ok("/odd") + forged),
                        Arguments.of("GET", unix, RawInstance.ok("/odd") + forged.substring(0, 30)),
                        Arguments.of(
                                "GET",
                                unix,
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n/odd\r\n0\r\n\r\n" + forged),
                        Arguments.of("HEAD", unix, RawInstance.ok("/odd")),
                        Arguments.of("HEAD", unix, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n" + forged),
                        Arguments.of("GET", unix, "HTTP/1.1 204 No Content\r\nContent-Length: 60\r\n\r\n" + forged),
                        Arguments.of("GET", unix, "HTTP/1.1 304 Not Modified\r\n\r\n" + forged)));
    }

    @ParameterizedTest
    @MethodSource("answersTooLong")
    void whatComesBehindAnAnswerIsNobodysAnswer(String method, boolean unix, String answer) throws Exception {
        serve(unix, talk -> {
            for (String head = talk.head(); head != null; head = talk.head()) {
                talk.body(head);
                String target = head.split(" ")[1];
                talk.say(target.equals("/odd") ? answer : RawInstance.ok(target));
            }
        });
        try (RawClient first = gateway.client()) {
            first.send(method + " /odd HTTP/1.1\r\n" + HOST + "\r\n");
            RawClient.Answer odd = first.answer(method.equals("HEAD"));
            assertThat(odd).isNotNull().extracting(RawClient.Answer::status).isIn(200, 204, 304);
            othersAreWell();
        }
        assertThat(gateway.instance().talks().getFirst().requests).containsExactly(method + " /odd");
        assertThat(gateway.leases.broken()).isZero();
    }

    /** Whole answers, halves that a reader may keep for the next one, and what it may pass over. */
    static Stream<Arguments> piecesTooLate() {
        String get = "GET";
        String odd = RawInstance.ok("/odd");
        return Stream.of(false, true)
                .flatMap(unix -> Stream.of(
                        Arguments.of(get, odd, RawInstance.ok("forged"), unix),
                        Arguments.of(get, odd, "HTTP/1.1 200 OK\r\nX-Forged: yes\r\n", unix),
                        Arguments.of(get, odd, "HTTP/1.1 200 OK\r\nX-Forged: y", unix),
                        Arguments.of(get, odd, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", unix),
                        Arguments.of(get, odd, "HTTP/1.1 103 Early Hints\r\n\r\n", unix),
                        Arguments.of(get, odd, "H", unix),
                        Arguments.of(get, odd, "\r\n", unix),
                        Arguments.of(get, odd, "\n", unix),
                        Arguments.of(get, odd, " ", unix),
                        // An app that forgets that HEAD has no body, and writes it in a packet of its own.
                        Arguments.of(
                                "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n", "{\"error\":\"x\"}", unix)));
    }

    @ParameterizedTest
    @MethodSource("piecesTooLate")
    void whatComesLongAfterAnAnswerIsNobodysAnswer(String method, String answer, String piece, boolean unix)
            throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        CountDownLatch said = new CountDownLatch(1);
        serve(unix, talk -> {
            String head = talk.head();
            if (head != null && head.contains(" /odd ")) {
                talk.say(answer);
                answered.await();
                talk.say(piece);
                said.countDown();
                correct(talk);
            } else if (head != null && talk.body(head)) {
                talk.say(RawInstance.ok(head.split(" ")[1]));
                correct(talk);
            }
        });
        try (RawClient first = gateway.client()) {
            first.send(method + " /odd HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(first.answer(method.equals("HEAD")))
                    .isNotNull()
                    .extracting(RawClient.Answer::status)
                    .isEqualTo(200);
            answered.countDown();
            said.await();
            // At once, so that nothing gives the event loops time to look.
            othersAreWell();
        }
        assertThat(gateway.instance().talks().getFirst().requests).containsExactly(method + " /odd");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionIsUsedAgainAfterAWholeExchange(boolean unix) throws Exception {
        serve(unix, ReuseIT::correct);
        try (RawClient client = gateway.client()) {
            for (int i = 0; i < 30; i++) {
                client.send(
                        i % 2 == 0
                                ? "GET /" + i + " HTTP/1.1\r\n" + HOST + "\r\n"
                                : "POST /" + i + " HTTP/1.1\r\n" + HOST + "Content-Length: 4\r\n\r\nbody");
                assertThat(client.answer().text()).isEqualTo("/" + i);
            }
        }
        assertThat(gateway.instance().talks()).as("30 calls").hasSizeLessThan(15);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionThatItsInstanceHasClosedIsNotAsked(boolean unix) throws Exception {
        serve(unix, talk -> {
            String head = talk.head();
            if (head != null) {
                talk.say(RawInstance.ok(head.split(" ")[1]));
            }
        });
        try (RawClient client = gateway.client()) {
            for (int i = 0; i < 60; i++) {
                client.send("GET /" + i + " HTTP/1.1\r\n" + HOST + "\r\n");
                assertThat(client.answer().text()).isEqualTo("/" + i);
                Wait.until(
                        "the instance has closed it",
                        () -> gateway.instance().talks().stream().allMatch(talk -> talk.closed));
            }
        }
        assertThat(gateway.leases.broken()).isZero();
    }

    @Test
    void informationalAnswersAreNoAnswers() throws Exception {
        serve(false, talk -> {
            for (String head = talk.head(); head != null; head = talk.head()) {
                talk.body(head);
                talk.say("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
                talk.say(RawInstance.ok(head.split(" ")[1]));
            }
        });
        othersAreWell();
    }

    @Test
    void informationalAnswersWithoutEndAreNoHttp() throws Exception {
        serve(false, talk -> {
            talk.head();
            while (true) {
                talk.say("HTTP/1.1 103 Early Hints\r\n\r\n");
            }
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n")
                            .answer()
                            .status())
                    .isEqualTo(502);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Connection: upgrade\r\nUpgrade: x\r\n\r\nbytes",
                "Connection: upgrade\r\nUpgrade: x\r\n\r\n",
                "Upgrade: x\r\n\r\n",
                "Upgrade: HTTP/1.1\r\n\r\n",
                "\r\n"
            })
    void anUpgradeThatNobodyAskedForIsNoAnswerAndItsConnectionServesNobodyElse(String rest) throws Exception {
        serve(false, talk -> {
            String head = talk.head();
            if (head != null && head.startsWith("GET /odd ")) {
                talk.say("HTTP/1.1 101 Switching Protocols\r\n" + rest);
                correct(talk);
            } else if (head != null && talk.body(head)) {
                talk.say(RawInstance.ok(head.split(" ")[1]));
                correct(talk);
            }
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send("GET /odd HTTP/1.1\r\n" + HOST + "\r\n")
                            .answer()
                            .status())
                    .isEqualTo(502);
            othersAreWell();
        }
        assertThat(gateway.instance().talks().getFirst().requests).containsExactly("GET /odd");
        assertThat(gateway.leases.broken()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTunnelPassesWhatCameWithTheUpgradeAndItsConnectionServesNobodyElse(boolean unix) throws Exception {
        serve(unix, talk -> {
            String head = talk.head();
            if (head != null && head.startsWith("GET /tunnel")) {
                talk.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nfirst");
                while (!talk.ended()) {
                    talk.say(".");
                }
            } else if (head != null && talk.body(head)) {
                talk.say(RawInstance.ok(head.split(" ")[1]));
                correct(talk);
            }
        });
        try (RawClient client = gateway.client()) {
            client.send("GET /tunnel HTTP/1.1\r\n" + HOST + "Connection: upgrade\r\nUpgrade: x\r\n\r\n");
            assertThat(client.answer().status()).isEqualTo(101);
            assertThat(client.read(5)).asString().isEqualTo("first");
            client.send("abc");
            assertThat(client.read(3)).asString().isEqualTo("...");
            client.abort();
            othersAreWell();
        }
        assertThat(gateway.instance().talks().getFirst().requests).containsExactly("GET /tunnel");
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
    }
}
