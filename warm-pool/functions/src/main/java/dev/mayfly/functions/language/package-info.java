/** What a language of functions is. It must not know any. */
@NullMarked
package dev.mayfly.functions.language;

import org.jspecify.annotations.NullMarked;
