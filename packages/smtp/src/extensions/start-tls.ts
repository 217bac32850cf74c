/** What needs TLS: STARTTLS (RFC 3207), REQUIRETLS (RFC 8689). */

import { reply } from '@postroad/envelope'
import type { Extension } from '../extension.ts'

const NEEDS_TLS = reply(530, '5.7.10', 'Encryption needed')

/** STARTTLS (RFC 3207 §4): offered while the session is not secured. */
export const startTls: Extension = {
  name: 'STARTTLS',
  keyword: (context) => (context.startTls ? 'STARTTLS' : undefined),
  verbs: ['STARTTLS'],
}

/**
 * REQUIRETLS (RFC 8689 §2): offered under TLS. Whoever adds it promises to pass the message on as that asks
 * (RFC 8689 §4.2.1).
 */
export const requireTls: Extension = {
  name: 'REQUIRETLS',
  keyword: ({ secured }) => (secured ? 'REQUIRETLS' : undefined),
  mailOctets: 11,
  mail: {
    REQUIRETLS: (value, { secured }) => {
      if (value !== undefined) return { ok: false, refusal: 'syntax' }
      return secured ? { ok: true, fields: { requireTls: true } } : { ok: false, refusal: NEEDS_TLS }
    },
  },
}
