/**
 * `docs/standards.md`: every RFC that concerns mail, with its status here. Made from the tables under "Standards" in the
 * READMEs of the packages, so that it says what they say; the check sees that it was made anew.
 */

import type { Check } from './check.ts'
import type { Repository } from './repository.ts'
import type { RfcIndex } from './rfc.ts'

/** Where it is kept. */
export const STANDARDS_FILE = 'docs/standards.md'

/** What is known of RFCs beside the READMEs: names for people, and why some are not for us. */
export interface StandardsNotes {
  /** Number to name, for a reader. */
  readonly names: Readonly<Record<string, string>>
  /** Number to reason. */
  readonly notOurs: Readonly<Record<string, string>>
  /** Numbers that need no row of their own: they are about other things than mail. */
  readonly background: readonly number[]
}

interface Row {
  readonly rfc: number
  readonly package: string
  readonly sections: string
  readonly status: string
  readonly note: string
}

/** Checks that the page is what the READMEs say. */
export function standardsCheck(repository: Repository, index: RfcIndex, notes: StandardsNotes): Check {
  return {
    name: 'standards',
    run: async () => {
      const page = repository.exists(STANDARDS_FILE) ? repository.read(STANDARDS_FILE) : ''
      if (page === formatStandards(repository, index, notes)) return []
      return [{ file: STANDARDS_FILE, message: 'is not what the READMEs say: pnpm check standards --write-standards' }]
    },
  }
}

/** Writes the page. */
export function formatStandards(repository: Repository, index: RfcIndex, notes: StandardsNotes): string {
  const rows = repository.packages().flatMap(({ folder }) => readRows(repository, folder))
  const here = [...new Set(rows.map(({ rfc }) => rfc))].toSorted((a, b) => a - b)
  const others = Object.keys(index)
    .map(Number)
    .filter((rfc) => !here.includes(rfc) && !notes.background.includes(rfc))
    .toSorted((a, b) => a - b)
  const name = (rfc: number): string => nameOfRfc(rfc, index, notes)
  const notOurs = others.filter((rfc) => notes.notOurs[rfc] !== undefined)
  const later = others.filter((rfc) => notes.notOurs[rfc] === undefined)
  return `# Standards

Which RFC stands where. The rows come from the READMEs of the packages; a deviation is told there.

## Here

| RFC | what | sections | status | package | note |
|---|---|---|---|---|---|
${here.flatMap((rfc) => rows.filter((row) => row.rfc === rfc).map((row) => rowText(row, name(rfc)))).join('\n')}

## Not used, with the reason

| RFC | what | why |
|---|---|---|
${notOurs.map((rfc) => `| ${rfc} | ${name(rfc)} | ${notes.notOurs[rfc]} |`).join('\n')}

## Not yet

| RFC | what |
|---|---|
${later.map((rfc) => `| ${rfc} | ${name(rfc)} |`).join('\n')}
`
}

function rowText({ rfc, sections, status, package: folder, note }: Row, name: string): string {
  const link = `[${folder.replace(/^(packages|apps)\//, '')}](../${folder})`
  return `| ${rfc} | ${name} | ${sections} | ${status} | ${link} | ${note} |`
}

/** The rows of one README; a row that names several RFCs stands for each of them. */
function readRows(repository: Repository, folder: string): Row[] {
  const file = `${folder}/README.md`
  if (!repository.exists(file)) return []
  const [, section = ''] = repository.read(file).split(/^## Standards$/m)
  const [table = ''] = section.split(/^## /m)
  return table.split('\n').flatMap((line) => {
    const [first = '', sections = '', status = '', note = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    return [...first.matchAll(/\d{3,4}/g)].map(([rfc]) => ({
      rfc: Number(rfc),
      package: folder,
      sections: sectionsOf(sections, rfc),
      status,
      note,
    }))
  })
}

/** Where a row names several RFCs, its cell says which sections are of which: those of one are taken out. */
function sectionsOf(cell: string, rfc: string): string {
  const own = new RegExp(`RFC ${rfc} ([^R]*?)(?:, )?(?=RFC|$)`).exec(cell)
  return own?.[1] ?? cell
}

/** What people call an RFC: the name that was given it by hand, or its title. */
export function nameOfRfc(rfc: number, index: RfcIndex, notes: StandardsNotes): string {
  return notes.names[rfc] ?? titleOf(index, rfc)
}

function titleOf(index: RfcIndex, rfc: number): string {
  const title = index[String(rfc)]?.title ?? ''
  return title === title.toUpperCase() ? title.charAt(0) + title.slice(1).toLowerCase() : title
}
