import { expect, it } from 'vitest'
import { purityCheck } from '../src/purity.ts'
import { manifest, said, tree } from './tree.ts'

function check(level: number, source: string, file = 'packages/a/src/index.ts'): Promise<string[]> {
  return said(
    purityCheck(
      tree({
        'packages/a/package.json': manifest('@postroad/a', level),
        'apps/b/package.json': manifest('@postroad/app-b', 11),
        'packages/runtime/package.json': manifest('@postroad/runtime', 0),
        [file]: source,
      }),
    ),
  )
}

it.each([
  'const at = Date.now()',
  'const at = new Date()',
  'const at = new Date( )',
  'const at = new Date',
  'const chance = Math.random()',
  'const text = `${Date.now()}`',
])('%s is refused at every level', async (source) => {
  expect(await check(0, `\n${source}`)).toHaveLength(1)
  expect((await check(8, `\n${source}`)).join()).toMatch(/^packages\/a\/src\/index\.ts:2: /)
})

it.each([
  'process.exit()',
  'Buffer.from("x")',
  'setTimeout(f, 1)',
  'clearInterval(t)',
  'setImmediate(f)',
  'queueMicrotask(f)',
  'performance.now()',
  'crypto.subtle',
  'console.log(1)',
  'globalThis.x',
])('%s is refused in the pure levels only', async (source) => {
  expect(await check(5, source)).toHaveLength(1)
  expect(await check(6, source)).toEqual([])
})

it.each([
  'const at = new Date(value)',
  'const at = new Date(0)',
  '// Date.now() and setTimeout(f) and process.exit()',
  '/* Math.random() */',
  "const text = 'Date.now() in process.env'",
  'const text = `Math.random()`',
  'const pattern = /Date.now()/',
  'const x = a / Date.parse(b) / 2',
  'clock.Date.now()',
  'process(message)',
  'const { process } = options',
])('%s is fine', async (source) => {
  expect(await check(0, source)).toEqual([])
})

it.each([
  'packages/a/src/testing/index.ts',
  'packages/a/test/a.test.ts',
  'apps/b/src/index.ts',
  'packages/runtime/src/system.ts',
])('%s may take the real clock', async (file) => expect(await check(0, 'const at = Date.now()', file)).toEqual([]))
