/**
 * Why servers of others answer otherwise than ours: data, held against what a replay finds (`judge.ts`).
 *
 * A difference is a question: which of us is right, or may both be? The answer stands here, as a sentence about the
 * other server, or about what the standard leaves open. Whoever finds us wrong mends us instead.
 */

import type { Explanation } from './explanation.ts'
import { DOVECOT_EXPLANATIONS } from './explanations/dovecot.ts'
import { EXIM_EXPLANATIONS } from './explanations/exim.ts'
import { OPENSMTPD_EXPLANATIONS } from './explanations/opensmtpd.ts'
import { POSTFIX_EXPLANATIONS } from './explanations/postfix.ts'

/** All of them. */
export const EXPLANATIONS: readonly Explanation[] = [
  ...POSTFIX_EXPLANATIONS,
  ...EXIM_EXPLANATIONS,
  ...OPENSMTPD_EXPLANATIONS,
  ...DOVECOT_EXPLANATIONS,
]
