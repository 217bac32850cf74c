/** MT-PRIORITY (RFC 6710). */

import { reply } from '@postroad/envelope'
import type { Extension } from '../extension.ts'

/** RFC 6710 §4.1: not 5.5.4, as elsewhere. */
const SYNTAX = reply(501, '5.5.2', 'Syntax: MT-PRIORITY=-9 to 9')

/**
 * Creates MT-PRIORITY. Whoever adds it promises that a message with a higher priority goes first (RFC 6710 §5).
 *
 * A priority above 0 is only taken from a client that has authenticated or is trusted and speaks for itself, else it counts
 * as 0 (RFC 6710 §4.1).
 *
 * @param options `profile`: the Priority Assignment Policy that is announced (RFC 6710 §9.2), 1 to 20 letters, digits, `-`,
 *   `_` and `.`; absent: none.
 */
export function mtPriority({ profile }: { readonly profile?: string } = {}): Extension {
  return {
    name: 'MT-PRIORITY',
    keyword: () => (profile === undefined ? 'MT-PRIORITY' : `MT-PRIORITY ${profile}`),
    mailOctets: 15,
    mail: {
      // priority-value = (["-"] NZDIGIT) / "0"
      'MT-PRIORITY': (value = '', { believed }) => {
        if (!/^(?:0|-?[1-9])$/.test(value)) return { ok: false, refusal: SYNTAX }
        const asked = Number(value)
        return { ok: true, fields: { mtPriority: believed ? asked : Math.min(0, asked) } }
      },
    },
  }
}
