package dev.mayfly.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.Map;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * A thread that lasts is run by the supervisor, which restarts what fails and tells {@code /readyz}: nothing else of the server
 * makes platform threads or executors, but for what ends with something that somebody waits for.
 */
@AnalyzeClasses(packages = "dev.mayfly", importOptions = ImportOption.DoNotIncludeTests.class)
final class ThreadsTest {
    private static final Map<String, String> MAY_MAKE_THREADS = Map.of(
            "dev.mayfly.runtime.health.Supervised", "it is the supervisor",
            "dev.mayfly.server.Main", "the hook that stops the server; its only loop waits for a signal",
            "dev.mayfly.sandbox.launcher.LauncherConnection",
                    "lives as long as one launcher; whatever ends it is the launcher's end, which has a successor",
            "dev.mayfly.sandbox.launcher.LauncherProgram",
                    "passes one launcher's words on to the log; nobody waits for them",
            "dev.mayfly.control.git.GitHttp",
                    "one job of git, admitted and bounded; whatever ends it, its client gets an end",
            "dev.mayfly.builders.engine.disk.BuildDisks",
                    "lasts while something is built; whatever a look meets is logged, and the next look comes",
            "dev.mayfly.sandbox.HostCommands",
                    "speaks with one tool; whoever runs it waits a limited time, whatever becomes of the thread",
            "dev.mayfly.sandbox.LinePump",
                    "lives as long as one stream; its end, by whatever, completes the stream's future",
            "dev.mayfly.builders.image.TiedCommand", "ties one command to its parent; lives as long as that",
            "dev.mayfly.builders.engine.base.BaseImages", "two tasks of the start, which waits for them in a try");

    /** Other programs: the CLI, benchmarks, the runtime inside a sandbox, what tests use. */
    private static final Set<String> OTHER_PROGRAMS = Set.of(
            "dev.mayfly.cli",
            "dev.mayfly.bench",
            "dev.mayfly.functions",
            "dev.mayfly.testkit",
            "dev.mayfly.pool.contract",
            "dev.mayfly.sandbox.contract");

    private static final Set<String> MAKERS = Set.of(
            Executors.class.getName(),
            Timer.class.getName(),
            ThreadPoolExecutor.class.getName(),
            ScheduledThreadPoolExecutor.class.getName(),
            ForkJoinPool.class.getName());

    @ArchTest
    static void threadsThatLastAreSupervised(JavaClasses all) {
        ArchRuleDefinition.noClasses()
                .that(DescribedPredicate.describe("are of the server and not on the list", ThreadsTest::isBound))
                .should()
                .accessTargetWhere(DescribedPredicate.describe("makes threads that last", ThreadsTest::makesThreads))
                .because("a thread that dies is restarted, or the server says that it is not ready"
                        + " (dev.mayfly.runtime.health.Health)")
                .check(all);
    }

    private static boolean isBound(JavaClass each) {
        String name = each.getName().replaceFirst("\\$.*", "");
        return !MAY_MAKE_THREADS.containsKey(name)
                && OTHER_PROGRAMS.stream()
                        .noneMatch(other -> each.getPackageName().startsWith(other));
    }

    private static boolean makesThreads(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        String owner = target.getOwner().getName();
        boolean thread = owner.equals(Thread.class.getName())
                && Set.of("<init>", "ofPlatform").contains(target.getName());
        boolean made = Set.of("<init>", "newScheduledThreadPool", "newSingleThreadScheduledExecutor")
                        .contains(target.getName())
                || owner.equals(Executors.class.getName());
        return thread || (made && MAKERS.contains(owner));
    }
}
