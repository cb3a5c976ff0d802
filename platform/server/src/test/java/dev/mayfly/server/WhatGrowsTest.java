package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WhatGrowsTest {
    private static final Path ROOT = Path.of("../..");
    private static final Pattern PLACE = Pattern.compile("\\bdata(?:\\(\\))?\\.resolve\\(\"([^\"]+)\"\\)");

    /** Whoever adds something to the data folder says in the guide how far it grows and who removes it. */
    @Test
    void everythingInTheDataFolderIsInTheGuidesTableOfWhatGrows() throws IOException {
        Set<String> places = new TreeSet<>();
        for (String room : new String[] {"server", "store", "control", "identity"}) {
            try (Stream<Path> all = Files.walk(ROOT.resolve("platform/" + room + "/src/main/java"))) {
                for (Path each :
                        all.filter(path -> path.toString().endsWith(".java")).toList()) {
                    Matcher place = PLACE.matcher(Files.readString(each));
                    while (place.find()) {
                        places.add(place.group(1).split("/", 2)[0]);
                    }
                }
            }
        }
        assertThat(places).contains("db", "images", "git", "builds", "cache", "logs", "run", "secrets", "server.log");
        String table = Files.readString(ROOT.resolve("docs/operator-guide.md"))
                .lines()
                .dropWhile(line -> !line.startsWith("## The disk"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("|"))
                .collect(Collectors.joining("\n"));
        for (String each : places) {
            assertThat(table).as(each).containsAnyOf("`" + each + "/", "`" + each + "`");
        }
    }
}
