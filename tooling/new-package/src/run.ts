/**
 * `pnpm new-package NAME --level N --about "one sentence" [--testing] [--memory] [--app]`
 *
 * Lays a package that already builds, is linted and has a test: levels 0 to 5 get the pure preset, the others Node's.
 */

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { layPackage } from './lay-package.ts'
import { addToLadder } from './ladder.ts'

const USAGE = 'pnpm new-package NAME --level N --about "one sentence" [--testing] [--memory] [--app]'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    level: { type: 'string' },
    about: { type: 'string' },
    testing: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false },
    app: { type: 'boolean', default: false },
  },
})

const [name] = positionals
const level = Number(values.level)
if (name === undefined || values.about === undefined || !Number.isInteger(level) || level < 0 || level > 12) {
  console.error(`new-package: a name, a level from 0 to 12 and a sentence are needed\nusage: ${USAGE}`)
  process.exit(2)
}
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
  console.error(`new-package: ${JSON.stringify(name)} is not a kebab-case noun`)
  process.exit(2)
}

const root = join(import.meta.dirname, '../../..')
const folder = await layPackage({
  root,
  name,
  level,
  about: values.about,
  app: values.app,
  entries: [...(values.memory ? ['memory'] : []), ...(values.testing ? ['testing'] : [])],
})
const ladder = join(root, 'tooling/checks/ladder.json')
await writeFile(ladder, addToLadder(await readFile(ladder, 'utf8'), folder, level))
console.log(
  `${folder} is laid and stands on the ladder. Next: add its dependencies to package.json, then run any script to install them.`,
)
