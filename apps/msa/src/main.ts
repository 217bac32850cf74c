#!/usr/bin/env -S node --max-semi-space-size=8
/** `postroad-msa [--config FILE]` */

import { runProgram } from '@postroad/assembly'
import { createService } from './create-service.ts'

process.exitCode = await runProgram(
  {
    name: 'postroad-msa',
    about: 'The submission service of Postroad (RFC 6409).',
    create: async (config, parts) => [await createService(config, parts)],
  },
  process.argv.slice(2),
)
