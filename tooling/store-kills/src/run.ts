/**
 * `node tooling/store-kills/src/run.ts SCENARIO [--rounds n] [--seed n]`: one scenario, or `all` of them.
 *
 * Prints a line of the table for each part of a run. A run that found what may not be prints the sentences with their
 * histories and the seed, keeps going, and leaves with 1.
 */

import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '../../..')

if (!process.execArgv.includes('--conditions=@postroad/source')) {
  // The pinned Node, from source.
  const node = join(root, 'node_modules/.bin/node')
  const args = ['--conditions=@postroad/source', '--no-warnings', ...process.argv.slice(1)]
  const { status } = spawnSync(node, args, { stdio: 'inherit' })
  process.exit(status ?? 1)
}

const { scenarios } = await import('./scenarios.ts')
const { formatHead, formatTally, isClean } = await import('./tally.ts')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, seed: { type: 'string' } },
})
const [name = ''] = positionals
const chosen = scenarios.filter((scenario) => name === 'all' || scenario.name === name)
if (chosen.length === 0) {
  console.error('usage: run.ts SCENARIO|all [--rounds n] [--seed n]')
  for (const scenario of scenarios) console.error(`  ${scenario.name.padEnd(14)} ${scenario.sentence}`)
  process.exit(2)
}

const seed = whole('seed', values.seed) ?? randomInt(2 ** 31)
console.log(formatHead())
for (const scenario of chosen) {
  const reason = await scenario.unable?.()
  if (reason !== undefined) {
    console.error(`${scenario.name}: left out: ${reason}`)
    continue
  }
  const rounds = whole('rounds', values.rounds) ?? scenario.rounds
  const onRound = (round: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${scenario.name}: round ${round + 1} of ${rounds} `)
  }
  const tallies = await scenario.run({ rounds, seed, onRound })
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
  for (const tally of tallies) {
    console.log(formatTally(tally))
    for (const note of tally.notes) console.error(`  ${tally.scenario}: ${note}`)
    if (isClean(tally)) continue
    process.exitCode = 1
    console.error(`${tally.scenario} failed; --seed ${seed} begins it again:`)
    for (const fault of tally.faults) console.error(`  ${fault}`)
  }
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  console.error(`--${name} is not a whole number: ${text}`)
  process.exit(2)
}
