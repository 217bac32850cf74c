import { readFileSync } from 'node:fs'
import { CHUNK_BYTES, FLIGHT_BYTES } from '@postroad/smtp'
import { describe, expect, it } from 'vitest'
import { POOL_DEFAULTS } from '../src/connection-pool.ts'
import { ATTEMPT_DELAY_MS } from '../src/race-addresses.ts'
import { FLIGHT_BYTES as OUR_FLIGHT_BYTES } from '../src/send-content.ts'
import { CLIENT_TIMEOUTS } from '../src/timeouts.ts'
import { MAX_SESSIONS } from '../src/tls-session-cache.ts'

const page = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8')
const section = page.split(/^## /m).find((part) => part.startsWith('A client\n')) ?? ''

/** The name in back quotes, and its cells. */
const rows = new Map<string, readonly string[]>()
for (const line of section.split('\n')) {
  const [, name = '', ...cells] = line.split('|').map((cell) => cell.trim())
  const quoted = /^`(\w+)`$/.exec(name)?.[1]
  if (quoted !== undefined) rows.set(quoted, cells)
}

const defaults: Readonly<Record<string, number>> = {
  ...CLIENT_TIMEOUTS,
  ...POOL_DEFAULTS,
  attemptDelayMs: ATTEMPT_DELAY_MS,
  maxSessions: MAX_SESSIONS,
  flightBytes: FLIGHT_BYTES,
  chunkBytes: CHUNK_BYTES,
}
/** Compared by the tests of `smtp`. */
const OF_REPLIES = ['maxLineBytes', 'maxLines', 'maxReplyBytes']

/** The number that a default is written as, with separators of thousands. */
const numberOf = (text: string): number =>
  text === 'none' ? Number.POSITIVE_INFINITY : Number(text.replaceAll(',', ''))

describe('docs/limits.md, A client', () => {
  it('has each limit, and no other', () => {
    expect([...rows.keys()].toSorted()).toEqual([...Object.keys(defaults), ...OF_REPLIES].toSorted())
    expect(OUR_FLIGHT_BYTES).toBe(FLIGHT_BYTES)
  })

  it.each(Object.entries(defaults))('says the default of %s, its unit, and its floor', (name, value) => {
    const [stated = '', unit = '', floor = '', then = ''] = rows.get(name) ?? []
    expect(numberOf(stated)).toBe(value)
    expect(unit).toBe(name.endsWith('Ms') ? 'ms' : name.endsWith('Bytes') ? 'bytes' : '')
    expect(floor).toMatch(/^–$|^[\d,]+, RFC \d+ §/)
    expect(then).not.toBe('')
    const least = /^([\d,]+),/.exec(floor)?.[1]
    if (least !== undefined) expect(value).toBeGreaterThanOrEqual(numberOf(least))
  })
})
