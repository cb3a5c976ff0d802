import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import java.time.Duration;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs tests without a build tool, which takes minutes in an emulated machine: simple names of classes, separated by spaces. */
final class RunTests {
    private static final class Told implements TestExecutionListener {
        private long begin;
        private int run;
        private int failed;
        private int skipped;

        @Override
        public void executionStarted(TestIdentifier test) {
            begin = System.nanoTime();
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            skipped++;
            System.out.println("Skipped " + test.getUniqueId() + ": " + reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            run += test.isTest() ? 1 : 0;
            switch (result.getStatus()) {
                case FAILED -> {
                    failed++;
                    System.out.println("Failed " + test.getUniqueId());
                    result.getThrowable().ifPresent(failure -> failure.printStackTrace(System.out));
                }
                case ABORTED -> {
                    skipped++;
                    System.out.println("Skipped " + test.getUniqueId() + ": " + result.getThrowable().orElse(null));
                }
                case SUCCESSFUL -> {
                    if (test.isTest()) {
                        long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
                        System.out.println("passed " + test.getUniqueId() + " in " + millis + " ms");
                    }
                }
            }
        }
    }

    public static void main(String[] names) {
        String any = String.join("|", String.join(" ", names).split(" "));
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectPackage("dev.mayfly"))
                .filters(includeClassNamePatterns(".*\\.(" + any + ")"))
                .build();
        Told told = new Told();
        LauncherFactory.create().execute(request, told);
        System.out.println("Tests run: " + told.run + ", failed: " + told.failed + ", skipped: " + told.skipped);
        System.exit(told.failed == 0 && told.run > 0 ? 0 : 1);
    }
}
