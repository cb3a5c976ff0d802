package dev.mayfly.builders.engine.detect;

import java.util.List;
import java.util.Map;

/**
 * How the runtime of a buildpack's functions starts before it is known which function it is: table {@code [metadata.generic]} of
 * a {@code buildpack.toml} of this server. In arguments {@code {shim}} is where the shim lies in images and {@code {memory}} the
 * app's memory in MiB; an argument that names a file of the shim that was not made is left out.
 *
 * @param toolchain whose program it is
 * @param program relative to the toolchain's directory
 * @param env besides what the base and the toolchain need
 * @param needs files of the shim without which it cannot start so
 */
public record Generic(
        String toolchain, String program, List<String> arguments, Map<String, String> env, List<String> needs) {
    public Generic {
        arguments = List.copyOf(arguments);
        env = Map.copyOf(env);
        needs = List.copyOf(needs);
    }
}
