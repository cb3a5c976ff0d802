package dev.mayfly.functions;

import dev.mayfly.functions.cgi.CgiLanguage;
import dev.mayfly.functions.java.JavaLanguage;
import dev.mayfly.functions.language.FunctionLanguage;
import dev.mayfly.functions.node.NodeLanguage;
import dev.mayfly.functions.python.PythonLanguage;
import java.util.List;

/** The languages that functions can be written in. A new one is a package here and a line in this list. */
public final class FunctionLanguages {
    private static final List<FunctionLanguage> ALL = List.of(
            new NodeLanguage(), //
            new PythonLanguage(),
            new JavaLanguage(),
            new CgiLanguage());

    private FunctionLanguages() {}

    /** All of them, in the order in which they are tried on an app. */
    public static List<FunctionLanguage> all() {
        return ALL;
    }
}
