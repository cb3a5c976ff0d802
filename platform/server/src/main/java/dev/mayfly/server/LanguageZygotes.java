package dev.mayfly.server;

import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.functions.language.FunctionLanguage;
import dev.mayfly.functions.language.ZygoteStart;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.Zygote;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What functions of a language are forked from, if the language says how ({@link ZygoteStart}). A zygote is the machine's own
 * process, so nothing that a build can write has a say in it: base and toolchain are the layers that the build engine put below,
 * the shim is this server's own, and the command is made of the language's constants. Of a generic part only one thing is taken
 * over: which of our interpreters it is for.
 */
final class LanguageZygotes {
    private static final String GENERIC = "--generic";
    private static final String ZYGOTE = "--zygote";

    /** Of the base: the value of a generic start's environment that counts when any interpreter starts. */
    private static final Map<String, String> BASE = Map.of("LANG", "C.UTF-8");

    /** Those that a generic start has besides; a zygote gets the launcher's. */
    private static final Set<String> OTHERS = Set.of("PATH", "HOME");

    private final Path folder;
    private final List<FunctionLanguage> languages;
    private final Set<String> written = new HashSet<>();

    /** @param folder for a layer of each language's shim, empty and this server's alone */
    LanguageZygotes(Path folder, List<FunctionLanguage> languages) {
        this.folder = folder;
        this.languages = List.copyOf(languages);
    }

    /**
     * @param part as the build engine made it
     * @param directories of layers by digest, top first
     * @return empty if it is not started exactly as one of the languages says: such a part is started and not forked
     */
    Optional<Zygote> of(GenericPart part, Function<List<String>, List<Path>> directories) {
        for (FunctionLanguage language : languages) {
            Optional<ZygoteStart> start = language.zygote();
            if (start.isPresent() && startsSo(part, language, start.get())) {
                List<Path> layers = new ArrayList<>(List.of(shim(language)));
                // The last is the shim's.
                layers.addAll(
                        directories.apply(part.layers().subList(0, part.layers().size() - 1)));
                List<String> command =
                        new ArrayList<>(List.of(part.process().argv().getFirst()));
                command.addAll(start.get().options());
                command.addAll(List.of(program(language, start.get()), ZYGOTE));
                return Optional.of(new Zygote(layers, command));
            }
        }
        return Optional.empty();
    }

    private static boolean startsSo(GenericPart part, FunctionLanguage language, ZygoteStart start) {
        ProcessSpec process = part.process();
        List<String> argv = process.argv();
        Map<String, String> atStart = new HashMap<>(BASE);
        atStart.putAll(start.variables());
        return part.layers().size() >= 2
                && argv.size() == 3
                && start.program().matcher(argv.getFirst()).matches()
                && argv.subList(1, 3).equals(List.of(program(language, start), GENERIC))
                && process.env().size() == atStart.size() + OTHERS.size()
                && process.env().keySet().containsAll(OTHERS)
                && process.env().entrySet().containsAll(atStart.entrySet());
    }

    private static String program(FunctionLanguage language, ZygoteStart start) {
        return language.shimDirectory() + "/" + start.shimFile();
    }

    private synchronized Path shim(FunctionLanguage language) {
        Path layer = folder.resolve(language.name());
        try {
            if (!written.contains(language.name())) {
                language.writeShim(Files.createDirectories(
                        layer.resolve(language.shimDirectory().substring(1))));
                written.add(language.name());
            }
            return layer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
