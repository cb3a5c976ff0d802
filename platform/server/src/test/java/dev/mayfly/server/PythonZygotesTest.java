package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.image.GenericPart;
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

class PythonZygotesTest {
    private static final String PROGRAM = "/layers/mayfly_function-python/shim/shim.py";
    private static final Map<String, String> ENV =
            Map.of("PATH", "/usr/bin", "LANG", "C.UTF-8", "PYTHONUNBUFFERED", "1");

    @TempDir
    Path folder;

    private PythonZygotes zygotes;

    @BeforeEach
    void open() {
        zygotes = new PythonZygotes(folder);
    }

    @Test
    void itTakesTheShimFromTheServerAndTheRestFromBelow() {
        Zygote zygote = of(List.of("python3", PROGRAM, "--generic"), ENV).orElseThrow();
        assertThat(zygote.argv()).containsExactly("python3", PROGRAM, "--zygote");
        assertThat(zygote.layers().subList(1, 3)).containsExactly(Path.of("toolchain"), Path.of("base"));
        assertThat(zygote.layers()).doesNotContain(Path.of("shim"));
        assertThat(zygote.layers().getFirst().resolve(PROGRAM.substring(1))).isRegularFile();
        assertThat(of(List.of("python3", PROGRAM, "--generic"), ENV)).contains(zygote);
    }

    /** What a build says may be a tenant's words: whatever is not exactly ours runs with no privileges at all. */
    @ParameterizedTest
    @CsvSource({
        "python3, /layers/a/shim/../../../workspace/shim.py, --generic",
        "python3, /workspace/shim.py, --generic",
        "python3, /layers/../shim/shim.py, --generic",
        "/layers/x/python3, /layers/a/shim/shim.py, --generic",
        "python3, /layers/a/shim/shim.py, --zygote",
        "python3, /layers/a/shim/shim.pyc, --generic",
    })
    void anotherCommandHasNone(String program, String shim, String argument) {
        assertThat(of(List.of(program, shim, argument), ENV)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"LD_PRELOAD", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "GLIBC_TUNABLES"})
    void anotherVariableHasNone(String name) {
        Map<String, String> env = new HashMap<>(ENV);
        env.put(name, "/layers/x");
        assertThat(of(List.of("python3", PROGRAM, "--generic"), env)).isEmpty();
    }

    @Test
    void namesOfBuildpacksDoNotFillTheDisk() {
        int found = 0;
        for (int i = 0; i < 100; i++) {
            found += of(List.of("python3", "/layers/p" + i + "/shim/shim.py", "--generic"), ENV)
                    .map(_ -> 1)
                    .orElse(0);
        }
        assertThat(found).isEqualTo(16);
        assertThat(folder.toFile().list()).hasSize(16);
    }

    private Optional<Zygote> of(List<String> argv, Map<String, String> env) {
        GenericPart part =
                new GenericPart(List.of("base", "toolchain", "shim"), new ProcessSpec(argv, env, "/workspace"));
        return zygotes.of(
                part, digests -> digests.reversed().stream().map(Path::of).toList());
    }
}
