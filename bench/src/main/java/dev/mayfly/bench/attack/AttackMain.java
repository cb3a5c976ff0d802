package dev.mayfly.bench.attack;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.mayfly.bench.report.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code ./mayfly attack}: plays hostile tenants, builds and callers. Exit code 0 if all bars hold, 1 if one is missed or an attack
 * could not be played, 2 if the command is wrong.
 */
@CommandLine.Command(
        name = "attack",
        mixinStandardHelpOptions = true,
        description = "Plays hostile tenants, builds and callers against a server of its own.")
public final class AttackMain implements Callable<Integer> {
    private static final List<Attack> ALL = List.of(
            new ForgedLabel(),
            new LinkInDetect(),
            new KernelCounters(),
            new SharedFiles(),
            new HugeToml(),
            new EndlessBuild(),
            new TreeBombs(),
            new OwedBody(),
            new LeavingCallers(),
            new TinyChunks(),
            new DeadLauncher());

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "these attacks alone (default: all)")
    List<String> names = List.of();

    @Option(names = "--list", description = "lists the attacks and ends")
    boolean list;

    @Option(names = "--short", description = "enough to see that each fails")
    boolean brief;

    @Option(names = "--json", paramLabel = "FILE", description = "also writes the result there")
    @Nullable
    Path json;

    private AttackMain() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new AttackMain())
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    System.err.println("mayfly: attack: " + failure.getMessage());
                    failure.printStackTrace();
                    return 1;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (list) {
            ALL.forEach(each -> System.out.printf("%-16s %s%n", each.name(), each.about()));
            return 0;
        }
        for (String name : names) {
            if (ALL.stream().noneMatch(each -> each.name().equals(name))) {
                System.err.println("mayfly: attack '" + name + "' (expected one of: "
                        + String.join(", ", ALL.stream().map(Attack::name).toList()) + ")");
                return 2;
            }
        }
        List<Row> rows;
        try (Scene scene = Scene.open(brief)) {
            for (Attack each : ALL) {
                if (names.isEmpty() || names.contains(each.name())) {
                    scene.play(each);
                }
            }
            rows = scene.rows();
        }
        if (json != null) {
            Files.writeString(
                    json,
                    new ObjectMapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsString(Map.of(
                                    "attack",
                                    names,
                                    "rows",
                                    rows.stream().map(Row::toMap).toList())));
        }
        long missed =
                rows.stream().filter(row -> Boolean.FALSE.equals(row.holds())).count();
        System.out.println(missed == 0 ? "all bars hold" : missed + " bars are missed");
        return missed == 0 ? 0 : 1;
    }
}
