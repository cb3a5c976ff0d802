package dev.mayfly.pool.api;

import java.time.Instant;

/**
 * A part of an instance's life.
 *
 * @param since when it began; it lasts until the next step, the last one until the instance's death or now
 */
public record LifeStep(LifeStage stage, Instant since) {}
