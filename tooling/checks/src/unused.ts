/**
 * Nothing lies about: every file, export and dependency of the workspace is used by somebody. knip looks, by `knip.jsonc`,
 * where each exception stands with its reason; one that is no longer needed is a failure too.
 */

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Check, Failure } from './check.ts'
import { runTool } from './process.ts'
import type { Repository } from './repository.ts'

/** Where knip writes what it found. */
const REPORT = '.cache/knip.json'

/** What knip found in one file: by its kind of issue, the things it is about. */
type FileIssues = Readonly<Record<string, unknown>> & { readonly file: string }

/** What to say of each kind; others are said by knip's name for them. */
const SAYINGS: Readonly<Record<string, string>> = {
  files: 'is used by nobody',
  dependencies: 'is a dependency that no source imports',
  devDependencies: 'is a development dependency that nothing imports',
  exports: 'is exported, and nobody imports it',
  types: 'is exported, and nobody imports it',
  unlisted: 'is imported, and the manifest does not name it',
  binaries: 'is started, and no dependency brings it',
  catalog: 'is in the catalog, and no manifest asks for it',
}

/** Runs knip over the whole workspace. */
export function unusedCheck(repository: Repository): Check {
  return {
    name: 'unused',
    run: async () => {
      const report = join(repository.root, REPORT)
      rmSync(report, { force: true })
      mkdirSync(join(report, '..'), { recursive: true })
      const reporters = ['--reporter', 'symbols', '--reporter', 'json', '--output-file', `json=${report}`]
      const strict = ['--no-progress', '--treat-config-hints-as-errors']
      const { ok, output } = await runTool('knip', [...strict, ...reporters], repository.root)
      if (ok) return []
      const issues = existsSync(report) ? readIssues(readFileSync(report, 'utf8')) : []
      const [, hints = ''] = output.split(/^Configuration hints.*\n/m)
      const failures = [...issues, ...hints.split('\n').filter(isHint).map(sayHint)]
      return failures.length > 0 || hints !== '' ? failures : [{ message: `knip refused\n${output}` }]
    },
  }
}

function readIssues(text: string): Failure[] {
  const { issues }: { readonly issues: readonly FileIssues[] } = JSON.parse(text)
  return issues.flatMap(({ file, ...kinds }) =>
    Object.entries(kinds).flatMap(([kind, found]) =>
      Array.isArray(found) ? found.map((one) => say(file, kind, one)) : [],
    ),
  )
}

function say(file: string, kind: string, { name, line }: { readonly name?: string; readonly line?: number }): Failure {
  const message = `${kind === 'files' || name === undefined ? '' : `${name} `}${SAYINGS[kind] ?? `(${kind})`}`
  return { file, ...(line !== undefined && { line }), message }
}

/** What is not built is looked for where it is built; whether it is there is for the checks of what is published. */
const isHint = (line: string): boolean =>
  line.trim() !== '' && !/^\.\/dist\/.*Package entry file not found/.test(line.trim())

const sayHint = (line: string): Failure => ({ file: 'knip.jsonc', message: line.trim().replaceAll(/ {2,}/g, ' ') })
