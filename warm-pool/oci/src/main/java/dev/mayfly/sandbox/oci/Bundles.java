package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.IoDisk;
import dev.mayfly.sandbox.MountNamespace;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.network.Network;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The bundles of sandboxes: for each a folder with the configuration that the program reads, and with what it binds. */
final class Bundles {
    private final Path folder;
    private final OciProgram program;
    private final Optional<OwnView> view;

    private Bundles(Path folder, OciProgram program, Optional<OwnView> view) {
        this.folder = folder;
        this.program = program;
        this.view = view;
    }

    static Bundles open(Path folder, OciProgram program, Optional<OwnView> view) throws IOException {
        Files.createDirectories(folder);
        return new Bundles(folder, program, view);
    }

    Path of(String id) {
        return folder.resolve(id);
    }

    /** Sandboxes that have one. */
    Set<String> ids() {
        try (var all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes one, which is to be deleted also if this fails.
     *
     * @param root the sandbox' root
     * @param cgroup path of its cgroup below each hierarchy
     */
    Path write(SandboxSpec spec, Path root, Network network, String cgroup) throws IOException, InterruptedException {
        Path bundle = of(spec.id());
        SandboxSpec bound = program.bringsKernel() ? bind(spec, bundle) : spec;
        Map<String, Path> files = OciConfig.writeFiles(bundle.resolve("files"), spec, network);
        JsonObject config = OciConfig.write(bound, root, files, namespace(network), cgroup, program.bringsKernel());
        IoDisk.wanted(spec.limits(), folder)
                .ifPresent(disk ->
                        OciConfig.limitIo(config, disk, spec.limits().ioMib().orElseThrow()));
        Files.writeString(bundle.resolve("config.json"), config.encode());
        return bundle;
    }

    /** From another mount namespace the file is found by way of this process' root. */
    private String namespace(Network network) {
        return (view.isPresent() ? "/proc/" + ProcessHandle.current().pid() + "/root" : "") + network.namespace();
    }

    /**
     * The request with its directories bound into the bundle first, without devices and set-user-id files: gVisor's own
     * binding of a volume drops both options, and its helper outside the sandbox would open a disk for the program.
     */
    private SandboxSpec bind(SandboxSpec spec, Path bundle) throws IOException, InterruptedException {
        List<SandboxSpec.Mount> mounts = new ArrayList<>();
        for (SandboxSpec.Mount mount : spec.mounts()) {
            Path place = bundle.resolve("mounts").resolve(String.valueOf(mounts.size()));
            Files.createDirectories(place.getParent());
            if (Files.isDirectory(mount.host())) {
                Files.createDirectory(place);
            } else {
                Files.createFile(place);
            }
            MountNamespace.require();
            HostCommands.run("mount", "--bind", mount.host().toAbsolutePath().toString(), place.toString());
            // Options of a mount do not spread to other namespaces: they are set where the program sees it.
            List<String> remount = new ArrayList<>(view.map(OwnView::enter).orElse(List.of()));
            String options = "remount,bind,nosuid,nodev" + (mount.readOnly() ? ",ro" : "");
            remount.addAll(List.of("mount", "-o", options, place.toString()));
            HostCommands.run("", remount);
            mounts.add(new SandboxSpec.Mount(place, mount.inside(), mount.readOnly()));
        }
        return spec.withMounts(mounts);
    }

    /** Deletes what is there of it. @throws UncheckedIOException if something does not go */
    void delete(String id) throws InterruptedException {
        unbind(of(id));
        OciRuntime.deleteTree(of(id));
    }

    private static void unbind(Path bundle) throws InterruptedException {
        Path mounts = bundle.resolve("mounts");
        if (!Files.isDirectory(mounts)) {
            return;
        }
        try (var places = Files.list(mounts)) {
            for (Path place : places.toList()) {
                HostCommands.attempt("", List.of("umount", "--lazy", place.toString()));
                // Not a tree: if it is still mounted, what is in it is not ours to delete.
                Files.delete(place);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
