package dev.mayfly.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shims that start without a function and are bound to one later, once. */
@Timeout(60)
final class LateBindingIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void itBecomesTheFunctionOfItsMessage(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.generic(folder, language, Map.of())) {
            shim.bind("greet", Map.of());
            assertThat(shim.ready()).startsWith("HTTP/1.1 200");
            assertThat(shim.get("/?name=late")).endsWith("Hello, late");
            assertThat(shim.get("/?name=again")).endsWith("Hello, again");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void itIsBoundOnceAndNeverAgain(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.generic(folder, language, Map.of())) {
            shim.bind("facts", Map.of());
            assertThat(shim.controlEnds()).isTrue();
            assertThat(ShimProcess.facts(shim.get("/?control=" + shim.controlInode())))
                    .containsEntry("control", "closed");
            assertThatThrownBy(() -> shim.bind("greet", Map.of())).isInstanceOf(IOException.class);
            assertThat(ShimProcess.facts(shim.get("/"))).containsKey("cwd");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void anEndWithoutAMessageIsNoError(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.generic(folder, language, Map.of())) {
            shim.tell("");
            assertThat(shim.exitCode()).isZero();
            assertThat(shim.output().lines().skip(1)).containsExactly("generic"); // The first is the test's own.
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void theMessagesEnvironmentIsTheWholeEnvironment(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.generic(folder, language, Map.of("GENERIC", "seen"))) {
            shim.bind("facts", Map.of("NAME", "wörld = \"\\", "EMPTY", "", "TZ", "Asia/Tokyo"));
            Map<String, String> facts = ShimProcess.facts(shim.get("/?env=NAME,EMPTY,GENERIC"));
            assertThat(facts)
                    .containsEntry("env.NAME", "wörld = \"\\")
                    .containsEntry("env.EMPTY", "")
                    .containsEntry("cwd", folder.toRealPath().toString());
            assertThat(facts.get("env.GENERIC")).isIn("None", "undefined", "null");
            assertThat(facts.get("zone")).isIn("JST", "Asia/Tokyo");
            if (!language.equals("node")) {
                assertThat(facts).containsEntry("native.NAME", "wörld = \"\\").containsEntry("native.GENERIC", "none");
            }
        }
    }

    @Test
    void javaSaysThatItWaitsAndHasReadNoEnvironmentBefore() throws Exception {
        try (ShimProcess shim = ShimProcess.generic(folder, "java", Map.of("HOME", "/generic"))) {
            shim.bind("facts", Map.of("HOME", "/bound"));
            Map<String, String> facts = ShimProcess.facts(shim.get("/?env=HOME"));
            assertThat(facts).containsEntry("env.HOME", "/bound").containsEntry("native.HOME", "/bound");
            assertThat(facts.get("home")).isNotEqualTo("/generic");
            assertThat(shim.output().lines()).contains("generic");
        }
    }

    @Test
    void javaKeepsTheDirectoryThatItWasStartedIn() throws Exception {
        try (ShimProcess shim = ShimProcess.generic(folder, "java", Map.of())) {
            shim.tell("{\"argv\": [\"a\", \"b\", \"c\"], \"env\": {}, \"cwd\": \"/tmp\"}");
            assertThat(shim.exitCode()).isNotZero();
            assertThat(shim.output())
                    .contains("cwd: '/tmp' (expected: '" + folder + "', where this process was started)");
        }
    }

    @Test
    void javaFindsClassesWhereABoundStartFindsThem() throws Exception {
        Path jars = Files.createDirectory(folder.resolve("jars"));
        JarOfOne.write(jars.resolve("added.jar"), "value.txt", "of a jar");
        Files.writeString(folder.resolve("own.txt"), "of the app");
        String path = JavaFunctions.folder() + ":jars/*:.";
        try (ShimProcess late = ShimProcess.generic(folder, "java", Map.of())) {
            late.bind(List.of(path, JavaFunctions.named("facts"), "http"), Map.of());
            String found = late.get("/?module=value.txt");
            assertThat(ShimProcess.facts(found))
                    .containsEntry("module", "of a jar")
                    .containsEntry("relative", "of the app")
                    .containsEntry("system.own.txt", "of the app");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void twoInstancesHaveNoNumberInCommon(String language) throws Exception {
        Path other = Files.createDirectory(folder.resolve("other"));
        try (ShimProcess one = ShimProcess.generic(folder, language, Map.of());
                ShimProcess two = ShimProcess.generic(other, language, Map.of())) {
            one.bind("facts", Map.of());
            two.bind("facts", Map.of());
            Map<String, String> first = ShimProcess.facts(one.get("/"));
            Map<String, String> second = ShimProcess.facts(two.get("/"));
            for (String each : List.of("pid", "random", "secure", "openssl", "uuid", "seed", "math")) {
                if (first.containsKey(each)) {
                    assertThat(first.get(each)).as(each).isNotEqualTo(second.get(each));
                }
            }
            assertThat(first).containsKeys("pid", "random", "secure", "uuid");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void whatCannotBeLoadedSaysWhy(String language) throws Exception {
        try (ShimProcess shim = ShimProcess.generic(folder, language, Map.of())) {
            shim.bind("nosuch", Map.of());
            assertThat(shim.ready()).startsWith("HTTP/1.1 500").containsIgnoringCase("nosuch");
        }
    }

    static Stream<String> messages() {
        return Stream.of(
                "x | no JSON",
                "[] | no JSON object",
                "{\"argv\": [1], \"env\": {}, \"cwd\": \"/\"} | argv (expected: ",
                "{\"argv\": [\"a\", \"b\", \"c\"], \"env\": {\"A\": 1}, \"cwd\": \"/\"} | env.A (expected: ",
                "{\"argv\": [\"a\", \"b\", \"c\"], \"env\": {\"A=\": \"1\"}, \"cwd\": \"/\"} | env.A= (expected: ",
                "{\"argv\": [\"a\", \"b\", \"c\"], \"env\": {}, \"cwd\": \"x\"} | cwd: ",
                "{\"argv\": [\"a\", \"b\", \"c\"], \"env\": {}, \"cwd\": \"/nosuch\"} | cwd: ",
                "{\"argv\": [\"a\"], \"env\": {}, \"cwd\": \"CWD\"} | arguments: ",
                "\"" + "x".repeat(192 * 1024) + "\" | more than 196608 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python", "java"})
    void aMessageThatIsWrongEndsItAndSaysWhy(String language) throws Exception {
        for (String each : messages().toList()) {
            String[] parts = each.split(" \\| ", 2);
            Path own = Files.createTempDirectory(folder, "wrong");
            try (ShimProcess shim = ShimProcess.generic(own, language, Map.of())) {
                try {
                    shim.tell(parts[0].replace("CWD", own.toString()));
                } catch (IOException e) {
                    // It had read enough to know.
                }
                assertThat(shim.exitCode()).as(parts[1]).isNotZero();
                assertThat(shim.output()).as(parts[1]).contains(parts[1]);
            }
        }
    }

    @Test
    void nodeFindsModulesWhereABoundStartFindsThem() throws Exception {
        Path extra = Files.createDirectory(folder.resolve("extra"));
        Files.writeString(extra.resolve("added.js"), "exports.VALUE = 'of NODE_PATH';");
        Path own = Files.createDirectories(folder.resolve("node_modules/own"));
        Files.writeString(own.resolve("index.js"), "exports.VALUE = 'of the app';");
        try (ShimProcess shim = ShimProcess.generic(folder, "node", Map.of())) {
            shim.bind("facts", Map.of("NODE_PATH", extra.toString()));
            assertThat(ShimProcess.facts(shim.get("/?module=added")))
                    .containsEntry("module", "of NODE_PATH")
                    .containsEntry("arguments", "index.mjs facts http");
            assertThat(ShimProcess.facts(shim.get("/?module=own"))).containsEntry("module", "of the app");
        }
    }

    @Test
    void pythonFindsModulesWhereABoundStartFindsThem() throws Exception {
        Path venv = folder.resolve("venv");
        run("python3", "-m", "venv", "--without-pip", venv.toString());
        Path packages;
        try (Stream<Path> all = Files.walk(venv)) {
            packages = all.filter(each -> each.endsWith("site-packages"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.writeString(packages.resolve("installed.py"), "VALUE = 'of the environment'");
        Files.writeString(packages.resolve("more.pth"), folder.resolve("more") + "\n");
        Path more = Files.createDirectory(folder.resolve("more"));
        Files.writeString(more.resolve("beside.py"), "VALUE = 'of a pth file'");
        Path extra = Files.createDirectory(folder.resolve("extra"));
        Files.writeString(extra.resolve("added.py"), "VALUE = 'of PYTHONPATH'");
        Files.writeString(folder.resolve("own.py"), "VALUE = 'of the app'");
        Map<String, String> env = Map.of(
                "PATH",
                venv.resolve("bin") + ":" + Objects.requireNonNull(System.getenv("PATH")),
                "PYTHONPATH",
                extra.toString());
        try (ShimProcess shim = ShimProcess.generic(folder, "python", Map.of())) {
            shim.bind("facts", env);
            assertThat(ShimProcess.facts(shim.get("/?module=installed")))
                    .containsEntry("module", "of the environment")
                    .containsEntry("prefix", venv.toString())
                    .containsEntry("arguments", "main.py facts http");
            assertThat(ShimProcess.facts(shim.get("/?module=beside"))).containsEntry("module", "of a pth file");
            assertThat(ShimProcess.facts(shim.get("/?module=added"))).containsEntry("module", "of PYTHONPATH");
            assertThat(ShimProcess.facts(shim.get("/?module=own"))).containsEntry("module", "of the app");
        }
    }

    private void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("run").toFile())
                .start();
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("run")))
                .isZero();
    }
}
