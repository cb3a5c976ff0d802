package dev.mayfly.bench.traffic;

import dev.mayfly.bench.load.Load;
import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.server.AppCaller;
import dev.mayfly.bench.server.PushedFunction;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests that leave all they can, each in an instance of its own: none sees another's mark, and nothing stays on the machine. */
public final class LeftByRequests implements Benchmark {
    private static final int AT_ONCE = 4;

    /** What it finds of callers before, then it leaves all it can for those after. */
    private static final String PROGRAM = """
        import os, socket, subprocess, threading, time
        calls = 0
        kept = []
        def leave(request):
            global calls
            found = [] if calls == 0 else ["calls"]
            for folder in ("/tmp", "/dev/shm"):
                found += [folder + "/" + name for name in os.listdir(folder)]
            found += ["env"] if "MARK" in os.environ else []
            found += ["threads"] if threading.active_count() > 1 else []
            found += ["pids"] if sum(name.isdigit() for name in os.listdir("/proc")) > 1 else []
            found += ["sockets"] if "@mark" in open("/proc/net/unix").read() else []
            calls += 1
            for folder in ("/tmp", "/dev/shm"):
                open(folder + "/mark", "w").close()
            os.environ["MARK"] = "left"
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
            subprocess.Popen(["sleep", "600"])
            kept.append(socket.socket(socket.AF_UNIX))
            kept[0].bind("\\0mark")
            return ", ".join(found) or "clean"
        """;

    @Override
    public String name() {
        return "leftovers";
    }

    @Override
    public String about() {
        return "isolation \"request\": what requests see of others, and what is left on the machine afterwards";
    }

    @Override
    public int minutes(Length length) {
        return length.of(1, 15, 120);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        Traces traces;
        Set<String> instances = ConcurrentHashMap.newKeySet();
        AtomicInteger marks = new AtomicInteger();
        AtomicInteger failures = new AtomicInteger();
        int count = length.of(40, 100_000, 1_000_000);
        double perSecond;
        try (TestServer server = new TestServer()) {
            server.up();
            traces = new Traces(server.sandboxes());
            PushedFunction.PYTHON.push(server, "marks", PushedFunction.ONCE, PROGRAM, "leave");
            AtomicInteger asked = new AtomicInteger();
            long begin = System.nanoTime();
            try (AppCaller caller = new AppCaller(server, "marks")) {
                Load.workers(AT_ONCE, () -> {
                    while (asked.incrementAndGet() <= count
                            && !Thread.currentThread().isInterrupted()) {
                        AppCaller.Answer answer = caller.call();
                        if (!answer.ok() || !instances.add(answer.instance())) {
                            failures.incrementAndGet();
                        } else if (!answer.body().equals("clean")) {
                            report.note("a request saw: " + answer.body());
                            marks.incrementAndGet();
                        }
                    }
                });
            }
            perSecond = count / ((System.nanoTime() - begin) / 1e9);
        }
        List<String> left = traces.afterAtMost(Duration.ofSeconds(30));
        left.forEach(line -> report.note("left behind: " + line));
        report.add(Row.alone("requests", count, ""));
        report.add(Row.alone("rate", perSecond, "/s"));
        report.add(Row.alone("failures-or-instances-seen-before", failures.get(), "")
                .bar("none", failures.get() == 0));
        report.add(Row.alone("marks-of-others", marks.get(), "").bar("none", marks.get() == 0));
        report.add(Row.alone("left-on-the-machine", left.size(), "").bar("none", left.isEmpty()));
    }
}
