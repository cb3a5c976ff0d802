package dev.mayfly.sandbox;

import java.time.Duration;

/**
 * What a sandbox has used, as its cgroup counts it.
 *
 * @param cpu processor time since it was made
 * @param memoryBytes memory now, files in tmpfs included
 * @param memoryPeakBytes the most memory it ever had
 * @param pids processes and threads now
 */
public record SandboxUsage(Duration cpu, long memoryBytes, long memoryPeakBytes, int pids) {}
