import { mailboxOf } from '@postroad/address'
import type { Notify } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { mayBounce, wantsReport } from '../src/index.ts'
import type { ReportAction } from '../src/index.ts'

const ACTIONS: readonly ReportAction[] = ['failed', 'delayed', 'delivered', 'relayed', 'expanded']

describe('wantsReport', () => {
  it.each<{ notify: readonly Notify[] | undefined; wants: readonly ReportAction[] }>([
    { notify: undefined, wants: ['failed', 'delayed'] },
    { notify: ['never'], wants: [] },
    { notify: ['failure'], wants: ['failed'] },
    { notify: ['delay'], wants: ['delayed'] },
    { notify: ['success'], wants: ['delivered', 'relayed', 'expanded'] },
    { notify: ['success', 'failure', 'delay'], wants: ACTIONS },
  ])('for NOTIFY=$notify: $wants (RFC 3461 §4.1)', ({ notify, wants }) => {
    const recipient = notify === undefined ? {} : { notify }
    expect(ACTIONS.filter((action) => wantsReport(recipient, action))).toEqual(
      wants.toSorted((a, b) => ACTIONS.indexOf(a) - ACTIONS.indexOf(b)),
    )
  })
})

describe('mayBounce', () => {
  it('reports to all but the null reverse-path (RFC 5321 §6.1)', () => {
    expect(mayBounce(null)).toBe(false)
    expect(mayBounce(mailboxOf('ada@example.org'))).toBe(true)
    expect(mayBounce(mailboxOf('mailer-daemon@example.org'))).toBe(true)
  })
})
