import { expect, it } from 'vitest'
import { REFERENCES_FILE, formatReferences, referencesCheck } from '../src/references.ts'
import { manifest, said, tree } from './tree.ts'

// Put together here, so that the check of citations does not read it.
const R = 'RFC'
const INDEX = { '1': { title: 'A FIRST THING' }, '2': { title: 'Second' } }
const NOTES = { names: { '2': 'The second' }, notOurs: {}, background: [] }

const files = {
  'packages/a/package.json': manifest('@postroad/a', 1),
  'packages/a/src/x.ts': `// ${R} 1 §2.10\n// ${R} 1 §2\n// ${R} 1 §2.10`,
  'packages/a/test/x.test.ts': `// ${R} 1 §9`,
  'packages/b/package.json': manifest('@postroad/b', 2),
  'packages/b/src/lua/y.lua': `-- ${R} 1 §2, ${R} 2, ${R} 2 Appendix A`,
}

it('the page leads from each section to the sources that name it, not to tests', () => {
  expect(formatReferences(tree(files), INDEX, NOTES).split('\n').slice(5)).toEqual([
    `## ${R} 1: A first thing`,
    '',
    '| section | files |',
    '|---|---|',
    '| §2 | [a/x.ts](../packages/a/src/x.ts), [b/lua/y.lua](../packages/b/src/lua/y.lua) |',
    '| §2.10 | [a/x.ts](../packages/a/src/x.ts) |',
    '',
    `## ${R} 2: The second`,
    '',
    '| section | files |',
    '|---|---|',
    '| as a whole | [b/lua/y.lua](../packages/b/src/lua/y.lua) |',
    '| Appendix A | [b/lua/y.lua](../packages/b/src/lua/y.lua) |',
    '',
  ])
})

it('a page that is not what the sources say is refused', async () => {
  const page = formatReferences(tree(files), INDEX, NOTES)
  expect(await said(referencesCheck(tree({ ...files, [REFERENCES_FILE]: page }), INDEX, NOTES))).toEqual([])
  const old = page.replace('2.10', '2.9')
  expect(await said(referencesCheck(tree({ ...files, [REFERENCES_FILE]: old }), INDEX, NOTES))).toEqual([
    `${REFERENCES_FILE}:11: is not what the sources say: pnpm check references --write-references writes it`,
  ])
  expect(await said(referencesCheck(tree(files), INDEX, NOTES))).toHaveLength(1)
})
