package dev.mayfly.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Every class of the server that starts a program outside of a sandbox has its row in docs/security.md, and no other has one. */
@AnalyzeClasses(packages = "dev.mayfly", importOptions = ImportOption.DoNotIncludeTests.class)
final class ProgramsOutsideTest {
    private static final Path PAGE = Path.of("../../docs/security.md");
    private static final String TABLE = "## Programs outside of sandboxes";

    /** What people start themselves, not the server. */
    private static final List<String> NOT_THE_SERVER = List.of(
            "dev.mayfly.cli",
            "dev.mayfly.bench",
            "dev.mayfly.testkit",
            "dev.mayfly.pool.contract",
            "dev.mayfly.sandbox.contract");

    private static final Pattern FIRST_CELL = Pattern.compile("^\\| `(\\w+)` \\|", Pattern.MULTILINE);

    @ArchTest
    static void theTableNamesWhoStartsThem(JavaClasses all) {
        Set<String> starting = new TreeSet<>();
        for (JavaClass each : all) {
            boolean starts = each.getConstructorCallsFromSelf().stream()
                            .anyMatch(call -> call.getTargetOwner().isEquivalentTo(ProcessBuilder.class))
                    || each.getMethodCallsFromSelf().stream()
                            .anyMatch(call -> call.getTargetOwner().isEquivalentTo(Runtime.class)
                                    && call.getName().equals("exec"));
            if (starts && NOT_THE_SERVER.stream().noneMatch(each.getPackageName()::startsWith)) {
                starting.add(each.getSimpleName());
            }
        }
        assertThat(named()).isEqualTo(starting);
    }

    private static Set<String> named() {
        try {
            String page = Files.readString(PAGE);
            String table = page.substring(page.indexOf(TABLE) + TABLE.length());
            int next = table.indexOf("\n## ");
            Set<String> named = new TreeSet<>();
            FIRST_CELL
                    .matcher(next < 0 ? table : table.substring(0, next))
                    .results()
                    .map((MatchResult row) -> row.group(1))
                    .forEach(named::add);
            return named;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
