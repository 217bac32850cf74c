/**
 * Instants as a client writes them, `YYYY-MM-DDTHH:MM:SSZ`: the date-time of HOLDUNTIL (RFC 4865 §3) and RRVS
 * (RFC 7293 §3.1), always in UTC and to the second.
 */

/** Writes an instant in milliseconds since the epoch, rounded to the second as told; what lies outside of the years 0 to 9999 is drawn to their edge. */
export function formatTimestamp(at: number, round: 'up' | 'down'): string {
  const seconds = round === 'up' ? Math.ceil(at / 1_000) : Math.floor(at / 1_000)
  return `${new Date(Math.max(FIRST, Math.min(LAST, seconds)) * 1_000).toISOString().slice(0, 19)}Z`
}

/** 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds. */
const FIRST = -62_167_219_200
const LAST = 253_402_300_799
