package dev.mayfly.builders.engine.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Order resolution as the Buildpack API has it. */
final class PlanResolverTest {
    private final Buildpack node = buildpack("node");
    private final Buildpack yarn = buildpack("yarn");
    private final Buildpack start = buildpack("start");

    @Test
    void theFirstGroupWhoseBuildpacksAllPassIsTaken() {
        Order order = new Order(List.of(List.of(must(node), must(yarn)), List.of(must(node))));
        assertThat(chosen(order, Map.of(node, plan("provides=node requires=node"))))
                .containsExactly("node");
    }

    @Test
    void aNeedWithoutAnEarlierProviderFailsTheGroup() {
        Order order = new Order(List.of(List.of(must(start), must(node))));
        assertThat(PlanResolver.resolve(order, Map.of(start, plan("requires=node"), node, plan("provides=node"))))
                .isEmpty();
    }

    @Test
    void anOptionalBuildpackWithAnOpenNeedIsDropped() {
        Order order = new Order(List.of(List.of(must(node), may(yarn))));
        assertThat(chosen(order, Map.of(node, plan("provides=node requires=node"), yarn, plan("requires=python"))))
                .containsExactly("node");
    }

    @Test
    void anOfferThatNobodyNeedsFailsARequiredBuildpack() {
        Order order = new Order(List.of(List.of(must(node))));
        assertThat(PlanResolver.resolve(order, Map.of(node, plan("provides=node"))))
                .isEmpty();
    }

    @Test
    void alternativesAreTriedInOrder() {
        BuildPlan either = new BuildPlan(List.of(
                new BuildPlan.Alternative(List.of(), List.of(new BuildPlan.Require("deno", Map.of()))),
                new BuildPlan.Alternative(List.of(), List.of(new BuildPlan.Require("node", Map.of("version", "20"))))));
        Order order = new Order(List.of(List.of(must(node), must(start))));
        Optional<List<PlanResolver.Chosen>> found =
                PlanResolver.resolve(order, Map.of(node, plan("provides=node"), start, either));
        assertThat(found)
                .hasValueSatisfying(all -> assertThat(all.getFirst().entries())
                        .containsExactly(new BuildPlan.Require("node", Map.of("version", "20"))));
    }

    @Test
    void aFloodOfAlternativesEnds() {
        BuildPlan.Alternative hopeless =
                new BuildPlan.Alternative(List.of(), List.of(new BuildPlan.Require("none", Map.of())));
        BuildPlan many = new BuildPlan(Collections.nCopies(200, hopeless));
        Order order = new Order(List.of(List.of(must(node), must(yarn), must(start))));
        assertThat(PlanResolver.resolve(order, Map.of(node, many, yarn, many, start, many)))
                .isEmpty();
    }

    private static List<String> chosen(Order order, Map<Buildpack, BuildPlan> passed) {
        return PlanResolver.resolve(order, passed).orElseThrow().stream()
                .map(each -> each.buildpack().id())
                .toList();
    }

    private static BuildPlan plan(String text) {
        StringBuilder toml = new StringBuilder();
        for (String part : text.split(" ", -1)) {
            String[] pair = part.split("=", 2);
            toml.append("[[")
                    .append(pair[0])
                    .append("]]\nname = \"")
                    .append(pair[1])
                    .append("\"\n");
        }
        return BuildPlan.parse(toml.toString());
    }

    private static Order.Element must(Buildpack buildpack) {
        return new Order.Element(buildpack, false);
    }

    private static Order.Element may(Buildpack buildpack) {
        return new Order.Element(buildpack, true);
    }

    private static Buildpack buildpack(String id) {
        return new Buildpack(id, "1", id, Path.of("/" + id), false, "", Map.of(), Optional.empty());
    }
}
