package dev.mayfly.bench;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** The functions that benchmarks push: no packages, one file, one word as the answer. */
enum Functions {
    PYTHON("main.py", "def answer(request):\n    return 'ok'\n"),
    NODE("index.mjs", "export function answer() {\n  return 'ok';\n}\n");

    /** Never frozen or reaped while it is measured, and reached by nobody but the benchmark. */
    static final String WARM = "keep-alive = \"fixed\"\nwarm = 1\n";

    /** A new instance for each request. */
    static final String ONCE = "isolation = \"request\"\n";

    /** Gone a second after its last request. */
    static final String GONE_SOON = "keep-alive = \"fixed\"\n";

    private final String file;
    private final String code;

    Functions(String file, String code) {
        this.file = file;
        this.code = code;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @param settings lines of mayfly.toml before its tables */
    Map<String, String> files(String settings) {
        return files(settings, code, "answer");
    }

    Map<String, String> files(String settings, String program, String target) {
        Map<String, String> files = new HashMap<>();
        files.put(file, program);
        if (this == NODE) {
            files.put("package.json", "{\"name\": \"bench\"}\n");
        }
        String idle = settings.equals(GONE_SOON) ? "[limits]\nidle-timeout = \"1s\"\n" : "";
        files.put(
                "mayfly.toml",
                "schema = 1\nkind = \"function\"\negress = \"none\"\n" + settings + "[function]\ntarget = \"" + target
                        + "\"\n" + idle);
        return files;
    }
}
