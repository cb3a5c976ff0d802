package dev.mayfly.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which room may know which (ARCHITECTURE.md, "Rooms"). Maven's modules say the same; this says it of packages too. */
@AnalyzeClasses(packages = "dev.mayfly", importOptions = ImportOption.DoNotIncludeTests.class)
final class RoomsTest {
    /** Each room by its packages, with the rooms that it may know beside model. */
    private static final Map<String, List<String>> MAY_KNOW = new TreeMap<>(Map.ofEntries(
            Map.entry("dev.mayfly.model", List.of()),
            Map.entry("dev.mayfly.runtime", List.of()),
            Map.entry("dev.mayfly.store", List.of("dev.mayfly.runtime")),
            Map.entry("dev.mayfly.identity", List.of("dev.mayfly.runtime", "dev.mayfly.store")),
            Map.entry("dev.mayfly.cluster", List.of("dev.mayfly.runtime")),
            Map.entry("dev.mayfly.pool.api", List.of()),
            Map.entry("dev.mayfly.pool.core", List.of("dev.mayfly.pool.api")),
            Map.entry("dev.mayfly.functions", List.of()),
            Map.entry("dev.mayfly.sandbox", List.of("dev.mayfly.runtime")),
            Map.entry(
                    "dev.mayfly.pool.engine",
                    List.of("dev.mayfly.pool.api", "dev.mayfly.pool.core", "dev.mayfly.sandbox", "dev.mayfly.runtime")),
            Map.entry("dev.mayfly.gateway", List.of("dev.mayfly.runtime", "dev.mayfly.pool.api")),
            Map.entry("dev.mayfly.builders.api", List.of()),
            Map.entry("dev.mayfly.builders.image", List.of("dev.mayfly.builders.api")),
            Map.entry(
                    "dev.mayfly.builders.toolchains", List.of("dev.mayfly.builders.api", "dev.mayfly.builders.image")),
            Map.entry(
                    "dev.mayfly.builders.buildpacks",
                    List.of("dev.mayfly.builders.toolchains", "dev.mayfly.functions")),
            Map.entry(
                    "dev.mayfly.builders.engine",
                    List.of(
                            "dev.mayfly.runtime",
                            "dev.mayfly.builders.api",
                            "dev.mayfly.builders.image",
                            "dev.mayfly.builders.toolchains")),
            Map.entry(
                    "dev.mayfly.control",
                    List.of(
                            "dev.mayfly.runtime",
                            "dev.mayfly.store",
                            "dev.mayfly.identity",
                            "dev.mayfly.cluster",
                            "dev.mayfly.pool.api",
                            "dev.mayfly.builders.api")),
            Map.entry("dev.mayfly.cli", List.of())));

    @ArchTest
    static void roomsKnowOnlyWhatTheyMay(JavaClasses all) {
        MAY_KNOW.forEach((room, known) -> {
            List<String> allowed = new ArrayList<>(known);
            allowed.add(room);
            allowed.add("dev.mayfly.model");
            noClasses()
                    .that(in(List.of(room)))
                    .should()
                    .dependOnClassesThat(DescribedPredicate.describe(
                            "are in rooms other than " + allowed,
                            each -> each.getPackageName().startsWith("dev.mayfly") && !within(each, allowed)))
                    .check(all);
        });
    }

    @ArchTest
    static void everyPackageIsInARoom(JavaClasses all) {
        List<String> rooms = new ArrayList<>(MAY_KNOW.keySet());
        rooms.add("dev.mayfly.server");
        rooms.add("dev.mayfly.bench");
        rooms.add("dev.mayfly.testkit");
        classes().should(ArchConditions.be(in(rooms))).check(all);
    }

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("dev.mayfly.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ENVIRONMENT_IS_READ_IN_ONE_PLACE = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.mayfly.runtime.config.ConfigReader")
            .and()
            .doNotHaveFullyQualifiedName("dev.mayfly.cli.Main")
            .and()
            .resideOutsideOfPackage("dev.mayfly.functions.java")
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class);

    @ArchTest
    static final ArchRule THE_POOLS_DECISIONS_ARE_PURE = noClasses()
            .that()
            .resideInAPackage("dev.mayfly.pool.core..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.io..", "java.nio..", "java.net..", "io.vertx..", "java.util.concurrent..");

    @ArchTest
    static final ArchRule HAZELCAST_STAYS_IN_THE_CLUSTER = noClasses()
            .that()
            .resideOutsideOfPackage("dev.mayfly.cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.hazelcast..");

    @ArchTest
    static final ArchRule SQL_STAYS_IN_THE_STORE = noClasses()
            .that()
            .resideOutsideOfPackage("dev.mayfly.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "org.jooq..");

    private static DescribedPredicate<JavaClass> in(List<String> rooms) {
        return DescribedPredicate.describe("in one of " + rooms, each -> within(each, rooms));
    }

    private static boolean within(JavaClass each, List<String> rooms) {
        String name = each.getPackageName();
        return rooms.stream().anyMatch(room -> name.equals(room) || name.startsWith(room + "."));
    }
}
