/** RRVS (RFC 7293). */

import { parseDateTime } from '../date-time.ts'
import type { Extension } from '../extension.ts'

/**
 * RRVS (RFC 7293 §3.1): `date-time [";" ( "C" / "R" )]`. Whoever adds it promises to deliver only where the mailbox has had
 * the same owner since then, and to pass the demand on (RFC 7293 §5.1).
 */
export const rrvs: Extension = {
  name: 'RRVS',
  keyword: () => 'RRVS',
  rcptOctets: 33,
  rcpt: {
    RRVS: (value = '') => {
      const action = ACTIONS.get(value.slice(-2).toUpperCase())
      const at = parseDateTime(action === undefined ? value : value.slice(0, -2), { utc: false })
      if (at === undefined) return { ok: false, refusal: 'syntax' }
      return { ok: true, fields: { validSince: { at, action: action ?? 'reject' } } }
    },
  },
}

const ACTIONS: ReadonlyMap<string, 'continue' | 'reject'> = new Map([
  [';C', 'continue'],
  [';R', 'reject'],
] as const)
