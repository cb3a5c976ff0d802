package dev.mayfly.model;

import java.util.List;
import java.util.Map;

/**
 * How an image starts one of its process types, ready to execute: no shell, no launcher in between.
 *
 * @param argv program and arguments, at least one
 * @param env the image's environment for this process
 * @param workingDir absolute path inside the image
 */
public record ProcessSpec(List<String> argv, Map<String, String> env, String workingDir) {
    public ProcessSpec {
        argv = List.copyOf(argv);
        env = Map.copyOf(env);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("argv: empty (expected: a program)");
        }
        if (!workingDir.startsWith("/")) {
            throw new IllegalArgumentException("workingDir: '" + workingDir + "' (expected: absolute path)");
        }
    }
}
