package dev.mayfly.functions.language;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How an interpreter starts that generic instances of a language are forked from. It runs with the machine's own privileges, so
 * all of this is constant: nothing that a build can write has a say in it.
 *
 * @param program the interpreter's path in images, as a toolchain of Mayfly lays it out: what it matches is run
 * @param options before the shim. With them no variable, no folder of a user and no working directory may count
 * @param shimFile name of the file that is run
 * @param variables those of a generic start's environment that count when the interpreter starts, besides the base's. A generic
 *     start with others is not forked
 */
public record ZygoteStart(Pattern program, List<String> options, String shimFile, Map<String, String> variables) {
    public ZygoteStart {
        options = List.copyOf(options);
        variables = Map.copyOf(variables);
    }
}
