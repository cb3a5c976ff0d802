package dev.mayfly.builders.engine.detect;

import dev.mayfly.builders.engine.detect.BuildPlan.Alternative;
import dev.mayfly.builders.engine.detect.BuildPlan.Require;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the first group of buildpacks whose needs are met (Buildpack API, "Order Resolution"). Trials are a product of
 * alternatives, so their number has a limit.
 */
public final class PlanResolver {
    private static final int TRIALS_MAX = 10_000;

    /** A buildpack that passed detection, with its plan. */
    public record Candidate(Order.Element element, BuildPlan plan) {}

    /** A buildpack that takes part, and what later ones asked of it. */
    public record Chosen(Buildpack buildpack, List<Require> entries) {}

    private record Try(Candidate candidate, Alternative alternative) {}

    private PlanResolver() {}

    /**
     * @param passed plans of the buildpacks whose detection passed
     * @return the chosen ones in order, or nothing if no group passes
     */
    public static Optional<List<Chosen>> resolve(Order order, Map<Buildpack, BuildPlan> passed) {
        for (List<Order.Element> group : order.groups()) {
            boolean all = group.stream().allMatch(each -> each.optional() || passed.containsKey(each.buildpack()));
            List<Candidate> candidates = new ArrayList<>();
            for (Order.Element each : group) {
                BuildPlan plan = passed.get(each.buildpack());
                if (plan != null) {
                    candidates.add(new Candidate(each, plan));
                }
            }
            if (all && !candidates.isEmpty()) {
                Optional<List<Chosen>> found = trials(candidates, 0, new ArrayList<>(), new int[] {TRIALS_MAX});
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<List<Chosen>> trials(List<Candidate> all, int next, List<Try> so, int[] left) {
        if (next == all.size()) {
            return left[0]-- > 0 ? settle(so) : Optional.empty();
        }
        for (Alternative alternative : all.get(next).plan().alternatives()) {
            so.add(new Try(all.get(next), alternative));
            Optional<List<Chosen>> found = trials(all, next + 1, so, left);
            so.removeLast();
            if (found.isPresent() || left[0] <= 0) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** Drops optional buildpacks with open needs or unused offers until nothing changes; a required one ends the trial. */
    private static Optional<List<Chosen>> settle(List<Try> trial) {
        List<Try> rest = new ArrayList<>(trial);
        while (true) {
            Optional<Try> unmet = firstUnmet(rest);
            if (unmet.isEmpty()) {
                break;
            }
            if (!unmet.get().candidate().element().optional()) {
                return Optional.empty();
            }
            rest.remove(unmet.get());
        }
        return rest.isEmpty() ? Optional.empty() : Optional.of(chosen(rest));
    }

    private static Optional<Try> firstUnmet(List<Try> rest) {
        Set<String> provided = new HashSet<>();
        for (Try each : rest) {
            provided.addAll(each.alternative().provides());
            for (Require need : each.alternative().requires()) {
                if (!provided.contains(need.name())) {
                    return Optional.of(each);
                }
            }
        }
        Set<String> required = new HashSet<>();
        for (Try each : rest.reversed()) {
            each.alternative().requires().forEach(need -> required.add(need.name()));
            if (!required.containsAll(each.alternative().provides())) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    private static List<Chosen> chosen(List<Try> rest) {
        Map<String, List<Require>> byName = new HashMap<>();
        for (Try each : rest) {
            for (Require need : each.alternative().requires()) {
                byName.computeIfAbsent(need.name(), _ -> new ArrayList<>()).add(need);
            }
        }
        List<Chosen> chosen = new ArrayList<>();
        for (Try each : rest) {
            List<Require> entries = new ArrayList<>();
            // The first provider gets the entries.
            each.alternative().provides().forEach(name -> {
                List<Require> mine = byName.remove(name);
                if (mine != null) {
                    entries.addAll(mine);
                }
            });
            chosen.add(new Chosen(each.candidate().element().buildpack(), List.copyOf(entries)));
        }
        return List.copyOf(chosen);
    }
}
