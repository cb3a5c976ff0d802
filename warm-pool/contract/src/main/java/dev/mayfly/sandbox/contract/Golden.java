package dev.mayfly.sandbox.contract;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The table of what is visible and what is denied: one for all runtime classes, then what is different in one of them. */
public final class Golden {
    private Golden() {}

    /** Name of the attempt to what must come of it; several outcomes are separated by '|'. */
    static Map<String, String> of(String runtime) throws IOException {
        Map<String, String> table = new TreeMap<>();
        String section = "";
        for (String line : lines()) {
            String text = line.replaceAll("#.*", "").strip();
            if (text.startsWith("[")) {
                section = text.substring(1, text.length() - 1);
            } else if (!text.isEmpty() && (section.isEmpty() || section.equals(runtime))) {
                String[] parts = text.split("\\s+", 2);
                if (!section.isEmpty() && !table.containsKey(parts[0])) {
                    throw new IOException(section + ": '" + parts[0] + "' is not in the table");
                }
                table.put(parts[0], parts[1].replace("{uid}", String.valueOf(SandboxRequest.UID)));
            }
        }
        return table;
    }

    private static List<String> lines() throws IOException {
        try (InputStream in = Objects.requireNonNull(Golden.class.getResourceAsStream("isolation.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
