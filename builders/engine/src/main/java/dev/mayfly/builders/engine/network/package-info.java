/** What builds see of the operator's network: proxy, certificate authorities, package mirrors. */
@NullMarked
package dev.mayfly.builders.engine.network;

import org.jspecify.annotations.NullMarked;
