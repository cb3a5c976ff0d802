package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.SourceTree;
import dev.mayfly.model.AppRef;

/**
 * @param commit id of the pushed commit
 * @param actor account that pushed
 * @param noCache whether to build without anything kept from earlier builds
 * @param whenLive called when the release serves, before the next deploy of the app begins; must not throw
 */
public record DeployRequest(
        AppRef app, String commit, SourceTree source, String actor, boolean noCache, Runnable whenLive) {}
