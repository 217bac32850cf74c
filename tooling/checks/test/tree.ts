/** A small repository in a temporary folder, for tests of the checks. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { type Check, formatFailure } from '../src/check.ts'
import { Repository } from '../src/repository.ts'

const roots: string[] = []

afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true })
})

/** Lays files, by path; what is no string is written as JSON. */
export function tree(files: Readonly<Record<string, unknown>>): Repository {
  const root = mkdtempSync(join(tmpdir(), 'postroad-checks-'))
  roots.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content, undefined, 2))
  }
  return new Repository(root)
}

/** What a check says, as it would be printed. */
export async function said(check: Check): Promise<string[]> {
  return (await check.run()).map(formatFailure)
}

/** A manifest that every check accepts, and changes to it. */
export function manifest(
  name: string,
  level: number,
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    name,
    description: 'A package for tests.',
    license: 'MIT',
    type: 'module',
    sideEffects: false,
    engines: { node: '>=22.19' },
    files: ['dist'],
    exports: { '.': { '@postroad/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' } },
    postroad: { level },
    ...changes,
  }
}
