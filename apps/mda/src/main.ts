#!/usr/bin/env -S node --max-semi-space-size=8
/** `postroad-mda [--config FILE]` */

import { runProgram } from '@postroad/assembly'
import { createService } from './create-service.ts'

process.exitCode = await runProgram(
  {
    name: 'postroad-mda',
    about: 'The delivery service of Postroad: LMTP (RFC 2033) into Maildirs.',
    create: async (config, parts) => [await createService(config, parts)],
  },
  process.argv.slice(2),
)
