package dev.mayfly.pool.contracts.java;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;

/**
 * The function of this process.
 *
 * @param ready the answer to whoever asks whether it is ready
 */
record Loaded(String name, Call call, Answer ready) {
    /** A function that cannot be loaded still answers: with why, on the path that asks whether it is ready. */
    static Loaded load(String name, String signature) {
        try {
            return new Loaded(name, Functions.load(name, signature), Answer.text(200, ""));
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            Throwable cause = e instanceof InvocationTargetException && e.getCause() != null ? e.getCause() : e;
            StringWriter text = new StringWriter();
            cause.printStackTrace(new PrintWriter(text, true));
            System.err.print(text);
            Answer broken = Answer.text(500, "The function could not be loaded.\n");
            return new Loaded(name, request -> broken, Answer.text(500, text.toString()));
        }
    }
}
