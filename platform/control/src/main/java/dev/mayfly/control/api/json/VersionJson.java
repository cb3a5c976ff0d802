package dev.mayfly.control.api.json;

/** Version of the server, and the commit it was built from. */
public record VersionJson(String version, String commit) {}
