package dev.mayfly.functions.python;

import dev.mayfly.functions.language.FunctionLanguage;
import dev.mayfly.functions.language.ZygoteStart;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Python 3.9 or later. The one language whose instances are forked, as its interpreter has one thread. */
public final class PythonLanguage implements FunctionLanguage {
    /** {@code -I}: no variable, no folder of a user and no working directory; the others say what the variables would. */
    private static final ZygoteStart ZYGOTE = new ZygoteStart(
            Pattern.compile("/cnb/toolchains/python/3\\.[0-9]{1,3}/bin/python3"),
            List.of("-I", "-u", "-B"),
            "shim.py",
            Map.of("PYTHONUNBUFFERED", "1", "PYTHONDONTWRITEBYTECODE", "1"));

    @Override
    public String name() {
        return "python";
    }

    @Override
    public Optional<ZygoteStart> zygote() {
        return Optional.of(ZYGOTE);
    }
}
