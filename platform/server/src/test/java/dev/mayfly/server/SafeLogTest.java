package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.event.KeyValuePair;

/** The log as the server's own configuration writes it. */
final class SafeLogTest {
    @Test
    void aTenantsNameNeitherActsOnTheTerminalNorForgesALine() throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Objects.requireNonNull(SafeLogTest.class.getResource("/logback.xml")));
        ConsoleAppender<ILoggingEvent> out = (ConsoleAppender<ILoggingEvent>)
                context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("out");
        String hostile = "x\u001b]0;owned\u0007\nERROR forged\u202e";
        LoggingEvent event = new LoggingEvent(
                "",
                context.getLogger("test"),
                Level.WARN,
                "push " + hostile,
                new IllegalStateException("of " + hostile),
                null);
        event.addKeyValuePair(new KeyValuePair("layer", hostile));
        String text = new String(out.getEncoder().encode(event), StandardCharsets.UTF_8);
        LoggingEvent plain = new LoggingEvent("", context.getLogger("test"), Level.INFO, "all is well", null, null);
        String line = new String(out.getEncoder().encode(plain), StandardCharsets.UTF_8);
        context.stop();
        assertThat(line).endsWith("INFO  test all is well \n");
        assertThat(text).doesNotContainPattern("[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u202e]");
        assertThat(text.lines().toList().getFirst())
                .contains("push x")
                .contains("layer=")
                .contains("\\u000aERROR forged")
                .doesNotContain("IllegalStateException");
        assertThat(text).contains("IllegalStateException").contains("\tat ");
    }
}
