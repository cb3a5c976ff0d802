package dev.mayfly.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess.Predicates;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.FileInputStream;
import java.io.FileReader;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;

/** What a tenant's code left on disk is read in one place, which follows nothing and has limits (ADR-0023). */
@AnalyzeClasses(packages = "dev.mayfly.builders", importOptions = ImportOption.DoNotIncludeTests.class)
final class ForeignFilesTest {
    private static final String BUILDERS = "dev.mayfly.builders.";

    private static final Set<String> READS = Set.of(
            "readString",
            "readAllBytes",
            "readAllLines",
            "lines",
            "newInputStream",
            "newBufferedReader",
            "newByteChannel",
            "newDirectoryStream",
            "list",
            "walk",
            "walkFileTree",
            "find",
            "copy");

    /** The reader itself, and work on whole trees that only copies, counts, hashes or deletes and follows no link. */
    private static final List<String> FOREIGN =
            List.of("image.ForeignTree", "image.Trees", "image.TreeCheck", "image.LayerTar");

    /**
     * They read files that only this server, its operator or a package with a signature can have written; the first three list
     * folders whose entries the server or the kernel names: apps, builds, processes and their descriptors.
     */
    private static final List<String> OWN = List.of(
            "engine.Caches",
            "engine.Engine",
            "engine.disk.Measure",
            "image.ImageStore",
            "image.LayerStore",
            "engine.detect.Buildpack",
            "engine.detect.Order",
            "engine.base.",
            "engine.network.",
            "toolchains.host.",
            "buildpacks.");

    @ArchTest
    static final ArchRule WHAT_A_BUILD_LEFT_IS_READ_IN_ONE_PLACE = noClasses()
            .that(areNotOf(FOREIGN))
            .and(areNotOf(OWN))
            .should()
            .callMethodWhere(DescribedPredicate.describe("it reads a file or a directory", ForeignFilesTest::reads))
            .orShould()
            .callConstructorWhere(Predicates.targetOwner(JavaClass.Predicates.belongToAnyOf(
                    FileInputStream.class, FileReader.class, RandomAccessFile.class)));

    @ArchTest
    static final ArchRule TOML_OF_TENANTS_IS_PARSED_WITHIN_LIMITS = noClasses()
            .that(areNotOf(List.of("engine.toml.BoundedToml")))
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "it parses a text as TOML",
                    call -> call.getTargetOwner().getName().equals("org.tomlj.Toml")
                            && call.getName().equals("parse")
                            && !call.getTarget()
                                    .getRawParameterTypes()
                                    .getFirst()
                                    .getName()
                                    .equals("java.nio.file.Path")));

    private static boolean reads(JavaCall<?> call) {
        return (call.getTargetOwner().isEquivalentTo(Files.class) && READS.contains(call.getName()))
                || (call.getTargetOwner().isEquivalentTo(FileChannel.class)
                        && call.getName().equals("open"));
    }

    /** @param names of classes, or of packages with a dot at the end, without {@link #BUILDERS} */
    private static DescribedPredicate<JavaClass> areNotOf(List<String> names) {
        return DescribedPredicate.describe(
                "are not of " + names,
                each -> names.stream()
                        .map(BUILDERS::concat)
                        .noneMatch(name -> name.endsWith(".")
                                ? each.getName().startsWith(name)
                                : each.getName().equals(name) || each.getName().startsWith(name + "$")));
    }
}
