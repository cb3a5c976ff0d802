package dev.mayfly.pool.core.keep;

/** A policy: for every app a habit that learns, or does not, when the app is loaded while it has no request. */
public interface KeepAlive {
    /** The habit of an app of which nothing is known. */
    Habit unknown();
}
