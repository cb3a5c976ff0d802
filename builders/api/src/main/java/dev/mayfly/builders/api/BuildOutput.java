package dev.mayfly.builders.api;

/**
 * Where a build tells what it does, line by line, while it does it. Lines follow the grammar that tutorials and eyes know:
 * {@code -----> Step}, seven spaces before detail, {@code  !     } before a warning or an error.
 */
public interface BuildOutput {
    /** A raw line without its end; may hold ANSI colours. */
    void line(String line);

    default void step(String text) {
        line("-----> " + text);
    }

    default void detail(String text) {
        line("       " + text);
    }

    default void warning(String text) {
        line(" !     " + text);
    }

    /** A phase began: {@code detect}, {@code restore}, {@code build}, {@code export}. For timings, not for eyes. */
    default void phase(String name) {}
}
