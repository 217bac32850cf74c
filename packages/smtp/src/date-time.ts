/**
 * Reads the `date-time` of RFC 3339, which FUTURERELEASE and RRVS use: `2026-05-04T03:02:01Z`, or with an offset.
 *
 *     date-time    = full-date "T" full-time
 *     full-time    = time-hour ":" time-minute ":" time-second [time-secfrac] time-offset
 *     time-offset  = "Z" / ("+" / "-") time-hour ":" time-minute
 *
 * Without time-secfrac: RFC 7293 §3.1 forbids it, and nobody holds a message to a fraction of a second.
 */

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/i
const LOCAL_LENGTH = 19
const OFFSET = /^[+-]\d\d:\d\d$/

/** The instant, in milliseconds since the epoch; `undefined` where the text is none. `utc`: an offset is not allowed. */
export function parseDateTime(text: string, { utc }: { readonly utc: boolean }): number | undefined {
  const local = text.slice(0, LOCAL_LENGTH)
  const zone = text.slice(LOCAL_LENGTH)
  const offset = parseOffset(zone, utc)
  if (!LOCAL.test(local) || offset === undefined) return undefined
  const part = (start: number, end: number): number => Number(local.slice(start, end))
  const year = part(0, 4)
  const month = part(5, 7) - 1
  const day = part(8, 10)
  const hour = part(11, 13)
  const minute = part(14, 16)
  const second = part(17, 19)
  // A leap second is the first of the next minute.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1_000 - offset
}

/** How far the zone is ahead of UTC, in milliseconds. */
function parseOffset(zone: string, utc: boolean): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  if (utc || !OFFSET.test(zone)) return undefined
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(4))
  if (hours > 23 || minutes > 59) return undefined
  return (hours * 60 + minutes) * (zone.startsWith('-') ? -60_000 : 60_000)
}
