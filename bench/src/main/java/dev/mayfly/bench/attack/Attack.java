package dev.mayfly.bench.attack;

import java.io.IOException;

/** One hostile tenant, build or caller. */
interface Attack {
    String name();

    /** What is attacked and how, in one line. */
    String about();

    /**
     * Does its worst, adds a row for each thing that must not have happened, and leaves nothing of its own on the machine.
     *
     * @throws IOException if it could not be played; what it achieved is no reason
     */
    void play(Scene scene) throws IOException, InterruptedException;
}
