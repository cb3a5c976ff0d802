/** Functions in Python: see {@link dev.mayfly.functions.language.FunctionLanguage} for what lies here. */
@NullMarked
package dev.mayfly.functions.python;

import org.jspecify.annotations.NullMarked;
