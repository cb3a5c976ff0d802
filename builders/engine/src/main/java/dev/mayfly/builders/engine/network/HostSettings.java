package dev.mayfly.builders.engine.network;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What this machine's own package clients are told. Addresses alone are read; credentials stay where they are. */
record HostSettings(Map<String, String> environment, Path home) {
    private static final Pattern NPM = Pattern.compile("(?m)^\\s*registry\\s*=\\s*\"?(\\S+?)\"?\\s*$");
    private static final Pattern PIP = Pattern.compile("(?m)^\\s*index[-_]url\\s*[=:]\\s*(\\S+)\\s*$");
    private static final Pattern MAVEN = Pattern.compile(
            "<mirror>(?:(?!</mirror>).)*?<mirrorOf>\\s*(?:\\*|central|external:\\*)\\s*</mirrorOf>(?:(?!</mirror>).)*?</mirror>",
            Pattern.DOTALL);
    private static final Pattern URL = Pattern.compile("<url>\\s*(\\S+?)\\s*</url>");
    private static final Pattern XML_COMMENT = Pattern.compile("<!--.*?-->", Pattern.DOTALL);

    Optional<String> env(String... names) {
        for (String name : names) {
            String value = environment.getOrDefault(name, "");
            if (!value.isBlank()) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    Optional<String> npmRegistry() {
        return env("NPM_CONFIG_REGISTRY", "npm_config_registry")
                .or(() -> find(NPM, home.resolve(".npmrc")))
                .or(() -> find(NPM, Path.of("/etc/npmrc")));
    }

    Optional<String> pythonIndex() {
        return env("PIP_INDEX_URL")
                .or(() -> find(PIP, home.resolve(".config/pip/pip.conf")))
                .or(() -> find(PIP, home.resolve(".pip/pip.conf")))
                .or(() -> find(PIP, Path.of("/etc/pip.conf")));
    }

    Optional<String> mavenMirror() {
        return text(home.resolve(".m2/settings.xml")).flatMap(xml -> {
            Matcher mirror = MAVEN.matcher(XML_COMMENT.matcher(xml).replaceAll(""));
            if (!mirror.find()) {
                return Optional.empty();
            }
            Matcher url = URL.matcher(mirror.group());
            return url.find() ? Optional.of(url.group(1)) : Optional.empty();
        });
    }

    private static Optional<String> find(Pattern pattern, Path file) {
        return text(file).flatMap(text -> {
            Matcher found = pattern.matcher(text);
            return found.find() ? Optional.of(found.group(1)) : Optional.empty();
        });
    }

    private static Optional<String> text(Path file) {
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // Not readable for us: as if it were not there.
        }
    }
}
