/** What every process needs: start and stop order, configuration, problem documents, metrics, logging. It must not know apps, builds or instances. */
@NullMarked
package dev.mayfly.runtime;

import org.jspecify.annotations.NullMarked;
