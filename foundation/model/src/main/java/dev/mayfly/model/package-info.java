/** The words of Mayfly as types: ids, records, sealed outcomes, error codes. It must not know any other module, any library or any I/O. */
@NullMarked
package dev.mayfly.model;

import org.jspecify.annotations.NullMarked;
