package dev.mayfly.pool.core;

import java.util.List;
import java.util.Optional;

/**
 * An instance that comes without a request.
 *
 * @param instance its id; empty if there is no place now: ask again
 * @param actions what is to be done for it
 */
public record Prestart(Optional<String> instance, List<Action> actions) {}
