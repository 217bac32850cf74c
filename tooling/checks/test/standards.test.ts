import { describe, expect, it } from 'vitest'
import { formatStandards, standardsCheck, STANDARDS_FILE } from '../src/standards.ts'
import { manifest, said, tree } from './tree.ts'

const INDEX = {
  '1': { title: 'ONE THING', sections: ['1'] },
  '321': { title: 'Another Thing', sections: ['1', '2'] },
  '322': { title: 'A Third', sections: ['4'] },
  '900': { title: 'Old' },
  '901': { title: 'Not of mail' },
}
const NOTES = { names: { '322': 'The third' }, notOurs: { '900': 'historic' }, background: [901] }

// Put together here, so that the check of citations does not read it.
const R = 'RFC'
const README = `# @postroad/a

## Standards

| RFC | sections | status | note |
|---|---|---|---|
| 321, 322 | ${R} 321 §2, ${R} 322 §4 | yes | both |

## Use
`

const files = (page: string): Record<string, unknown> => ({
  'packages/a/package.json': manifest('@postroad/a', 1),
  'packages/a/README.md': README,
  [STANDARDS_FILE]: page,
})

describe('standards', () => {
  const page = formatStandards(tree(files('')), INDEX, NOTES)

  it('takes the rows from the READMEs, each RFC with its own sections', () => {
    expect(page).toContain('| 321 | Another Thing | §2 | yes | [a](../packages/a) | both |')
    expect(page).toContain('| 322 | The third | §4 | yes | [a](../packages/a) | both |')
  })

  it('lists what is not used with its reason, and what is not there yet', () => {
    expect(page).toContain('| 900 | Old | historic |')
    expect(page).toContain('| 1 | One thing |')
    expect(page).not.toContain('901')
  })

  it('sees a page that is not what the READMEs say', async () => {
    expect(await said(standardsCheck(tree(files(page)), INDEX, NOTES))).toEqual([])
    expect(await said(standardsCheck(tree(files('old')), INDEX, NOTES))).toEqual([
      expect.stringContaining('is not what the READMEs say'),
    ])
  })
})
