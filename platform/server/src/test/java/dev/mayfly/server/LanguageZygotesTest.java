package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.functions.FunctionLanguages;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.Zygote;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LanguageZygotesTest {
    private static final String PYTHON = "/cnb/toolchains/python/3.13/bin/python3";
    private static final String SHIM = "/layers/mayfly_function-python/shim/shim.py";
    private static final Map<String, String> ENV = Map.of(
            "PATH",
            "/cnb/toolchains/python/3.13/bin:/usr/bin",
            "LANG",
            "C.UTF-8",
            "HOME",
            "/tmp",
            "PYTHONUNBUFFERED",
            "1",
            "PYTHONDONTWRITEBYTECODE",
            "1");

    @TempDir
    Path folder;

    private LanguageZygotes zygotes;

    @BeforeEach
    void open() {
        zygotes = new LanguageZygotes(folder, FunctionLanguages.all());
    }

    @Test
    void itTakesTheShimFromTheServerAndTheRestFromBelow() {
        Zygote zygote = of(List.of(PYTHON, SHIM, "--generic"), ENV).orElseThrow();
        assertThat(zygote.argv()).containsExactly(PYTHON, "-I", "-u", "-B", SHIM, "--zygote");
        assertThat(zygote.layers().subList(1, 3)).containsExactly(Path.of("toolchain"), Path.of("base"));
        assertThat(zygote.layers()).doesNotContain(Path.of("shim"));
        assertThat(zygote.layers().getFirst().resolve(SHIM.substring(1))).isRegularFile();
        assertThat(of(List.of(PYTHON, SHIM, "--generic"), ENV)).contains(zygote);
    }

    /** Privileged code takes no value from what a build may have had a say in, be its name as harmless as it is. */
    @ParameterizedTest
    @CsvSource({"PATH, /proc/41/root/workspace/bin", "HOME, /proc/41/root/workspace"})
    void noValueOfAGenericPartReachesAZygote(String name, String value) {
        Map<String, String> env = new HashMap<>(ENV);
        env.put(name, value);
        Zygote zygote = of(List.of(PYTHON, SHIM, "--generic"), env).orElseThrow();
        assertThat(zygote).isEqualTo(of(List.of(PYTHON, SHIM, "--generic"), ENV).orElseThrow());
        assertThat(zygote.argv()).doesNotContain(value);
    }

    /** Whatever is not exactly ours is started in a sandbox and not forked. */
    @ParameterizedTest
    @CsvSource({
        PYTHON + ", /layers/a/shim/../../../workspace/shim.py, --generic",
        PYTHON + ", /workspace/shim.py, --generic",
        PYTHON + ", /layers/a/shim/shim.py, --generic",
        "python3, " + SHIM + ", --generic",
        "/proc/41/root/cnb/toolchains/python/3.13/bin/python3, " + SHIM + ", --generic",
        "/cnb/toolchains/python/../../../proc/41/root/bin/python3, " + SHIM + ", --generic",
        PYTHON + ", " + SHIM + ", --zygote",
        PYTHON + ", " + SHIM + "c, --generic",
    })
    void anotherCommandHasNone(String program, String shim, String argument) {
        assertThat(of(List.of(program, shim, argument), ENV)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "LD_PRELOAD",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
        "LD_LIBRARY_PATH",
        "GLIBC_TUNABLES",
        "LANG",
        "PYTHONUNBUFFERED"
    })
    void anotherVariableOrValueHasNone(String name) {
        Map<String, String> env = new HashMap<>(ENV);
        env.put(name, "/layers/x");
        assertThat(of(List.of(PYTHON, SHIM, "--generic"), env)).isEmpty();
    }

    @Test
    void aPartWithoutABaseHasNone() {
        GenericPart part = new GenericPart(
                List.of("shim"), new ProcessSpec(List.of(PYTHON, SHIM, "--generic"), ENV, "/workspace"));
        assertThat(zygotes.of(part, _ -> List.of())).isEmpty();
    }

    private Optional<Zygote> of(List<String> argv, Map<String, String> env) {
        GenericPart part =
                new GenericPart(List.of("base", "toolchain", "shim"), new ProcessSpec(argv, env, "/workspace"));
        return zygotes.of(
                part, digests -> digests.reversed().stream().map(Path::of).toList());
    }
}
