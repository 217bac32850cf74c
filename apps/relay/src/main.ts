#!/usr/bin/env -S node --max-semi-space-size=8
/** `postroad-relay [--config FILE]` */

import { runProgram } from '@postroad/assembly'
import { createService } from './create-service.ts'

process.exitCode = await runProgram(
  {
    name: 'postroad-relay',
    about: 'The relay service of Postroad: delivers what is queued, retries, reports.',
    create: async (config, parts) => [await createService(config, parts)],
  },
  process.argv.slice(2),
)
