package dev.mayfly.bench.sandbox;

import java.util.Locale;
import java.util.regex.Pattern;

/** The kinds of {@code bombs.c}; the worst for a neighbour first. */
public enum Bomb {
    FORK("EAGAIN|pids-limit"),
    MEMORY("oom-killed"),
    SPIN("used the processor"),
    THREADS("EAGAIN|pids-limit"),
    ZOMBIES("EAGAIN|pids-limit"),
    TMP("ENOSPC"),
    INODES("ENOSPC"),
    FDS("EMFILE"),
    LOG("goes on"),
    ARGV("carried"),
    SIGNALS("EAGAIN"),
    TIMERS("EAGAIN"),
    INOTIFY("EMFILE");

    private final Pattern shows;

    Bomb(String shows) {
        this.shows = Pattern.compile(shows);
    }

    /** As its program and its rows call it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether what it said, or the reason of its death, shows that it took all that it gets. */
    boolean wentOff(String said) {
        return shows.matcher(said).find();
    }
}
