package dev.mayfly.server;

import dev.mayfly.store.Builds;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees the logs of builds that are not in the books any more. They lie where it was built, but any server may delete an old
 * build, or an app with its builds, and may die right after.
 */
final class BuildLogs {
    private static final Logger log = LoggerFactory.getLogger(BuildLogs.class);
    private static final String END = ".log";
    private static final int ASKED_AT_ONCE_MAX = 500;

    private BuildLogs() {}

    /** Returns how many it has deleted. One that cannot be is left to the next time. */
    static int deleteForgotten(Path folder, Builds books) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        int deleted = 0;
        List<Path> some = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "bld_*" + END)) {
            for (Path each : files) {
                some.add(each);
                if (some.size() == ASKED_AT_ONCE_MAX) {
                    deleted += deleteForgotten(some, books);
                    some.clear();
                }
            }
        }
        return deleted + deleteForgotten(some, books);
    }

    /** A build is in the books before it has a log: of a file that is there, one that is not in them is gone. */
    private static int deleteForgotten(List<Path> files, Builds books) {
        Set<String> known = books.existing(files.stream().map(BuildLogs::id).toList());
        int deleted = 0;
        for (Path each : files) {
            if (!known.contains(id(each))) {
                try {
                    Files.delete(each);
                    deleted++;
                } catch (IOException e) {
                    log.atWarn().addKeyValue("file", each).setCause(e).log("Build log could not be deleted");
                }
            }
        }
        return deleted;
    }

    private static String id(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.length() - END.length());
    }
}
