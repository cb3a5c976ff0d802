@NullMarked
package dev.mayfly.gateway.http;

import org.jspecify.annotations.NullMarked;
