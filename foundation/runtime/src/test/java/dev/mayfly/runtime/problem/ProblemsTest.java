package dev.mayfly.runtime.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.InvalidFieldException;
import dev.mayfly.model.MayflyException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ProblemsTest {
    @Test
    void wireNamesAreUnique() {
        assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::wireName)).doesNotHaveDuplicates();
    }

    @Test
    void blameAgreesWithTheClassOfTheStatus() {
        for (ErrorCode code : ErrorCode.values()) {
            int status = Problems.status(code);
            switch (code.blame()) {
                case CALLER -> assertThat(status).as(code.name()).isBetween(400, 499);
                case CAPACITY -> assertThat(status).as(code.name()).isIn(429, 503, 507);
                case FUNCTION -> assertThat(status).as(code.name()).isIn(422, 502, 504);
                case PLATFORM -> assertThat(status).as(code.name()).isIn(500, 501, 503);
            }
        }
    }

    @Test
    void hidesWhatIsNotOursToShow() {
        Problem problem = Problems.of(new IllegalStateException("jdbc:secret"));
        assertThat(problem.toJson().encode()).contains("\"code\":\"internal\"").doesNotContain("secret");
    }

    @Test
    void showsOurOwnWords() {
        Problem problem = Problems.of(new MayflyException(ErrorCode.APP_NOT_FOUND, "app 'x' not found"))
                .withRequestId("req_1");
        assertThat(problem.toJson().getMap())
                .containsEntry("status", 404)
                .containsEntry("detail", "app 'x' not found")
                .containsEntry("requestId", "req_1")
                .containsEntry("blame", "caller");
    }

    @Test
    void aFieldThatIsWrongIsPointedAt() {
        Problem problem = Problems.of(InvalidFieldException.ofManifest("limits.memory", "8 MiB", "16 to 65536 MiB"));
        assertThat(problem.detail()).isEqualTo("limits.memory: 8 MiB (expected: 16 to 65536 MiB)");
        assertThat(problem.errors())
                .containsExactly(new Problem.FieldError("/limits/memory", "8 MiB (expected: 16 to 65536 MiB)"));
    }
}
