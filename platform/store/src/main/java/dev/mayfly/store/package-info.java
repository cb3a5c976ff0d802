/** The truth in SQL: schema, migrations and repositories for H2 and PostgreSQL. Every look-up names its tenant. It must not know HTTP, Git or containers. */
@NullMarked
package dev.mayfly.store;

import org.jspecify.annotations.NullMarked;
