#!/usr/bin/env node
/** The command `postroad`. */

import { runCommand } from './command.ts'

process.exitCode = await runCommand(process.argv.slice(2))
