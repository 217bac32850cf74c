/** MT-PRIORITY (RFC 6710). */

import { reply } from '@postroad/envelope'
import { LocalProtocolError } from '../errors.ts'
import type { Extension } from '../extension.ts'

/** RFC 6710 §4.1: not 5.5.4, as elsewhere. */
const SYNTAX = reply(501, '5.5.2', 'Syntax: MT-PRIORITY=-9 to 9')

/** RFC 6710 §4.1: X.3.6, and the new priority before the text. */
const LOWERED = reply(250, '2.3.6', '0 is the priority: only who is known to us may raise it')

/**
 * Creates MT-PRIORITY. Whoever adds it promises that a message with a higher priority goes first (RFC 6710 §5).
 *
 * A priority above 0 is only taken from a client that has authenticated or is trusted and speaks for itself, else it counts
 * as 0, and an accepted MAIL is answered 250 2.3.6 (RFC 6710 §4.1).
 *
 * @param options `profile`: the Priority Assignment Policy that is announced (RFC 6710 §9.2), 1 to 20 letters, digits, `-`,
 *   `_` and `.`; absent: none.
 * @throws {LocalProtocolError} `SMTP_EXTENSION` where `profile` is none.
 */
export function mtPriority({ profile }: { readonly profile?: string } = {}): Extension {
  if (profile !== undefined && !/^[A-Za-z0-9._-]{1,20}$/.test(profile)) {
    throw new LocalProtocolError('SMTP_EXTENSION', 'MT-PRIORITY: no name of a profile (RFC 6710 §7)')
  }
  return {
    name: 'MT-PRIORITY',
    keyword: () => (profile === undefined ? 'MT-PRIORITY' : `MT-PRIORITY ${profile}`),
    mailOctets: 15,
    mail: {
      // priority-value = (["-"] NZDIGIT) / "0"
      'MT-PRIORITY': (value = '', { believed }) => {
        if (!/^(?:0|-?[1-9])$/.test(value)) return { ok: false, refusal: SYNTAX }
        const asked = Number(value)
        if (believed || asked <= 0) return { ok: true, fields: { mtPriority: asked } }
        return { ok: true, fields: { mtPriority: 0 }, accepted: LOWERED }
      },
    },
  }
}
