import { readFileSync } from 'node:fs'
import { DEFAULT_SESSION_LIMITS } from '@postroad/smtp'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SERVER_LIMITS } from '../src/index.ts'

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')

/** The rows of the table under a heading: the name in back quotes, then its cells. */
function rowsOf(heading: string): Map<string, readonly string[]> {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const rows = new Map<string, readonly string[]>()
  for (const line of section.split('\n')) {
    const [, name, ...cells] = line.split('|').map((cell) => cell.trim())
    const quoted = /^`(\w+)`$/.exec(name ?? '')?.[1]
    if (quoted !== undefined) rows.set(quoted, cells)
  }
  return rows
}

/** The number that a default is written as: with separators of thousands, in the unit beside it. */
function numberOf(text: string): number {
  return text === 'none' ? Number.POSITIVE_INFINITY : Number(text.replaceAll(',', ''))
}

const ofTheServer = Object.fromEntries(
  Object.entries(DEFAULT_SERVER_LIMITS).filter(([name]) => !Object.hasOwn(DEFAULT_SESSION_LIMITS, name)),
)

describe.each([
  { heading: 'One session', limits: DEFAULT_SESSION_LIMITS },
  { heading: 'One server', limits: ofTheServer },
])('docs/limits.md, $heading', ({ heading, limits }) => {
  const rows = rowsOf(heading)

  it('has each limit, and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual(Object.keys(limits).toSorted())
  })

  it.each(Object.entries(limits))('says the default of %s, its unit, and its floor', (name, value) => {
    const [stated = '', unit = '', floor = '', then = ''] = rows.get(name) ?? []
    expect(numberOf(stated)).toBe(value)
    expect(unit).toBe(
      name.endsWith('Ms') ? 'ms' : name.endsWith('BytesPerSecond') ? 'bytes/s' : name.endsWith('Bytes') ? 'bytes' : '',
    )
    expect(floor).toMatch(/^–$|RFC \d+ §/)
    expect(then).not.toBe('')
    const least = /^([\d,]+)/.exec(floor)?.[1]
    if (least !== undefined) expect(value).toBeGreaterThanOrEqual(numberOf(least))
  })
})
