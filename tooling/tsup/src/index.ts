/**
 * The build of every package: one JavaScript file for each entry of `exports`, found by its source condition.
 *
 * Declarations are not made here: `tsc --emitDeclarationOnly` writes them (see `build` in each package.json).
 */

import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

const SOURCE_CONDITION = '@postroad/source'

/** Reads `package.json` in the current folder and builds each of its entries into `dist`. */
export function preset(options: { readonly external?: readonly string[] } = {}): ReturnType<typeof defineConfig> {
  const manifest: { exports?: unknown; bin?: Record<string, string> } = JSON.parse(readFileSync('package.json', 'utf8'))
  return defineConfig({
    entry: [...new Set(sources(manifest.exports))],
    format: 'esm',
    target: 'node22',
    platform: 'node',
    clean: ['dist/**/*.js', 'dist/**/*.js.map'],
    sourcemap: true,
    splitting: true,
    // Without this `node:sqlite` becomes `sqlite`, which does not exist.
    removeNodeProtocol: false,
    loader: { '.lua': 'text' },
    external: [...(options.external ?? [])],
  })
}

/** Every source file named anywhere below `exports`. */
function* sources(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return
  for (const [condition, value] of Object.entries(node)) {
    if (condition !== SOURCE_CONDITION) yield* sources(value)
    else if (typeof value === 'string') yield value
    else if (typeof value === 'object' && value !== null) {
      for (const path of Object.values(value)) if (typeof path === 'string') yield path
    }
  }
}
