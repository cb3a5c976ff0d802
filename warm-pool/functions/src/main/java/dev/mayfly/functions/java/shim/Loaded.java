package dev.mayfly.functions.java.shim;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;

/**
 * The function of this process.
 *
 * @param ready the answer to whoever asks whether it is ready
 */
record Loaded(String name, FunctionCall call, HttpAnswer ready) {
    /** A function that cannot be loaded still answers: with why, on the path that asks whether it is ready. */
    static Loaded load(String name, String signature) {
        try {
            return new Loaded(name, FunctionLoader.load(name, signature), HttpAnswer.text(200, ""));
        } catch (FunctionLoader.NoSuchTarget e) {
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
        HttpAnswer broken = HttpAnswer.text(500, "The function could not be loaded.\n");
        return new Loaded(name, request -> broken, HttpAnswer.text(500, why));
    }
}
