package dev.mayfly.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.pattern.CompositeConverter;
import dev.mayfly.model.TerminalText;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code %safe(…)} of the log's pattern: what tenants named is in messages and exceptions, and the operator reads the log in a
 * terminal. One line stays one line; with the option {@code lines}, as for a stack trace, ends of lines stay.
 */
public final class SafeLog extends CompositeConverter<ILoggingEvent> {
    @Override
    protected String transform(ILoggingEvent event, String text) {
        return List.of("lines").equals(getOptionList())
                ? text.lines().map(line -> TerminalText.safe(line) + "\n").collect(Collectors.joining())
                : TerminalText.safe(text);
    }
}
