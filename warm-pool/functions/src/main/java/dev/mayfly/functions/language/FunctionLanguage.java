package dev.mayfly.functions.language;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What functions can be written in. A language is one package: this description, and beside it
 *
 * <ul>
 *   <li>{@code shim/}: the program that turns HTTP into a call of a tenant's function, and that warms itself up ahead of one;
 *   <li>{@code buildpack/}: a buildpack (Buildpack API) that finds such functions and says how they start, bound and generic. It
 *       names the toolchain whose program starts them ({@code [metadata.generic]} in its {@code buildpack.toml});
 *   <li>{@code order.toml}: the groups of buildpacks that build such functions, in the form of the Platform API.
 * </ul>
 *
 * <p>It is registered by one line in {@link dev.mayfly.functions.FunctionLanguages}; all that knows languages finds them there.
 *
 * <p><b>What a shim owes.</b> It runs inside the instance, listens on the unix socket {@code $MAYFLY_SOCKET} (a path, or
 * {@code fd:0} for one that listens already as standard input) or else on {@code $PORT}, and answers
 * {@code GET /_mayfly/ready} with 200 once the function is loaded, or 500 with the reason if it cannot be.
 *
 * <p><b>Answer once.</b> With {@code MAYFLY_ISOLATION=request} a shim answers one request, tells the connection to close, turns
 * everybody else away (refused connection, 503, or a closed one) and ends with exit code 0. Questions for readiness before it do
 * not count; what the function left running is not waited for, shutdown hooks neither.
 *
 * <p><b>Bound later.</b> Started with {@code --generic} in place of its arguments, without a tenant's environment, with the
 * listening socket as descriptor 0 and a connected unix stream socket as descriptor 3, a shim does what it can ahead, prints the
 * line {@code generic} and then reads descriptor 3 to the end of the file: one JSON object in UTF-8, at most 192 KiB,
 * {@code {"argv": ["main.py", "greet", "http"], "env": {"NAME": "value"}, "cwd": "/workspace"}}. {@code argv} is what follows the
 * shim in the command of a bound start (in Java class path, class and signature), {@code env} replaces the whole environment. An
 * end without a byte ends it with exit code 0, a message that is wrong with another one and the reason on standard error.
 * Descriptor 3 is closed before anything of the tenant runs, so nobody can bind it again. {@code MAYFLY_ISOLATION=request} counts
 * in either environment; in that of the start it lets the shim load less ahead.
 *
 * <p><b>Forked.</b> A shim with a {@link ZygoteStart}, started with {@code --zygote}, serves the launcher of sandboxes instead: it
 * finds that as descriptor 3 and the launcher's library as descriptor 4, and goes on in each fork as if that had been started
 * with {@code --generic}.
 *
 * <p>What counts only when a process starts cannot be bound late: LD_*, LC_*, LANG, NODE_OPTIONS, NODE_EXTRA_CA_CERTS,
 * PYTHONHASHSEED, PYTHONOPTIMIZE, JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, _JAVA_OPTIONS.
 */
public interface FunctionLanguage {
    /** Lower-case letters; also in the name of its buildpack, {@code mayfly/function-NAME}. */
    String name();

    /** The name of its buildpack's directory, also the last part of the buildpack's id. */
    default String buildpack() {
        return "function-" + name();
    }

    /** Where its shim lies in images: in a layer called {@code shim} of its buildpack. */
    default String shimDirectory() {
        return "/layers/mayfly_" + buildpack() + "/shim";
    }

    /** Writes the shim's files below this directory. What cannot be compiled on this machine is missing. */
    default void writeShim(Path directory) throws IOException {
        Resources.copy(getClass(), Resources.beside(getClass(), "shim"), directory);
    }

    /** Writes the buildpack below this directory, without its shim. */
    default void writeBuildpack(Path directory) throws IOException {
        Resources.copy(getClass(), Resources.beside(getClass(), "buildpack"), directory);
    }

    /** The text of its {@code order.toml}. */
    default String order() throws IOException {
        return Resources.text(getClass(), "order.toml");
    }

    /** How a warm interpreter starts that generic instances are forked from; empty: they are started, each by itself. */
    default Optional<ZygoteStart> zygote() {
        return Optional.empty();
    }
}
