package dev.mayfly.functions.java.shim;

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
        } catch (Functions.NoSuchTarget e) {
            return broken(name, e.getMessage() + "\n");
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            Throwable cause = e instanceof InvocationTargetException && e.getCause() != null ? e.getCause() : e;
            StringWriter text = new StringWriter();
            cause.printStackTrace(new PrintWriter(text, true));
            return broken(name, text.toString());
        }
    }

    private static Loaded broken(String name, String why) {
        System.err.print(why);
        Answer broken = Answer.text(500, "The function could not be loaded.\n");
        return new Loaded(name, request -> broken, Answer.text(500, why));
    }
}
