import { describe, expect, it } from 'vitest'
import { commentsOf, readCode } from '../src/code.ts'
import { readImports } from '../src/imports.ts'

describe('what is left of a source', () => {
  it.each([
    { source: 'a // b', bare: 'a     ', withStrings: 'a     ' },
    { source: 'a /* b\nc */ d', bare: 'a     \n     d', withStrings: 'a     \n     d' },
    { source: "x('a//b')", bare: "x('    ')", withStrings: "x('a//b')" },
    { source: "x('\\'')//c", bare: "x('  ')   ", withStrings: "x('\\'')   " },
    { source: '`a${b /* c */}d`', bare: '` ${b        } `', withStrings: '`a${b        }d`' },
    { source: '`${ {a: `x${1}`} }y`+z', bare: '`${ {a: ` ${1}`} } `+z', withStrings: '`${ {a: `x${1}`} }y`+z' },
    {
      source: 'a.replace(/[\'"]/g, b) // c',
      bare: 'a.replace(/    /g, b)     ',
      withStrings: 'a.replace(/[\'"]/g, b)     ',
    },
    { source: 'a / b // c', bare: 'a / b     ', withStrings: 'a / b     ' },
    { source: "return /[/']/.test(a)", bare: 'return /    /.test(a)', withStrings: "return /[/']/.test(a)" },
    { source: "'open\nb // c", bare: "'    \nb     ", withStrings: "'open\nb     " },
  ])('$source', ({ source, ...code }) => expect(readCode(source)).toEqual(code))

  it.each(['`', '`${', '/*', '//', "'", '/[', '`${`', 'a\\', '}'])('ends on %j', (source) => {
    expect(readCode(source).bare).toHaveLength(source.length)
  })

  it('are its comments, the other way round', () => {
    expect(commentsOf("a /* b */ 'c' // d\n")).toBe('  /* b */     // d\n')
  })
})

it('imports are found in every form with their lines', () => {
  const source = [
    "import a, { type B } from 'one'",
    "import * as c from 'two'",
    'import {',
    '  d,',
    "} from 'three'",
    "export type * from 'four'",
    "const e = await import('five')",
    'const imports = 1; const f = important("six")',
    "import type { G } from 'seven'",
    "import json from 'eight' with { type: 'json' }",
    "export const from = 'nine'",
    "export { h }\nexport const i = 'ten'",
  ].join('\n')
  expect(
    readImports(source)
      .map(({ specifier, line }) => `${line} ${specifier}`)
      .toSorted(),
  ).toEqual(['1 one', '2 two', '3 three', '6 four', '7 five', '9 seven', '10 eight'].toSorted())
})
