import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type RfcIndex, rfcCheck } from '../src/rfc.ts'
import { findCitations } from '../src/rfc-citations.ts'
import { readRfc } from '../src/rfc-sections.ts'
import { said, tree } from './tree.ts'

// Written in two parts, so that the check does not take these lines for citations of this repository.
const R = 'RFC'
const index: RfcIndex = {
  '1': { title: 'First', sections: ['1', '1.1', '2', '2.10'], appendices: ['A', 'A.1'] },
  '2': { sections: 'unknown' },
  '3': {},
}

const found = (text: string): (string | undefined)[] =>
  findCitations(text).map(({ rfc, place }) => `${rfc} ${place ?? '-'}`)

describe('citations', () => {
  it.each([
    { text: `${R} 1`, citations: ['1 -'] },
    { text: `(${R} 1 §1.1)`, citations: ['1 1.1'] },
    { text: `${R} 1 §2.10.`, citations: ['1 2.10'] },
    { text: `${R} 1 Appendix A.1: x`, citations: ['1 Appendix A.1'] },
    { text: `${R} 1 erratum 1234`, citations: ['1 erratum 1234'] },
    { text: `${R} 1 §1, §1.1, §2 and §2.10`, citations: ['1 1', '1 1.1', '1 2', '1 2.10'] },
    { text: `${R} 1 §1, ${R} 2 §7`, citations: ['1 1', '2 7'] },
    { text: ` * by ${R} 1\n * §1.1,\n * §2`, citations: ['1 1.1', '1 2'] },
    { text: `// ${R} 1 §1,\n// §2`, citations: ['1 1', '1 2'] },
    { text: `| ${R} 1 | §1, §2 | yes |`, citations: ['1 1', '1 2'] },
    { text: `${R} 1 and 2`, citations: ['1 -'] },
    { text: `${R} 1 §1 */\nconst x = §2`, citations: ['1 1'] },
    { text: `${R} 1 Appendices`, citations: ['1 -'] },
  ])('$text', ({ text, citations }) => expect(found(text)).toEqual(citations))

  it('know their line', () => {
    expect(findCitations(`\n${R} 1 §1,\n * §2`).map(({ line }) => line)).toEqual([2, 3])
  })
})

describe('the check', () => {
  it.each([
    { text: `${R} 9 says`, says: `docs/a.md:1: ${R} 9 is not in tooling/checks/rfc-index.json` },
    { text: `\n${R} 1 §1.2`, says: `docs/a.md:2: ${R} 1 has no section 1.2` },
    { text: `${R} 1 §1, §3`, says: `${R} 1 has no section 3` },
    { text: `${R} 1 Appendix B`, says: `${R} 1 has no Appendix B` },
    { text: `${R} 3 §1`, says: `${R} 3 has no section 1` },
    { text: `${R}1 says`, says: `"${R}1": a citation reads` },
    { text: `${R}5321`, says: `"${R}5321": a citation reads` },
    { text: `${R} 1 section 2`, says: `"${R} 1 section 2": a citation reads` },
    { text: `${R} 1, §2`, says: `"${R} 1, §": a citation reads` },
    { text: `${R} constructor`, says: undefined },
    { text: `${R} 1 §2.10, ${R} 2 §99, ${R} 3, ${R} 1 Appendix A`, says: undefined },
  ])('of $text', async ({ text, says }) => {
    const messages = await said(rfcCheck(tree({ 'docs/a.md': text }), index))
    if (says === undefined) expect(messages).toEqual([])
    // A number of fewer than three digits without its blank is too like other things.
    else if (text === `${R}1 says`) expect(messages).toEqual([])
    else expect(messages.join('\n')).toContain(says)
  })

  it.each([
    'packages/a/src/x.ts',
    'packages/a/test/x.test.ts',
    'packages/a/README.md',
    'packages/b/scripts/x.lua',
    'README.md',
  ])('reads %s', async (file) => expect(await said(rfcCheck(tree({ [file]: `// ${R} 9` }), index))).toHaveLength(1))

  it('leaves names in code alone', async () => {
    expect(await said(rfcCheck(tree({ 'packages/a/src/x.ts': `const pattern = /${R}5322/` }), index))).toEqual([])
  })
})

describe('the text of an RFC', () => {
  const text = [
    'Network Working Group                                        A. Author',
    'Request for Comments: 1                                  November 2026',
    '',
    '                     A Protocol for Tests',
    '',
    '   1.  Introduction . . . . . . . . . . . . . . . . . . . . . . . 2',
    '     1.1.  Terms  . . . . . . . . . . . . . . . . . . . . . . . . 2',
    '',
    '1.  Introduction',
    '',
    '   7. This is an item of a list, not a section.',
    '   Release 3.2 is no section either.',
    '',
    '1.2  Another way to write it',
    '',
    '2.  Second',
    '',
    '9.9  Nowhere reachable',
    '',
    'Appendix A.  Examples',
    '',
    'A.1.  One',
    '',
    'B.1.  Of no appendix',
  ].join('\n')

  it('gives title, sections and appendices', () => {
    expect(readRfc(text)).toEqual({
      title: 'A Protocol for Tests',
      sections: ['1', '1.1', '1.2', '2'],
      appendices: ['A', 'A.1'],
    })
  })
})

it('the index of this repository has the sections that everybody needs', () => {
  const real: RfcIndex = JSON.parse(readFileSync(join(import.meta.dirname, '../rfc-index.json'), 'utf8'))
  expect(real['5321']?.sections).toEqual(
    expect.arrayContaining(['2.3.11', '4.1.1.11', '4.5.3.1.10', '4.5.3.2.7', '4.5.5', '7.9', '10.2']),
  )
  expect(real['5321']?.sections).not.toContain('4.5.6')
  expect(real['5321']?.sections).not.toContain('11')
  expect(real['5322']?.appendices).toContain('A.1.1')
  expect(real['9422']?.sections).toBe('unknown')
  expect(Object.keys(real).length).toBeGreaterThan(180)
})
