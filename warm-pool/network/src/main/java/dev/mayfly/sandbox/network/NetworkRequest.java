package dev.mayfly.sandbox.network;

import dev.mayfly.model.EgressPolicy;

/**
 * What a sandbox needs of the network.
 *
 * @param id of the sandbox, for messages
 * @param tenant whose it is: what was used is used again for the same tenant only
 */
public record NetworkRequest(String id, String tenant, EgressPolicy policy) {}
