package dev.mayfly.builders.api;

import java.io.IOException;
import java.nio.file.Path;

/** The files of one pushed tree. */
public interface SourceTree {
    /** Git tree id in hexadecimal: the same id is the same content. */
    String id();

    /** Writes all files below this empty directory; nothing is ever written outside of it. */
    void exportTo(Path directory) throws IOException;
}
