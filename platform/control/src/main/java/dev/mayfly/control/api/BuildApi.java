package dev.mayfly.control.api;

import dev.mayfly.control.api.json.BuildJson;
import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.identity.Permission;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.store.Builds;
import java.nio.file.Files;
import java.nio.file.Path;

/** Builds and their output. */
final class BuildApi {
    private static final int LISTED_MAX = 50;

    private final ApiParts parts;

    BuildApi(ApiParts parts) {
        this.parts = parts;
    }

    Answer list(Caller caller) {
        AppRef ref = caller.app(Permission.READ);
        parts.apps().find(ref);
        return Answer.list(parts.store().builds().list(ref, LISTED_MAX).stream()
                .map(BuildJson::of)
                .toList());
    }

    Answer get(Caller caller) {
        return Answer.ok(BuildJson.of(find(caller, Permission.READ)));
    }

    Answer log(Caller caller) {
        Path file = Deployer.logOf(parts.builds(), find(caller, Permission.READ).id());
        return Files.exists(file) ? Answer.file(file) : Answer.status(200);
    }

    Answer cancel(Caller caller) {
        Builds.Build build = find(caller, Permission.DEPLOY);
        if (build.state().ended()) {
            throw new MayflyException(ErrorCode.CONFLICT, "build " + build.id() + " has ended already");
        }
        if (!parts.deployer().cancel(build.id())) {
            throw new MayflyException(
                    ErrorCode.CONFLICT,
                    "build " + build.id() + " runs on server " + build.server() + "; cancel it there");
        }
        return Answer.status(202);
    }

    private Builds.Build find(Caller caller, Permission permission) {
        AppRef ref = caller.app(permission);
        parts.apps().find(ref);
        return parts.store()
                .builds()
                .find(ref, caller.path("id"))
                .orElseThrow(
                        () -> new MayflyException(ErrorCode.NOT_FOUND, "build '" + caller.path("id") + "' not found"));
    }
}
