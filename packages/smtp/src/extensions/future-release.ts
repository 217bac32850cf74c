/** FUTURERELEASE (RFC 4865). */

import { parseDateTime } from '../date-time.ts'
import type { Extension, ExtensionContext, ParameterResult } from '../extension.ts'
import type { HoldRequest, MailRequest } from '../handler.ts'
import { UNKNOWN_PARAMETER } from '../session-replies.ts'

/** How long messages are held. */
export interface FutureReleaseOptions {
  /** The longest time, in seconds; 1 to 999,999,999 (RFC 4865 §3). */
  readonly maxSeconds: number
  /** Milliseconds since the epoch: what HOLDUNTIL= is measured by, and the latest time that is announced. */
  readonly now: () => number
}

/**
 * Creates FUTURERELEASE, offered in submission only (RFC 4865 §4.2). Whoever adds it promises not to pass a message on
 * before its time.
 *
 * Refused with 501 5.5.4: a time beyond the longest or gone by, HOLDFOR and HOLDUNTIL together, and a time that is later
 * than what BY= asks for (RFC 4865 §4.2, §5.2.2).
 */
export function futureRelease({ maxSeconds, now }: FutureReleaseOptions): Extension {
  const latest = (): number => (Math.floor(now() / 1_000) + maxSeconds) * 1_000
  const judge = (context: ExtensionContext, hold: HoldRequest | undefined): ParameterResult<MailRequest> => {
    if (context.protocol !== 'submission') return { ok: false, refusal: UNKNOWN_PARAMETER }
    return hold === undefined ? { ok: false, refusal: 'syntax' } : { ok: true, fields: { hold } }
  }
  return {
    name: 'FUTURERELEASE',
    keyword: ({ protocol }) =>
      protocol === 'submission' ? `FUTURERELEASE ${maxSeconds} ${formatDateTime(latest())}` : undefined,
    mailOctets: 34,
    mail: {
      HOLDFOR: (value = '', context) => {
        const seconds = /^[1-9]\d{0,8}$/.test(value) ? Number(value) : 0
        return judge(context, seconds > 0 && seconds <= maxSeconds ? { forSeconds: seconds } : undefined)
      },
      HOLDUNTIL: (value = '', context) => {
        const until = parseDateTime(value, { utc: true })
        const fits = until !== undefined && until > now() && until <= latest()
        return judge(context, fits ? { until } : undefined)
      },
    },
    checkMail: ({ hold, deliverBy }) => {
      if (hold === undefined || deliverBy === undefined) return undefined
      const seconds = 'until' in hold ? (hold.until - now()) / 1_000 : hold.forSeconds
      return seconds > deliverBy.seconds ? 'syntax' : undefined
    },
  }
}

function formatDateTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}
