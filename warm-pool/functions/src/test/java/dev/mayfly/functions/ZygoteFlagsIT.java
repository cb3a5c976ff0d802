package dev.mayfly.functions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.functions.python.PythonLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A zygote is isolated from its environment; whoever asks a fork for Python's flags hears what a start would have said. */
final class ZygoteFlagsIT {
    @TempDir
    Path temp;

    @Test
    void aForkHasTheFlagsOfAStart() throws Exception {
        new PythonLanguage().writeShim(temp.resolve("shim"));
        Path started = Files.writeString(temp.resolve("shim/started.py"), "import sys\nprint(sys.flags)\n");
        Path forked = Files.writeString(temp.resolve("shim/forked.py"), """
            import gc, sys
            sys.path.insert(0, sys.argv[0].rpartition("/")[0])
            from mayfly_shim import zygote
            zygote.flags_of_a_start()
            gc.collect()
            print(sys.flags)
            """);
        assertThat(python(List.of("-I", "-u", "-B"), forked)).isEqualTo(python(List.of("-u", "-B"), started));
    }

    /** Neither a variable, nor a folder of a user, nor the working directory has a say in what an isolated shim imports. */
    @Test
    void anIsolatedShimFindsItsOwnModulesAndNobodyElses() throws Exception {
        new PythonLanguage().writeShim(temp.resolve("shim"));
        Path hostile = Files.createDirectory(temp.resolve("hostile"));
        for (String module : List.of("mayfly_shim", "json", "ctypes", "usercustomize", "sitecustomize")) {
            Files.writeString(hostile.resolve(module + ".py"), "print('hostile')\n");
        }
        Path shim = temp.resolve("shim/shim.py");
        String said = run(hostile, List.of("python3", "-I", shim.toString(), "too", "few"));
        assertThat(said).contains("expected: source, target, signature").doesNotContain("hostile");
        assertThat(run(hostile, List.of("python3", shim.toString(), "too", "few")))
                .as("without -I")
                .contains("hostile");
    }

    private String python(List<String> options, Path script) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3"));
        command.addAll(options);
        command.add(script.toString());
        return run(temp, command);
    }

    private String run(Path directory, List<String> command) throws IOException, InterruptedException {
        Path output = temp.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PYTHONPATH", temp.resolve("hostile").toString());
        builder.start().waitFor();
        return Files.readString(output);
    }
}
