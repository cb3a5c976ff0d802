package dev.mayfly.server.echo;

import dev.mayfly.functions.language.FunctionLanguage;
import dev.mayfly.functions.language.ZygoteStart;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A language that nobody knows but whoever registers it. */
public final class EchoLanguage implements FunctionLanguage {
    @Override
    public String name() {
        return "echo";
    }

    @Override
    public Optional<ZygoteStart> zygote() {
        return Optional.of(new ZygoteStart(
                Pattern.compile("/cnb/toolchains/go/1/bin/echo"), List.of("-x"), "echo.sh", Map.of("ECHO", "1")));
    }
}
