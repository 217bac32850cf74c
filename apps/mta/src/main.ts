#!/usr/bin/env -S node --max-semi-space-size=8
/** `postroad-mta [--config FILE]` */

import { runProgram } from '@postroad/assembly'
import { createService } from './create-service.ts'

process.exitCode = await runProgram(
  {
    name: 'postroad-mta',
    about: 'The border service of Postroad: takes mail from other MTAs (RFC 5321).',
    create: async (config, parts) => [await createService(config, parts)],
  },
  process.argv.slice(2),
)
