/** JavaScript functions on Node.js: see {@link dev.mayfly.functions.language.FunctionLanguage} for what lies here. */
@NullMarked
package dev.mayfly.functions.node;

import org.jspecify.annotations.NullMarked;
