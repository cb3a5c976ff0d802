/** The control plane: tenants, apps, config, git receive, releases, the API and live events. It must not know how a sandbox is made or a request is forwarded. */
@NullMarked
package dev.mayfly.control;

import org.jspecify.annotations.NullMarked;
