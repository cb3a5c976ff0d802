package dev.mayfly.builders.engine.manifest;

import dev.mayfly.builders.engine.toml.BoundedToml;
import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.CronTimes;
import dev.mayfly.model.Destination;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.InvalidFieldException;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.WarmWindow;
import dev.mayfly.model.Warmth;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.tomlj.TomlArray;

/** Reads {@code mayfly.toml}, schema 1. Everything that is not understood is refused with its line. */
public final class ManifestReader {
    /** Name of the file, at the root of an app's tree. */
    public static final String FILE = "mayfly.toml";

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
     * @throws InvalidFieldException {@code MANIFEST_INVALID} with the field, its line, and what was expected
     * @throws MayflyException {@code MANIFEST_INVALID} with the line, if it is no TOML
     */
    public static Manifest read(String text, List<String> runtimeClasses) {
        BoundedToml toml;
        try {
            toml = BoundedToml.parse(text);
        } catch (BoundedToml.Wrong e) {
            throw new MayflyException(ErrorCode.MANIFEST_INVALID, FILE + ":" + e.line() + ": " + e.getMessage());
        }
        Fields top = new Fields(toml, toml.table(), "", TOP);
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
        Fields limitsTable = top.table("limits", LIMITS);
        Limits limits = limits(limitsTable);
        Isolation isolation = isolation(top, limitsTable, kind);
        Warmth warmth = warmth(top, limitsTable.has("idle-timeout") ? Warmth.Keep.FIXED : Warmth.Keep.LEARNED);
        Optional<Manifest.Function> function = function(top, kind);
        return new Manifest(new AppSpec(kind, egress, limits, health, runtimeClass, isolation, warmth), function);
    }

    private static EgressPolicy egress(Fields top) {
        String expected = "\"open\", \"none\" or a list of 1 to " + EgressPolicy.Only.DESTINATIONS_MAX
                + " destinations such as [\"db.example.com:5432\"]";
        return switch (top.toml().get(List.of("egress"))) {
            case null -> AppSpec.DEFAULTS.egress();
            case String text when text.equals("open") -> EgressPolicy.OPEN;
            case String text when text.equals("none") -> EgressPolicy.NONE;
            case TomlArray list
            when !list.isEmpty() && list.size() <= EgressPolicy.Only.DESTINATIONS_MAX ->
                new EgressPolicy.Only(destinations(top, list, expected));
            case TomlArray list -> throw Fields.wrong(top.line("egress"), "egress", list.size() + " entries", expected);
            default -> throw top.wrong("egress", expected);
        };
    }

    private static List<Destination> destinations(Fields top, TomlArray list, String expected) {
        List<Destination> destinations = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            int line = top.whole().line(list.inputPositionOf(i));
            if (!(list.get(i) instanceof String text)) {
                throw Fields.wrong(line, "egress", "'" + list.get(i) + "'", expected);
            }
            try {
                destinations.add(Destination.parse(text));
            } catch (InvalidFieldException e) {
                throw Fields.wrong(
                        line, e.field().path(), e.field().value(), e.field().expected());
            }
        }
        return destinations;
    }

    /** {@code runtime-class} is its former name. */
    private static Optional<String> runtime(Fields top, List<String> offered) {
        String key = top.has("runtime") || !top.has("runtime-class") ? "runtime" : "runtime-class";
        Optional<String> chosen = top.text(key);
        if (chosen.isPresent() && !offered.contains(chosen.get())) {
            throw top.wrong(key, "one that this server offers: " + String.join(", ", offered));
        }
        return chosen;
    }

    private static Isolation isolation(Fields top, Fields limits, AppKind kind) {
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
    private static Warmth warmth(Fields top, Warmth.Keep otherwise) {
        Warmth.Keep keep = top.choice("keep-alive", Warmth.Keep.class, otherwise);
        return top.checked("warm", () -> new Warmth(keep, top.integer("warm", 0), windows(top)));
    }

    private static List<WarmWindow> windows(Fields top) {
        List<WarmWindow> windows = new ArrayList<>();
        for (Fields table : top.tables("warm-window", WARM_WINDOW)) {
            CronTimes start = table.checked("start", () -> CronTimes.parse(table.required("start")));
            table.required("for");
            Duration length = table.duration("for", Duration.ZERO);
            ZoneId zone = table.zone("zone");
            int warm = table.integer("warm", 1);
            windows.add(table.checked("for", () -> new WarmWindow(start, length, zone, warm)));
        }
        return windows;
    }

    private static Limits limits(Fields table) {
        Limits d = Limits.DEFAULTS;
        return table.checked(
                "memory",
                () -> new Limits(
                        table.mebibytes("memory", d.memoryMib()),
                        table.decimal("cpus", d.cpus()),
                        table.integer("pids", d.pids()),
                        table.mebibytes("tmp", d.tmpMib()),
                        table.integer("concurrency", d.concurrency()),
                        table.duration("start-timeout", d.startTimeout()),
                        table.duration("idle-timeout", d.idleTimeout()),
                        table.duration("request-timeout", d.requestTimeout()),
                        table.has("io") ? OptionalInt.of(table.mebibytes("io", 0)) : d.ioMib()));
    }

    private static Optional<Manifest.Function> function(Fields top, AppKind kind) {
        if (kind != AppKind.FUNCTION) {
            if (top.has("function")) {
                throw top.wrong("function", "only with kind = \"function\"");
            }
            return Optional.empty();
        }
        Fields table = top.table("function", FUNCTION);
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

    private static Manifest.Function program(Fields table) {
        String target = table.required("target");
        if (!PROGRAM.matcher(target).matches()) {
            throw table.wrong("target", "a program's path from the root of the tree, such as \"bin/handler\"");
        }
        if (table.has("source")) {
            throw table.wrong("source", "nothing with signature = \"cgi\": target names the program");
        }
        return new Manifest.Function(target, Manifest.Signature.CGI, Optional.empty());
    }
}
