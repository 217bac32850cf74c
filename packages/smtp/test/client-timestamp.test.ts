import { describe, expect, it } from 'vitest'
import { formatTimestamp } from '../src/client-timestamp.ts'

describe('formatTimestamp', () => {
  it.each([
    { at: 0, round: 'up', text: '1970-01-01T00:00:00Z' },
    { at: 1, round: 'up', text: '1970-01-01T00:00:01Z' },
    { at: 999, round: 'down', text: '1970-01-01T00:00:00Z' },
    { at: -1, round: 'down', text: '1969-12-31T23:59:59Z' },
    { at: 1e18, round: 'up', text: '9999-12-31T23:59:59Z' },
    { at: -1e18, round: 'down', text: '0000-01-01T00:00:00Z' },
  ] as const)('writes $at, rounded $round, as $text (RFC 4865 §3)', ({ at, round, text }) => {
    expect(formatTimestamp(at, round)).toBe(text)
  })
})
