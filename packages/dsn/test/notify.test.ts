import { parseHeader } from '@postroad/message'
import type { Notify } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { mayBounce, mayRespond, wantsReport } from '../src/index.ts'
import type { ReportAction } from '../src/index.ts'
import { bytes, mailbox } from './report-of.ts'

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
    expect(mayBounce(mailbox('ada@example.org'))).toBe(true)
    expect(mayBounce(mailbox('mailer-daemon@example.org'))).toBe(true)
  })
})

describe('mayRespond', () => {
  it.each([
    { path: 'ada@example.org', fields: '', may: true },
    { path: 'ada@example.org', fields: 'Auto-Submitted: no (really)\r\n', may: true },
    { path: 'ada@example.org', fields: 'Precedence: first-class\r\n', may: true },
    { path: undefined, fields: '', may: false },
    { path: 'ada@example.org', fields: 'Auto-Submitted: auto-replied\r\n', may: false },
    { path: 'ada@example.org', fields: 'Auto-Submitted: No\r\nAuto-Submitted: auto-generated; x=y\r\n', may: false },
    { path: 'ada@example.org', fields: 'Auto-Submitted:\r\n', may: false },
    { path: 'ada@example.org', fields: 'Precedence: Bulk\r\n', may: false },
    { path: 'ada@example.org', fields: 'List-Id: <x.example.org>\r\n', may: false },
    { path: 'MAILER-DAEMON@example.org', fields: '', may: false },
    { path: 'owner-list@example.org', fields: '', may: false },
    { path: 'list-request@example.org', fields: '', may: false },
    { path: 'noreply@example.org', fields: '', may: false },
    { path: 'downer-x@example.org', fields: '', may: true },
  ])('answers $path with "$fields": $may (RFC 3834 §2)', ({ path, fields, may }) => {
    expect(mayRespond(path === undefined ? null : mailbox(path), parseHeader(bytes(fields)))).toBe(may)
  })
})
