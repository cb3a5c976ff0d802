package dev.mayfly.control.git;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;

/** A developer's repository, whose objects the test makes, and the real git, which pushes them. */
final class GitClient implements AutoCloseable {
    record Result(int exit, String text) {}

    private final Path folder;
    private final FileRepository repository;

    GitClient(Path folder) throws Exception {
        this.folder = Files.createDirectories(folder);
        run("init", "-q", "--bare", "-b", "main", ".");
        repository = new FileRepository(folder.toFile());
    }

    ObjectId blob(byte[] data) throws IOException {
        return insert(Constants.OBJ_BLOB, data);
    }

    ObjectId tree(TreeBytes tree) throws IOException {
        return insert(Constants.OBJ_TREE, tree.bytes());
    }

    private ObjectId insert(int type, byte[] data) throws IOException {
        try (ObjectInserter inserter = repository.newObjectInserter()) {
            ObjectId id = inserter.insert(type, data);
            inserter.flush();
            return id;
        }
    }

    /** A commit on branch main. */
    ObjectId commit(ObjectId tree, ObjectId... parents) throws IOException {
        try (ObjectInserter inserter = repository.newObjectInserter()) {
            CommitBuilder commit = new CommitBuilder();
            commit.setTreeId(tree);
            commit.setParentIds(parents);
            commit.setAuthor(new PersonIdent("a", "a@example.com"));
            commit.setCommitter(commit.getAuthor());
            commit.setMessage("Change");
            ObjectId id = inserter.insert(commit);
            inserter.flush();
            RefUpdate update = repository.updateRef("refs/heads/main");
            update.setNewObjectId(id);
            update.forceUpdate();
            return id;
        }
    }

    ObjectId commitOf(String file, byte[] data, ObjectId... parents) throws IOException {
        return commit(tree(new TreeBytes().file(file, blob(data))), parents);
    }

    Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        folder.resolveSibling(folder.getFileName() + ".out").toFile());
        builder.environment()
                .putAll(Map.of(
                        "HOME",
                        folder.toString(),
                        "GIT_CONFIG_NOSYSTEM",
                        "1",
                        "GIT_TERMINAL_PROMPT",
                        "0",
                        "LC_ALL",
                        "C"));
        return builder.start();
    }

    Result run(String... arguments) throws IOException, InterruptedException {
        Process process = start(arguments);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("git " + List.of(arguments) + " does not end: " + output());
            }
            return new Result(process.exitValue(), output());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    String output() throws IOException {
        return Files.readString(folder.resolveSibling(folder.getFileName() + ".out"), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        repository.close();
    }
}
