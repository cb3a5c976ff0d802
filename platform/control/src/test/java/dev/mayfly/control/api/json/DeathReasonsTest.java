package dev.mayfly.control.api.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.mayfly.model.DeathReason;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The reasons of a death are one list: what the code knows, what the API's document says, what the user guide explains. */
final class DeathReasonsTest {
    private static final List<String> KNOWN =
            Arrays.stream(DeathReason.values()).map(DeathReason::wireName).toList();

    @Test
    void theDocumentHasThemAllAndNoOther() throws Exception {
        List<String> documented = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(DeathReasonsTest.class.getResourceAsStream("/openapi.yaml"))) {
            for (JsonNode each : new YAMLMapper().readTree(in).at("/components/schemas/DeathReason/enum")) {
                documented.add(each.asText());
            }
        }
        assertThat(documented).containsExactlyInAnyOrderElementsOf(KNOWN);
    }

    @Test
    void theUserGuideExplainsEach() throws Exception {
        List<String> rows = Files.readAllLines(Path.of("../../docs/user-guide.md"));
        for (String reason : KNOWN) {
            assertThat(rows).as(reason).anyMatch(row -> row.startsWith("| `" + reason + "` |"));
        }
    }

    @Test
    void aReasonIsFoundByItsWireName() {
        assertThat(DeathReason.of("oom-killed")).hasValue(DeathReason.OOM_KILLED);
        assertThat(DeathReason.of("OOMKilled")).isEmpty();
    }
}
