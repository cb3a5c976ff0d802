package dev.mayfly.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Which room may know which: the table in ARCHITECTURE.md. Maven's modules say the same; this says it of packages too. */
@AnalyzeClasses(packages = "dev.mayfly", importOptions = ImportOption.DoNotIncludeTests.class)
final class RoomsTest {
    /** Ground first: who is in one of these folders knows nothing of a later one. */
    private static final List<String> FLOORS =
            List.of("foundation", "warm-pool", "builders", "gateway", "platform", "bench");

    private static final RoomTable TABLE = RoomTable.read(Path.of("../../ARCHITECTURE.md"));

    @ArchTest
    static void roomsKnowOnlyWhatTheyMay(JavaClasses all) {
        for (RoomTable.Room room : TABLE.rooms()) {
            noClasses()
                    .that(DescribedPredicate.describe(
                            "are in " + room.folder(),
                            each -> TABLE.roomOf(each.getPackageName()).equals(Optional.of(room))))
                    .should()
                    .dependOnClassesThat(DescribedPredicate.describe(
                            "are in rooms other than " + room.mayKnow(),
                            each -> TABLE.refuses(room, each.getPackageName())))
                    .allowEmptyShould(true)
                    .check(all);
        }
    }

    @ArchTest
    static void everyPackageIsInARoom(JavaClasses all) {
        classes()
                .should(ArchConditions.be(DescribedPredicate.describe(
                        "in a room of the table",
                        each -> TABLE.roomOf(each.getPackageName()).isPresent())))
                .check(all);
    }

    @Test
    void everyModuleIsARoomAndEveryRoomAModule() throws IOException {
        List<String> modules = Pattern.compile("<module>([^<]+)</module>")
                .matcher(Files.readString(Path.of("../../pom.xml")))
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(TABLE.rooms()).extracting(RoomTable.Room::folder).containsExactlyInAnyOrderElementsOf(modules);
    }

    @Test
    void betweenTopFoldersAllArrowsPointOneWay() {
        for (RoomTable.Room room : TABLE.rooms()) {
            for (String known : room.mayKnow()) {
                assertThat(floor(known))
                        .as("%s is below %s, which knows it", known, room.folder())
                        .isLessThanOrEqualTo(floor(room.folder()));
            }
        }
    }

    private static int floor(String folder) {
        int floor = FLOORS.indexOf(folder.replaceFirst("/.*", ""));
        assertThat(floor).as("floor of " + folder).isNotNegative();
        return floor;
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
            .resideOutsideOfPackage("dev.mayfly.functions.java.shim")
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
}
