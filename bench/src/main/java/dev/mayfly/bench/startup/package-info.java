/** From nothing to an answer: servers, apps, instances, frozen instances. */
@NullMarked
package dev.mayfly.bench.startup;

import org.jspecify.annotations.NullMarked;
