package dev.mayfly.sandbox;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What makes a generic sandbox one release's.
 *
 * @param tenant whose it is from now on
 * @param label what this server wants to know of it if it outlives the server, at most 2,000 bytes
 * @param layers of the release's image as directories, top first
 * @param limits what it may use from now on
 * @param egress where it may connect to from now on
 * @param message what its program is told: arguments and environment, at most 192 KiB without a zero byte
 */
public record SandboxBinding(
        String tenant,
        String label,
        List<Path> layers,
        SandboxSpec.SandboxLimits limits,
        EgressPolicy egress,
        String message) {
    private static final int MESSAGE_BYTES_MAX = 192 * 1024;

    public SandboxBinding {
        layers = List.copyOf(layers);
        int bytes = message.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MESSAGE_BYTES_MAX) {
            throw new MayflyException(
                    ErrorCode.START_FAILED,
                    "argv and env: " + bytes + " bytes (expected: at most " + MESSAGE_BYTES_MAX + " together)");
        }
    }

    /** Without the message, which may hold secrets. */
    @Override
    public String toString() {
        return "SandboxBinding[" + tenant + ", " + label + "]";
    }
}
