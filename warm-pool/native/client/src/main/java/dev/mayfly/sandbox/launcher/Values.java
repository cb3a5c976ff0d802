package dev.mayfly.sandbox.launcher;

import dev.mayfly.sandbox.SandboxSpec;

/** The value of a field that the launcher names, for the message. Never the environment: it holds secrets. */
final class Values {
    private Values() {}

    static String of(SandboxSpec spec, String field) {
        var limits = spec.limits();
        return switch (field) {
            case "argv" -> quoted(spec.argv().getFirst());
            case "workingDir" -> quoted(spec.workingDir());
            case "limits.memory" -> limits.memoryMib() + " MiB ";
            case "limits.cpus" -> limits.cpus() + " ";
            case "limits.pids" -> limits.pids() + " ";
            case "limits.tmp" -> limits.tmpMib() + " MiB ";
            case "limits.io" -> limits.ioMib().orElse(0) + " MiB ";
            case "uid" -> spec.uid() + " ";
            case "mounts.inside", "mounts.host", "mounts" -> spec.mounts() + " ";
            case "listen" -> spec.socket() + " ";
            default -> "";
        };
    }

    private static String quoted(String value) {
        return "'" + value + "' ";
    }
}
