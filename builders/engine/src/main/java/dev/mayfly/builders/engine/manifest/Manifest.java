package dev.mayfly.builders.engine.manifest;

import dev.mayfly.model.AppSpec;
import java.util.Optional;

/**
 * What {@code mayfly.toml} says.
 *
 * @param spec how to run the app
 * @param function how to call it; present if and only if the kind is function
 */
public record Manifest(AppSpec spec, Optional<Function> function) {
    public static final Manifest DEFAULTS = new Manifest(AppSpec.DEFAULTS, Optional.empty());

    /** What the function receives. */
    public enum Signature {
        /** A plain handler or the Functions Framework's HTTP signature. */
        HTTP,
        /** CloudEvents over HTTP, binary or structured. */
        CLOUDEVENT,
        /** Nothing: it is a program that is run for each request, by CGI/1.1. */
        CGI;

        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * @param target name of the function in its file; with CGI the program, relative to the root of the tree
     * @param source file or class that holds it; empty: the language's usual one, or CGI
     */
    public record Function(String target, Signature signature, Optional<String> source) {}
}
