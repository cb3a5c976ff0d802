package dev.mayfly.builders.engine.manifest;

import dev.mayfly.builders.engine.toml.BoundedToml;
import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.CronTimes;
import dev.mayfly.model.Destination;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.WarmWindow;
import dev.mayfly.model.Warmth;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Reads {@code mayfly.toml}, schema 1. Everything that is not understood is refused with its line. */
public final class ManifestReader {
    /** Name of the file, at the root of an app's tree. */
    public static final String FILE = "mayfly.toml";

    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s?(MiB|GiB|MB|GB|M|G)");
    private static final Set<String> TOP = Set.of(
            "schema",
            "kind",
            "egress",
            "health-path",
            "runtime",
            "runtime-class",
            "isolation",
            "keep-alive",
            "warm",
            "warm-window",
            "limits",
            "function");
    private static final Set<String> LIMITS = Set.of(
            "memory", "cpus", "pids", "tmp", "io", "concurrency", "start-timeout", "idle-timeout", "request-timeout");
    private static final Set<String> FUNCTION = Set.of("target", "signature", "source");

    /** Parts of letters, digits and some signs; none is "..". */
    private static final Pattern PROGRAM = Pattern.compile(
            "(?=.{1,200}$)(?!(.*/)?\\.{1,2}(/|$))[A-Za-z0-9_.][A-Za-z0-9_.-]*(/[A-Za-z0-9_.][A-Za-z0-9_.-]*)*");

    private static final Set<String> WARM_WINDOW = Set.of("start", "for", "zone", "warm");

    private ManifestReader() {}

    /**
     * @param runtimeClasses those that this server offers
     * @throws MayflyException {@code MANIFEST_INVALID} with line, what was wrong and what was expected
     */
    public static Manifest read(String text, List<String> runtimeClasses) {
        BoundedToml toml;
        try {
            toml = BoundedToml.parse(text);
        } catch (BoundedToml.Wrong e) {
            throw invalid(e.line(), String.valueOf(e.getMessage()));
        }
        Reader top = new Reader(toml, toml.table(), "", TOP);
        if (top.integer("schema", 1) != 1) {
            throw top.wrong("schema", "1");
        }
        AppKind kind = top.choice("kind", AppKind.class, AppSpec.DEFAULTS.kind());
        EgressPolicy egress = egress(top);
        Optional<String> health = top.text("health-path");
        if (health.isPresent() && !health.get().matches("/[!-~]{0,1023}")) {
            throw top.wrong("health-path", "a path that begins with '/', without spaces");
        }
        Optional<String> runtimeClass = runtime(top, runtimeClasses);
        Reader limitsTable = top.table("limits", LIMITS);
        Limits limits = limits(limitsTable);
        Isolation isolation = isolation(top, limitsTable, kind);
        Warmth warmth = warmth(top, limitsTable.has("idle-timeout") ? Warmth.Keep.FIXED : Warmth.Keep.LEARNED);
        Optional<Manifest.Function> function = function(top, kind);
        return new Manifest(new AppSpec(kind, egress, limits, health, runtimeClass, isolation, warmth), function);
    }

    private static EgressPolicy egress(Reader top) {
        String expected = "\"open\", \"none\" or a list of 1 to " + EgressPolicy.Only.DESTINATIONS_MAX
                + " destinations such as [\"db.example.com:5432\"]";
        return switch (top.toml().get(List.of("egress"))) {
            case null -> AppSpec.DEFAULTS.egress();
            case String text when text.equals("open") -> EgressPolicy.OPEN;
            case String text when text.equals("none") -> EgressPolicy.NONE;
            case TomlArray list
            when !list.isEmpty() && list.size() <= EgressPolicy.Only.DESTINATIONS_MAX ->
                new EgressPolicy.Only(destinations(top, list, expected));
            case TomlArray list ->
                throw invalid(top.line("egress"), "egress: " + list.size() + " entries (expected: " + expected + ")");
            default -> throw top.wrong("egress", expected);
        };
    }

    private static List<Destination> destinations(Reader top, TomlArray list, String expected) {
        List<Destination> destinations = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            int line = top.whole().line(list.inputPositionOf(i));
            if (!(list.get(i) instanceof String text)) {
                throw invalid(line, "egress: '" + list.get(i) + "' (expected: " + expected + ")");
            }
            try {
                destinations.add(Destination.parse(text));
            } catch (MayflyException e) {
                throw invalid(line, e.detail());
            }
        }
        return destinations;
    }

    /** {@code runtime-class} is its former name. */
    private static Optional<String> runtime(Reader top, List<String> offered) {
        String key = top.has("runtime") || !top.has("runtime-class") ? "runtime" : "runtime-class";
        Optional<String> chosen = top.text(key);
        if (chosen.isPresent() && !offered.contains(chosen.get())) {
            throw top.wrong(key, "one that this server offers: " + String.join(", ", offered));
        }
        return chosen;
    }

    private static Isolation isolation(Reader top, Reader limits, AppKind kind) {
        Isolation isolation = top.choice("isolation", Isolation.class, AppSpec.DEFAULTS.isolation());
        if (isolation == Isolation.REQUEST && kind != AppKind.FUNCTION) {
            throw top.wrong(
                    "isolation",
                    "\"release\" with kind = \"web\": only a function can be made to answer one request and no more");
        }
        if (isolation == Isolation.REQUEST && limits.integer("concurrency", 1) != 1) {
            throw limits.wrong("concurrency", "1 or nothing with isolation = \"request\"");
        }
        return isolation;
    }

    /** Who says how long an instance may be idle means just that. */
    private static Warmth warmth(Reader top, Warmth.Keep otherwise) {
        Warmth.Keep keep = top.choice("keep-alive", Warmth.Keep.class, otherwise);
        return top.checked("warm", () -> new Warmth(keep, top.integer("warm", 0), windows(top)));
    }

    private static List<WarmWindow> windows(Reader top) {
        List<WarmWindow> windows = new ArrayList<>();
        for (Reader table : top.tables("warm-window", WARM_WINDOW)) {
            CronTimes start = table.checked("start", () -> CronTimes.parse(table.required("start")));
            table.required("for");
            Duration length = table.duration("for", Duration.ZERO);
            ZoneId zone = table.zone("zone");
            int warm = table.integer("warm", 1);
            windows.add(table.checked("for", () -> new WarmWindow(start, length, zone, warm)));
        }
        return windows;
    }

    private static Limits limits(Reader table) {
        Limits d = Limits.DEFAULTS;
        try {
            return new Limits(
                    table.mebibytes("memory", d.memoryMib()),
                    table.decimal("cpus", d.cpus()),
                    table.integer("pids", d.pids()),
                    table.mebibytes("tmp", d.tmpMib()),
                    table.integer("concurrency", d.concurrency()),
                    table.duration("start-timeout", d.startTimeout()),
                    table.duration("idle-timeout", d.idleTimeout()),
                    table.duration("request-timeout", d.requestTimeout()),
                    table.has("io") ? OptionalInt.of(table.mebibytes("io", 0)) : d.ioMib());
        } catch (MayflyException e) {
            if (e.detail().startsWith(FILE)) {
                throw e;
            }
            String key = e.detail().substring(0, Math.max(0, e.detail().indexOf(':')));
            throw invalid(table.line(key), "limits." + e.detail());
        }
    }

    private static Optional<Manifest.Function> function(Reader top, AppKind kind) {
        if (kind != AppKind.FUNCTION) {
            if (top.has("function")) {
                throw top.wrong("function", "only with kind = \"function\"");
            }
            return Optional.empty();
        }
        Reader table = top.table("function", FUNCTION);
        Manifest.Signature signature = table.choice("signature", Manifest.Signature.class, Manifest.Signature.HTTP);
        if (signature == Manifest.Signature.CGI) {
            return Optional.of(program(table));
        }
        Optional<String> target = table.text("target");
        target.ifPresent(name -> {
            if (!name.matches("[A-Za-z_$][A-Za-z0-9_$.]{0,199}")) {
                throw table.wrong("target", "a name in the function's language");
            }
        });
        Optional<String> source = table.text("source");
        source.ifPresent(path -> {
            if (!path.matches("[A-Za-z0-9_$][A-Za-z0-9_$./-]{0,199}") || path.contains("..")) {
                throw table.wrong("source", "a relative path, or a class name");
            }
        });
        return Optional.of(new Manifest.Function(target.orElse("handler"), signature, source));
    }

    private static Manifest.Function program(Reader table) {
        String target = table.required("target");
        if (!PROGRAM.matcher(target).matches()) {
            throw table.wrong("target", "a program's path from the root of the tree, such as \"bin/handler\"");
        }
        if (table.has("source")) {
            throw table.wrong("source", "nothing with signature = \"cgi\": target names the program");
        }
        return new Manifest.Function(target, Manifest.Signature.CGI, Optional.empty());
    }

    private static MayflyException invalid(int line, String what) {
        return new MayflyException(ErrorCode.MANIFEST_INVALID, FILE + ":" + line + ": " + what);
    }

    /** One table with the keys it may have. */
    private record Reader(BoundedToml whole, TomlTable toml, String prefix, Set<String> known) {
        Reader {
            for (String key : toml.keySet()) {
                if (!known.contains(key)) {
                    throw invalid(
                            lineOf(whole, toml, key),
                            prefix + key + ": unknown key (expected: "
                                    + String.join(", ", known.stream().sorted().toList()) + ")");
                }
            }
        }

        boolean has(String key) {
            return toml.contains(List.of(key));
        }

        Reader table(String key, Set<String> keys) {
            if (!has(key)) {
                return new Reader(whole, BoundedToml.parse("").table(), prefix + key + ".", keys);
            }
            if (toml.get(List.of(key)) instanceof TomlTable table) {
                return new Reader(whole, table, prefix + key + ".", keys);
            }
            throw wrong(key, "a table");
        }

        /** Tables of an array of tables. */
        List<Reader> tables(String key, Set<String> keys) {
            List<Reader> readers = new ArrayList<>();
            switch (toml.get(List.of(key))) {
                case null -> {}
                case TomlArray array -> {
                    for (int i = 0; i < array.size(); i++) {
                        if (!(array.get(i) instanceof TomlTable table)) {
                            throw wrong(key, "tables, each under [[" + key + "]]");
                        }
                        readers.add(new Reader(whole, table, prefix + key + ".", keys));
                    }
                }
                default -> throw wrong(key, "tables, each under [[" + key + "]]");
            }
            return readers;
        }

        String required(String key) {
            return text(key)
                    .orElseThrow(() -> invalid(
                            toml.keySet().stream().findFirst().map(this::line).orElse(1),
                            prefix + key + ": nothing (expected: a value)"));
        }

        ZoneId zone(String key) {
            try {
                return ZoneId.of(text(key).orElse("UTC"));
            } catch (DateTimeException e) {
                throw wrong(key, "a time zone such as \"Europe/Berlin\"");
            }
        }

        /** What a value's own type finds wrong gets the line of the key it names, else of this one. */
        <T> T checked(String key, Supplier<T> value) {
            try {
                return value.get();
            } catch (MayflyException e) {
                if (e.detail().startsWith(FILE)) {
                    throw e;
                }
                int colon = Math.max(0, e.detail().indexOf(':'));
                String named = e.detail().substring(0, colon);
                String wrong = known.contains(named) ? named : key;
                throw invalid(line(wrong), prefix + wrong + e.detail().substring(colon));
            }
        }

        Optional<String> text(String key) {
            return text(key, "a string of at most 1024 characters");
        }

        private Optional<String> text(String key, String expected) {
            return switch (toml.get(List.of(key))) {
                case null -> Optional.empty();
                case String text when text.length() <= 1_024 -> Optional.of(text);
                default -> throw wrong(key, expected);
            };
        }

        int integer(String key, int otherwise) {
            return switch (toml.get(List.of(key))) {
                case null -> otherwise;
                case Long number when number >= 0 && number <= Integer.MAX_VALUE -> number.intValue();
                default -> throw wrong(key, "a whole number");
            };
        }

        double decimal(String key, double otherwise) {
            return switch (toml.get(List.of(key))) {
                case null -> otherwise;
                case Number number -> number.doubleValue();
                default -> throw wrong(key, "a number");
            };
        }

        int mebibytes(String key, int otherwise) {
            String expected = "a size such as \"256MiB\" or \"1GiB\"";
            Optional<String> text = text(key, expected);
            if (text.isEmpty()) {
                return otherwise;
            }
            Matcher size = SIZE.matcher(text.get());
            if (!size.matches()) {
                throw wrong(key, expected);
            }
            long number = Long.parseLong(size.group(1)) * (size.group(2).startsWith("G") ? 1_024 : 1);
            return (int) Math.min(number, Integer.MAX_VALUE);
        }

        Duration duration(String key, Duration otherwise) {
            String expected = "a duration such as \"30s\" or \"5m\"";
            Optional<String> text = text(key, expected);
            if (text.isEmpty()) {
                return otherwise;
            }
            try {
                return ConfigReader.parseDuration(text.get());
            } catch (IllegalArgumentException e) {
                throw wrong(key, expected);
            }
        }

        <T extends Enum<T>> T choice(String key, Class<T> type, T otherwise) {
            Optional<String> text = text(key);
            if (text.isEmpty()) {
                return otherwise;
            }
            for (T each : type.getEnumConstants()) {
                if (each.name().toLowerCase(Locale.ROOT).equals(text.get())) {
                    return each;
                }
            }
            String all = Arrays.stream(type.getEnumConstants())
                    .map(each -> "\"" + each.name().toLowerCase(Locale.ROOT) + "\"")
                    .collect(Collectors.joining(" or "));
            throw wrong(key, all);
        }

        int line(String key) {
            return lineOf(whole, toml, key);
        }

        MayflyException wrong(String key, String expected) {
            Object value = toml.get(List.of(key));
            String shown = value instanceof TomlTable ? "a table" : "'" + value + "'";
            return invalid(line(key), prefix + key + ": " + shown + " (expected: " + expected + ")");
        }

        private static int lineOf(BoundedToml whole, TomlTable toml, String key) {
            return whole.line(toml.inputPositionOf(List.of(key)));
        }
    }
}
