package dev.mayfly.functions.cgi;

import dev.mayfly.functions.language.FunctionLanguage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Any program, in whatever language, run once for each request: {@code signature = "cgi"}. Its shim, {@code mayfly-cgi PROGRAM
 * [ARGUMENT...]}, runs the program by CGI/1.1 (RFC 3875): the request in meta-variables, its body (whole, at most 32 MiB) on
 * standard input, the answer from standard output as it comes. It is ready if the program is there and can be run. A program that
 * answers nothing, or what is no answer, is a 502; what it leaves running ends with its answer, and all of it when the caller
 * leaves. The shim is written in C and fits any image of this machine's processor; it is missing if Mayfly was built without a C
 * compiler, which the buildpack then says.
 */
public final class CgiLanguage implements FunctionLanguage {
    private static final String SHIM = "mayfly-cgi";

    @Override
    public String name() {
        return "cgi";
    }

    @Override
    public void writeShim(Path directory) throws IOException {
        FunctionLanguage.super.writeShim(directory);
        if (Files.exists(directory.resolve(SHIM))
                && !directory.resolve(SHIM).toFile().setExecutable(true, false)) {
            throw new IOException(directory.resolve(SHIM) + " could not be made executable");
        }
    }
}
