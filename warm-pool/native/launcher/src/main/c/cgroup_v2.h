/* cgroups of version 2: one hierarchy for all controllers, which a parent hands on to its children. Must not know
   the limits of a sandbox, only how one is written. */
#ifndef MAYFLY_CGROUP_V2_H
#define MAYFLY_CGROUP_V2_H

#include "cgroup_version.h"

extern const struct cgroup_version cgroup_v2;

#endif
