/* cgroups of version 1: a hierarchy for each controller, some of them perhaps mounted together. Also those of a machine that
   has both versions, as its controllers are then in version 1.
   Must not know the limits of a sandbox, only how one is written. */
#ifndef MAYFLY_CGROUP_V1_H
#define MAYFLY_CGROUP_V1_H

#include "cgroup_version.h"

extern const struct cgroup_version cgroup_v1;

#endif
