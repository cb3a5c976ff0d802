package dev.mayfly.sandbox.process;

import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.contract.Can;
import dev.mayfly.sandbox.contract.SandboxRuntimeContract;
import java.nio.file.Path;
import java.util.EnumSet;

/** The suite on plain processes, which offer nothing beyond running and ending a program, and say so. */
final class ProcessIT extends SandboxRuntimeContract {
    ProcessIT() {
        super(EnumSet.noneOf(Can.class));
    }

    @Override
    protected SandboxRuntime open(Path run, String tag) {
        return new ProcessRuntime();
    }

    @Override
    protected void closeOthers() {}
}
