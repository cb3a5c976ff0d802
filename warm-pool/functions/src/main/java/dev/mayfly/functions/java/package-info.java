/** Functions in Java: see {@link dev.mayfly.functions.language.FunctionLanguage} for what lies here. */
@NullMarked
package dev.mayfly.functions.java;

import org.jspecify.annotations.NullMarked;
