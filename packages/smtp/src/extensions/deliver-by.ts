/**
 * DELIVERBY (RFC 2852).
 *
 *     by-value  = by-time ";" by-mode [by-trace]
 *     by-time   = ["-" / "+"] 1*9digit
 *     by-mode   = "N" / "R"
 *     by-trace  = "T"
 */

import { reply } from '@postroad/envelope'
import type { Extension } from '../extension.ts'

const TOO_SOON = reply(555, '5.5.4', 'Delivery within this time cannot be promised')

/**
 * Creates DELIVERBY. Whoever adds it promises to return the message or to tell its sender in time (RFC 2852 §4.1).
 *
 * @param options `minSeconds`: the least time for which a message is taken that is to be returned then, announced
 *   (RFC 2852 §3); absent: any.
 */
export function deliverBy({ minSeconds }: { readonly minSeconds?: number } = {}): Extension {
  return {
    name: 'DELIVERBY',
    keyword: () => (minSeconds === undefined ? 'DELIVERBY' : `DELIVERBY ${minSeconds}`),
    mailOctets: 17,
    mail: {
      BY: (value = '') => {
        const parts = /^([+-]?\d{1,9});([NR])(T?)$/i.exec(value)
        if (parts === null) return { ok: false, refusal: 'syntax' }
        // `-0` is a zero, too.
        const seconds = Number(parts[1]) + 0
        const mode = parts[2]?.toUpperCase() === 'R' ? 'return' : 'notify'
        // RFC 2852 §4: 501 5.5.4.
        if (mode === 'return' && seconds <= 0) return { ok: false, refusal: 'syntax' }
        // RFC 2852 §3.
        if (mode === 'return' && seconds < (minSeconds ?? 0)) return { ok: false, refusal: TOO_SOON }
        return { ok: true, fields: { deliverBy: { seconds, mode, trace: parts[3] !== '' } } }
      },
    },
  }
}
