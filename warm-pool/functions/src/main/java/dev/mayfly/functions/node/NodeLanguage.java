package dev.mayfly.functions.node;

import dev.mayfly.functions.language.FunctionLanguage;

/** JavaScript on Node.js 18 or later. */
public final class NodeLanguage implements FunctionLanguage {
    @Override
    public String name() {
        return "node";
    }
}
