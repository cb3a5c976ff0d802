package dev.mayfly.server;

import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** Starts a server: {@code Main key=value…}, keys as in the configuration reference, and {@code config=FILE}. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        try {
            run(arguments);
        } catch (ConfigException e) {
            fail(String.valueOf(e.getMessage()));
        } catch (MayflyException e) {
            fail(e.detail());
        } catch (IOException e) {
            fail(e.toString());
        }
    }

    private static void run(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> overrides = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals < 1) {
                throw new ConfigException("argument '" + argument + "' (expected: key=value)");
            }
            overrides.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        Map<String, String> environment = ConfigReader.processEnvironment();
        String file = overrides.remove("config");
        String config = file == null ? environment.get("MAYFLY_CONFIG") : file;
        Path configFile = config == null ? null : Path.of(config);
        Settings asked = Settings.read(ConfigReader.load(overrides, environment, configFile), environment);
        try (ChosenPorts ports = ChosenPorts.choose(asked)) {
            overrides.putAll(ports.settings());
            serve(Settings.read(ConfigReader.load(overrides, environment, configFile), environment), ports);
        }
    }

    private static void serve(Settings settings, ChosenPorts ports) throws IOException, InterruptedException {
        DataFolder.close(settings.data());
        FileChannel channel =
                FileChannel.open(settings.data().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            throw new ConfigException("data: " + settings.data() + " (expected: a folder that no other server uses)");
        }
        Server server = Server.start(settings, Main::say);
        ports.close(); // It listens on them now.
        Path about = settings.data().resolve("server.json");
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> stop(server, about)));
        Path part = about.resolveSibling("server.json.part");
        Files.deleteIfExists(part);
        Files.writeString(DataFolder.file(part), server.describe());
        Files.move(part, about, StandardCopyOption.ATOMIC_MOVE);
        Thread.currentThread().join(); // Until a signal ends the process.
        lock.release();
    }

    private static void stop(Server server, Path about) {
        server.close();
        try {
            Files.deleteIfExists(about);
        } catch (IOException e) {
            say("server.json could not be deleted: " + e.getMessage());
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    private static void fail(String why) {
        System.err.println("mayfly: " + why);
        System.exit(1);
    }
}
