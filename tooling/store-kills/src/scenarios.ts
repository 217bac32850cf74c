/** All scenarios. */

import type { Scenario } from './scenario.ts'
import { clock } from './scenarios/clock.ts'
import { redis, redisServer } from './scenarios/redis.ts'
import { sentinel } from './scenarios/sentinel.ts'
import { sqlite } from './scenarios/sqlite.ts'
import { sqliteCommit } from './scenarios/sqlite-commit.ts'
import { sync } from './scenarios/sync.ts'
import { tornLog } from './scenarios/torn-log.ts'

/** In the order in which `all` runs them. */
export const scenarios: readonly Scenario[] = [sqlite, sqliteCommit, tornLog, redis, redisServer, sentinel, clock, sync]
