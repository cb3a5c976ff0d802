package dev.mayfly.builders.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;

/** Programs of this machine that end when this process does, however that ends. */
public final class TiedCommand {
    /** How a program ends that could not be executed, as shells, {@code setpriv} and {@code unshare} say it. */
    public static final int NOT_FOUND = 127;

    /**
     * What a program of this machine finds of this process' environment: where programs and the operator's own settings of package
     * clients are, and nothing that makes an interpreter or the loader run something else, nor this server's own settings.
     */
    private static final Pattern PASSED_ON =
            Pattern.compile("PATH|HOME|TMPDIR|TZ|APT_CONFIG|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS"
                    + "|(?i:(?:https?|ftp|all|no)_proxy|npm_config_[a-z0-9_:/.-]+)");

    private TiedCommand() {}

    /**
     * The command with a clean environment.
     *
     * @param environment besides what is passed on
     */
    public static ProcessBuilder builder(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> its = builder.environment();
        its.keySet().removeIf(name -> !PASSED_ON.matcher(name).matches());
        its.put("LC_ALL", "C.UTF-8");
        its.putAll(environment);
        return builder;
    }

    /**
     * The command in a mount and a process namespace of its own: whatever it starts, in whatever session or group, ends when
     * it does, and its mounts with it. Needs privileges.
     */
    public static List<String> contained(List<String> command) {
        List<String> contained = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount-proc",
                "--"));
        contained.addAll(command);
        return contained;
    }

    /**
     * Starts the builder's command so that the kernel kills it when this process is gone. The kernel's promise is about the
     * thread that started it, not the process; so a thread of its own starts it and stays until it ends. What the command
     * starts itself lives on, unless it is {@link #contained}.
     */
    public static Process start(ProcessBuilder builder) throws IOException {
        List<String> tied = new ArrayList<>(List.of("setpriv", "--pdeathsig", "KILL", "--"));
        tied.addAll(builder.command());
        builder.command(tied);
        CompletableFuture<Process> started = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("command").start(() -> {
            try {
                Process process = builder.start();
                started.complete(process);
                process.waitFor();
            } catch (IOException | InterruptedException e) {
                started.completeExceptionally(e);
            }
        });
        try {
            return started.join();
        } catch (CompletionException e) {
            throw new IOException(e.getCause());
        }
    }
}
