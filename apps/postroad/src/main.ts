#!/usr/bin/env -S node --max-semi-space-size=8
/** The command `postroad`. */

import { nodeProblem } from '@postroad/assembly'
import { runCommand } from './command.ts'

const old = nodeProblem(process.versions.node)
if (old !== undefined) process.stderr.write(`postroad: ${old}\n`)
process.exitCode = old === undefined ? await runCommand(process.argv.slice(2)) : 69
