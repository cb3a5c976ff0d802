package dev.mayfly.builders.engine.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.CronTimes;
import dev.mayfly.model.Destination;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.WarmWindow;
import dev.mayfly.model.Warmth;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifestReaderTest {
    @Test
    void anEmptyFileMeansTheDefaults() {
        assertThat(read("")).isEqualTo(Manifest.DEFAULTS);
    }

    @Test
    void everythingCanBeSaid() {
        Manifest manifest = read("""
                schema = 1
                kind = "function"
                egress = "none"
                [limits]
                memory = "1GiB"
                io = "50MiB"
                cpus = 0.5
                idle-timeout = "10s"
                [function]
                target = "greet"
                signature = "cloudevent"
                source = "src/index.mjs"
                """);
        assertThat(manifest.spec().kind()).isEqualTo(AppKind.FUNCTION);
        assertThat(manifest.spec().egress()).isEqualTo(EgressPolicy.NONE);
        assertThat(manifest.spec().limits().memoryMib()).isEqualTo(1024);
        assertThat(manifest.spec().limits().ioMib()).hasValue(50);
        assertThat(manifest.spec().limits().cpus()).isEqualTo(0.5);
        assertThat(manifest.spec().limits().idleTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(manifest.spec().limits().pids()).isEqualTo(Limits.DEFAULTS.pids());
        assertThat(manifest.function())
                .hasValueSatisfying(function -> assertThat(function.target()).isEqualTo("greet"));
    }

    @Test
    void aFunctionCanBeAProgram() {
        for (String target : List.of("handler.sh", "bin/a-b_c.2", ".bin/x")) {
            Manifest manifest =
                    read("kind = \"function\"\n[function]\nsignature = \"cgi\"\ntarget = \"" + target + "\"");
            assertThat(manifest.function())
                    .contains(new Manifest.Function(target, Manifest.Signature.CGI, Optional.empty()));
        }
    }

    @Test
    void egressCanBeAList() {
        Manifest manifest = read("""
                egress = [
                  "DB.example.com:5432",
                  "198.51.100.7:443", "[2001:DB8::7]:443",
                  "db.example.com:5432",
                ]
                """);
        assertThat(manifest.spec().egress())
                .isEqualTo(new EgressPolicy.Only(List.of(
                        new Destination("db.example.com", 5432),
                        new Destination("198.51.100.7", 443),
                        new Destination("2001:db8:0:0:0:0:0:7", 443))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com",
                "example.com:0",
                "example.com:65536",
                "example.com:http",
                "https://example.com:443",
                "*.example.com:443",
                "example.com.:443",
                "-a.com:443",
                "a..com:443",
                "a b:443",
                "user@example.com:443",
                "127.1:80",
                "0x7f.1:80",
                "2130706433:80",
                "0x7f000001:80",
                "0177.0.0.1:80",
                "256.1.1.1:80",
                "127.0.0.1:80",
                "169.254.169.254:80",
                "0.0.0.0:80",
                "224.0.0.1:80",
                "2001:db8::7:443",
                "[::1]:443",
                "[::ffff:198.51.100.7]:443",
                "[fe80::1]:443",
                "[fe80::1%eth0]:443",
                "[198.51.100.7]:443",
                "[:]:443",
                ""
            })
    void whatIsNoDestinationIsNamedWithItsLine(String entry) {
        assertThatThrownBy(() -> read("egress = [\n\"good.example:443\",\n\"" + entry + "\"]"))
                .isInstanceOfSatisfying(
                        MayflyException.class,
                        e -> assertThat(e.detail())
                                .startsWith("mayfly.toml:3: egress: '")
                                .contains("(expected: "));
    }

    @Test
    void anEgressListHasALimit() {
        String list = IntStream.rangeClosed(1, 65)
                .mapToObj(i -> "\"h" + i + ".example:443\"")
                .collect(Collectors.joining(","));
        assertThatThrownBy(() -> read("egress = [" + list + "]"))
                .hasMessageContaining("mayfly.toml:1: egress: 65 entries (expected: ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    kind = "job"                                | mayfly.toml:1: kind: 'job'
                    schema = 2                                  | mayfly.toml:1: schema: '2' (expected: 1)
                    egress = "closed"                           | mayfly.toml:1: egress: 'closed' (expected: "open", "none" or a list
                    egress = []                                 | mayfly.toml:1: egress: 0 entries (expected:
                    egress = [1]                                | mayfly.toml:1: egress: '1' (expected:
                    colour = "red"                              | mayfly.toml:1: colour: unknown key
                    [limits]\\nmemory = "lots"                  | mayfly.toml:2: limits.memory: 'lots'
                    [limits]\\nmemory = 5                       | mayfly.toml:2: limits.memory: '5' (expected: a size such as "256MiB"
                    [limits]\\n\\nmemory = "8MiB"               | mayfly.toml:3: limits.memory: 8 MiB
                    [limits]\\nio = "0MiB"                     | mayfly.toml:2: limits.io: 0 MiB (expected: 1 to 65536 MiB a second)
                    [limits]\\nio = "fast"                     | mayfly.toml:2: limits.io: 'fast' (expected: a size
                    [limits]\\ncpus = "two"                     | mayfly.toml:2: limits.cpus: 'two'
                    [limits]\\nidle-timeout = "soon"            | mayfly.toml:2: limits.idle-timeout: 'soon'
                    [limits]\\nmemroy = "1GiB"                  | mayfly.toml:2: limits.memroy: unknown key
                    [function]\\ntarget = "x"                   | mayfly.toml:1: function
                    kind = "function"\\n[function]\\nsource = "../x" | mayfly.toml:3: function.source
                    kind = "function"\\n[function]\\nsignature = "soap" | mayfly.toml:3: function.signature: 'soap' (expected: "http" or "cloudevent" or "cgi")
                    kind = "function"\\n[function]\\nsignature = "cgi" | mayfly.toml:3: function.target: nothing (expected:
                    kind = "function"\\n[function]\\nsignature = "cgi"\\ntarget = "/bin/sh" | mayfly.toml:4: function.target: '/bin/sh' (expected: a program's path
                    kind = "function"\\n[function]\\nsignature = "cgi"\\ntarget = "a/../../x" | mayfly.toml:4: function.target: 'a/../../x' (expected:
                    kind = "function"\\n[function]\\nsignature = "cgi"\\ntarget = ".." | mayfly.toml:4: function.target: '..' (expected:
                    kind = "function"\\n[function]\\nsignature = "cgi"\\ntarget = "bin/" | mayfly.toml:4: function.target: 'bin/' (expected:
                    kind = "function"\\n[function]\\nsignature = "cgi"\\ntarget = "x"\\nsource = "x" | mayfly.toml:5: function.source: 'x' (expected: nothing
                    health-path = "healthz"                     | mayfly.toml:1: health-path
                    kind = web                                  | mayfly.toml:1:
                    isolation = "request"                       | mayfly.toml:1: isolation: 'request' (expected: "release" with kind = "web"
                    isolation = "none"                          | mayfly.toml:1: isolation: 'none' (expected: "request" or "release")
                    kind = "function"\\nisolation = "request"\\n[limits]\\nconcurrency = 5 | mayfly.toml:4: limits.concurrency: '5' (expected: 1 or nothing
                    keep-alive = "long"                         | mayfly.toml:1: keep-alive: 'long' (expected: "learned" or "fixed")
                    warm = 101                                  | mayfly.toml:1: warm: 101 (expected: 0 to 100)
                    warm = "2"                                  | mayfly.toml:1: warm: '2' (expected: a whole number)
                    warm-window = 3                             | mayfly.toml:1: warm-window: '3' (expected: tables
                    [[warm-window]]\\nfor = "1h"               | mayfly.toml:2: warm-window.start: nothing
                    [[warm-window]]\\nstart = "0 8 * * *"      | mayfly.toml:2: warm-window.for: nothing
                    [[warm-window]]\\nstart = "0 25 * * *"\\nfor = "1h" | mayfly.toml:2: warm-window.start: '0 25 * * *' (expected: hour
                    [[warm-window]]\\nstart = "0 8 * * *"\\nfor = "25h" | mayfly.toml:3: warm-window.for: PT25H (expected: 1m to 24h)
                    [[warm-window]]\\nstart = "0 8 * * *"\\nfor = "1h"\\nwarm = 200 | mayfly.toml:4: warm-window.warm: 200 (expected: 0 to 100)
                    [[warm-window]]\\nstart = "0 8 * * *"\\nfor = "1h"\\nzone = "Mars" | mayfly.toml:4: warm-window.zone: 'Mars' (expected: a time zone
                    [[warm-window]]\\nend = "0 8 * * *"        | mayfly.toml:2: warm-window.end: unknown key
                    """)
    void whatIsWrongIsNamedWithItsLine(String text, String expected) {
        assertThatThrownBy(() -> read(text.replace("\\n", "\n")))
                .isInstanceOfSatisfying(
                        MayflyException.class, e -> assertThat(e.detail()).startsWith(expected));
    }

    @Test
    void warmthCanBeSaid() {
        Manifest manifest = read("""
                kind = "function"
                isolation = "request"
                keep-alive = "fixed"
                warm = 1
                [[warm-window]]
                start = "0 8 * * mon-fri"
                for = "10h"
                zone = "Europe/Berlin"
                warm = 5
                [[warm-window]]
                start = "0 0 * * *"
                for = "30m"
                """);
        assertThat(manifest.spec().isolation()).isEqualTo(Isolation.REQUEST);
        assertThat(manifest.spec().concurrency()).isEqualTo(1);
        assertThat(manifest.spec().warmth())
                .isEqualTo(new Warmth(
                        Warmth.Keep.FIXED,
                        1,
                        List.of(
                                new WarmWindow(
                                        CronTimes.parse("0 8 * * mon-fri"),
                                        Duration.ofHours(10),
                                        ZoneId.of("Europe/Berlin"),
                                        5),
                                new WarmWindow(
                                        CronTimes.parse("0 0 * * *"), Duration.ofMinutes(30), ZoneId.of("UTC"), 1))));
    }

    @Test
    void whoNamesAnIdleTimeoutMeansIt() {
        assertThat(read("").spec().warmth().keep()).isEqualTo(Warmth.Keep.LEARNED);
        assertThat(read("[limits]\nidle-timeout = \"10s\"").spec().warmth().keep())
                .isEqualTo(Warmth.Keep.FIXED);
        assertThat(read("keep-alive = \"learned\"\n[limits]\nidle-timeout = \"10s\"")
                        .spec()
                        .warmth()
                        .keep())
                .isEqualTo(Warmth.Keep.LEARNED);
    }

    @Test
    void theRuntimeClassIsOneThatTheServerOffers() {
        assertThat(read("runtime = \"runsc\"").spec().runtimeClass()).contains("runsc");
        assertThat(read("runtime-class = \"runc\"").spec().runtimeClass()).contains("runc");
        assertThatThrownBy(() -> read("kind = \"web\"\nruntime = \"process\""))
                .isInstanceOfSatisfying(
                        MayflyException.class,
                        e -> assertThat(e.detail())
                                .isEqualTo("mayfly.toml:2: runtime: 'process'"
                                        + " (expected: one that this server offers: runc, runsc)"));
    }

    private static Manifest read(String text) {
        return ManifestReader.read(text, List.of("runc", "runsc"));
    }
}
