package dev.mayfly.bench.server;

import dev.mayfly.bench.machine.Folder;
import dev.mayfly.bench.machine.Programs;
import dev.mayfly.bench.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The functions that benchmarks push: no packages, one file, one word as the answer. */
public enum PushedFunction {
    PYTHON("answer", "main.py", "def answer(request):\n    return 'ok'\n"),
    NODE("answer", "index.mjs", "export function answer() {\n  return 'ok';\n}\n"),
    JAVA("example.Greet", "", ""),
    /** A static program, run for each request. */
    NATIVE("cgi", "", "");

    /** Never reaped while it is measured. */
    public static final String WARM = "keep-alive = \"fixed\"\nwarm = 1\n";

    /** A new instance for each request. */
    public static final String ONCE = "isolation = \"request\"\n";

    /** Gone a second after its last request. */
    public static final String GONE_SOON = "keep-alive = \"fixed\"\n";

    private final String target;
    private final String file;
    private final String code;

    PushedFunction(String target, String file, String code) {
        this.target = target;
        this.file = file;
        this.code = code;
    }

    public static List<PushedFunction> wanted(Report report, PushedFunction... all) {
        return Arrays.stream(all).filter(each -> report.wants(each.label())).toList();
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @param settings lines of mayfly.toml before its tables */
    public void push(TestServer server, String app, String settings) throws IOException, InterruptedException {
        push(server, app, settings, code, target);
    }

    /** @param tables lines of mayfly.toml after its tables */
    public void push(TestServer server, String app, String settings, String tables)
            throws IOException, InterruptedException {
        push(server, app, settings, code, target, tables);
    }

    /** The same with a program and target of one's own. */
    public void push(TestServer server, String app, String settings, String program, String target)
            throws IOException, InterruptedException {
        String tables = settings.equals(GONE_SOON) ? "[limits]\nidle-timeout = \"1s\"\n" : "";
        push(server, app, settings, program, target, tables);
    }

    private void push(TestServer server, String app, String settings, String program, String target, String tables)
            throws IOException, InterruptedException {
        Map<String, String> files = new HashMap<>();
        if (!file.isEmpty()) {
            files.put(file, program);
        }
        switch (this) {
            case PYTHON, NATIVE -> {}
            case NODE -> files.put("package.json", "{\"name\": \"bench\"}\n");
            case JAVA -> example("function-java", files);
        }
        String signature = this == NATIVE ? "signature = \"cgi\"\n" : "";
        files.put(
                "mayfly.toml",
                "schema = 1\nkind = \"function\"\negress = \"none\"\n" + settings + "[function]\ntarget = \"" + target
                        + "\"\n" + signature + tables);
        try (Folder folder = new Folder()) {
            List<Path> programs = this == NATIVE ? List.of(Programs.compile("cgi", folder.path)) : List.of();
            server.app(app, files, programs);
        }
    }

    private static void example(String name, Map<String, String> files) throws IOException {
        Path folder = TestServer.ROOT.resolve("examples").resolve(name);
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(each).toString(), Files.readString(each));
            }
        }
    }
}
