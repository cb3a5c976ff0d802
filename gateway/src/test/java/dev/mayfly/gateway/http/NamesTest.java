package dev.mayfly.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.http.Names.Kind;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NamesTest {
    @ParameterizedTest
    @CsvSource({
        "Host, HOST",
        "Content-Length, CONTENT_LENGTH",
        "TRANSFER-ENCODING, TRANSFER_ENCODING",
        "connection, CONNECTION",
        "Upgrade, UPGRADE",
        "Expect, EXPECT",
        "X-Request-Id, REQUEST_ID",
        "traceparent, TRACE_PARENT",
        "Cookie, PLAIN",
        "Hosts, PLAIN",
        "Te-st, PLAIN",
        "X-Forward, PLAIN",
        "Proxied, PLAIN"
    })
    void aFieldMeansWhatItsNameSays(String name, Kind kind) {
        assertThat(Names.ofRequest(name)).isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP2-Settings",
                "Keep-Alive",
                "TE",
                "Trailer",
                "Forwarded",
                "Mayfly-Start",
                "X-Mayfly-Anything",
                "Proxy",
                "Proxy-Connection",
                "Proxy-Authorization",
                "Proxy-Authenticate",
                "X-Forwarded-For",
                "X-Real-IP",
                "X-Original-URL",
                "X-Rewrite-URL"
            })
    void whatIsForOneHopOrOursToSayIsDropped(String name) {
        assertThat(Names.ofRequest(name)).isEqualTo(Kind.DROPPED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Content_Length", "transfer_Encoding", "X_Forwarded_For", "x-forwarded_proto", "X_Request-Id"})
    void anUnderscoreIsNoWayRoundIt(String name) {
        assertThat(Names.ofRequest(name)).isEqualTo(Kind.DROPPED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Connection",
                "Keep-Alive",
                "Transfer-Encoding",
                "TE",
                "Upgrade",
                "Proxy-Connection",
                "Mayfly-X"
            })
    void someFieldsOfAnAnswerStopHere(String name) {
        assertThat(Names.stopsInAnswer(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length", "Set-Cookie", "Trailer", "Keep", "Upgrade-Insecure-Requests", "Proxy"})
    void allOthersReachTheCaller(String name) {
        assertThat(Names.stopsInAnswer(name)).isFalse();
    }
}
