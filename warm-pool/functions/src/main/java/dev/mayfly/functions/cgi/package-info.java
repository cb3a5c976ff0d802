/** Functions that are programs, by CGI: see {@link dev.mayfly.functions.language.FunctionLanguage} for what lies here. */
@NullMarked
package dev.mayfly.functions.cgi;

import org.jspecify.annotations.NullMarked;
