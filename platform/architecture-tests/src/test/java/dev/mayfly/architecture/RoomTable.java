package dev.mayfly.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The table of rooms, as it stands in ARCHITECTURE.md: folder, packages, what it is, what it may know. */
record RoomTable(List<Room> rooms) {
    private static final String HEADING = "## Rooms";
    private static final String EVERYTHING = "everything";
    private static final String ALWAYS_KNOWN = "foundation/model";
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final int CELLS = 6; // The first and the last are outside of the bars.

    /**
     * One row.
     *
     * @param packages without the beginning that all have in common; none if it holds no Java
     * @param mayKnow folders
     * @param knowsEverything whether it may know every room
     */
    record Room(String folder, List<String> packages, List<String> mayKnow, boolean knowsEverything) {}

    static RoomTable read(Path page) {
        try {
            String text = Files.readString(page);
            String section = text.substring(text.indexOf(HEADING), text.indexOf("\n## ", text.indexOf(HEADING) + 1));
            List<Room> rooms = new ArrayList<>();
            for (String line :
                    section.lines().filter(each -> each.startsWith("| `")).toList()) {
                String[] cells = line.split("\\|", -1);
                if (cells.length != CELLS) {
                    throw new IllegalStateException(page + ": '" + line + "' (expected: four cells)");
                }
                rooms.add(new Room(
                        quoted(cells[1]).getFirst(),
                        quoted(cells[2]),
                        quoted(cells[4]),
                        cells[4].strip().equals(EVERYTHING)));
            }
            return new RoomTable(List.copyOf(rooms));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    /** The room that names the longest beginning of this package. */
    Optional<Room> roomOf(String packageName) {
        return rooms.stream()
                .filter(room -> length(room, packageName) > 0)
                .max(Comparator.comparingInt(room -> length(room, packageName)));
    }

    private static int length(Room room, String packageName) {
        return room.packages().stream()
                .map(each -> "dev.mayfly." + each)
                .filter(each -> packageName.equals(each) || packageName.startsWith(each + "."))
                .mapToInt(String::length)
                .max()
                .orElse(0);
    }

    /** Whether the room may not know what lies in this package. Other people's packages are nobody's room. */
    boolean refuses(Room room, String packageName) {
        return roomOf(packageName)
                .filter(other -> !other.equals(room) && !other.folder().equals(ALWAYS_KNOWN))
                .filter(other -> !room.knowsEverything() && !room.mayKnow().contains(other.folder()))
                .isPresent();
    }
}
