package dev.mayfly.bench.replay;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Calls of many functions.
 *
 * @param name what it is, with "synthetic" in it if it is
 * @param seconds how long it is
 */
public record Trace(String name, double seconds, List<Function> functions) {
    /**
     * @param memoryMib what an instance of it takes
     * @param calls when it is called, in seconds from the beginning, in order
     */
    public record Function(int memoryMib, List<Double> calls) {
        public Function {
            calls = List.copyOf(calls);
        }
    }

    /** One call of one function. */
    record Call(double at, int function) {}

    public Trace {
        functions = List.copyOf(functions);
    }

    public int calls() {
        return functions.stream().mapToInt(function -> function.calls().size()).sum();
    }

    /** All calls in order. */
    List<Call> inOrder() {
        List<Call> all = new ArrayList<>(calls());
        for (int i = 0; i < functions.size(); i++) {
            for (double at : functions.get(i).calls()) {
                all.add(new Call(at, i));
            }
        }
        all.sort(Comparator.comparingDouble(Call::at).thenComparingInt(Call::function));
        return all;
    }
}
