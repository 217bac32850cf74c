import { parseHeader } from '@postroad/message'
import { describe, expect, it } from 'vitest'
import { readStatusGroups } from '../src/status-groups.ts'
import { bytes } from './report-of.ts'

function groupsOf(body: string, partHeader = ''): { message: string[]; recipients: string[][] } {
  const { perMessage, recipients } = readStatusGroups(parseHeader(bytes(partHeader)), bytes(body))
  const show = (fields: typeof perMessage): string[] => fields.fields.map(({ name, value }) => `${name}=${value}`)
  return { message: show(perMessage), recipients: recipients.map(show) }
}

const MESSAGE = ['Reporting-MTA=a']
const ADA = ['Final-Recipient=ada', 'Action=failed']
const BOB = ['Final-Recipient=bob', 'Action=delayed']

describe('readStatusGroups (RFC 3464 §2.1)', () => {
  it.each([
    {
      what: 'groups by empty lines',
      body: 'Reporting-MTA: a\r\n\r\nFinal-Recipient: ada\r\nAction: failed\r\n\r\nFinal-Recipient: bob\r\nAction: delayed\r\n',
    },
    {
      what: 'more empty lines than one, and none at the end',
      body: '\n\n\nReporting-MTA: a\n\n\nFinal-Recipient: ada\nAction: failed\n\n\n\nFinal-Recipient: bob\nAction: delayed',
    },
    {
      what: 'empty lines that hold blanks',
      body: 'Reporting-MTA: a\n \nFinal-Recipient: ada\nAction: failed\n\t \nFinal-Recipient: bob\nAction: delayed\n \n',
    },
    {
      what: 'recipients without an empty line between them',
      body: 'Reporting-MTA: a\n\nFinal-Recipient: ada\nAction: failed\nFinal-Recipient: bob\nAction: delayed\n',
    },
    {
      what: 'a recipient torn in two',
      body: 'Reporting-MTA: a\n\nFinal-Recipient: ada\n\nAction: failed\n\nFinal-Recipient: bob\n\nAction: delayed\n',
    },
    {
      what: 'the recipients before the message',
      body: 'Final-Recipient: ada\nAction: failed\n\nReporting-MTA: a\n\nFinal-Recipient: bob\nAction: delayed\n',
    },
    {
      what: 'fields in the header section of the part',
      header: 'Content-Type: message/delivery-status\nMIME-Version: 1.0\nReporting-MTA: a\n',
      body: 'Final-Recipient: ada\nAction: failed\n\nFinal-Recipient: bob\nAction: delayed\n',
    },
  ])('reads $what', ({ body, header = '' }) => {
    expect(groupsOf(body, header)).toEqual({ message: MESSAGE, recipients: [ADA, BOB] })
  })

  it('reads a recipient in the group of the message', () => {
    const together = ['Reporting-MTA=a', 'Final-Recipient=ada', 'Action=failed']
    expect(groupsOf('Reporting-MTA: a\nFinal-Recipient: ada\nAction: failed\n')).toEqual({
      message: together,
      recipients: [together],
    })
  })

  it('knows where nothing is said of the message', () => {
    expect(groupsOf('Final-Recipient: ada\nAction: failed\n')).toEqual({ message: [], recipients: [ADA] })
    expect(groupsOf('')).toEqual({ message: [], recipients: [] })
    expect(groupsOf('\n\n')).toEqual({ message: [], recipients: [] })
  })

  it('takes no other header fields of the part for a group', () => {
    expect(groupsOf('Action: failed', 'Content-Type: x/y\nX-Loop: y\n')).toEqual({
      message: [],
      recipients: [['Action=failed']],
    })
  })

  it('passes over groups of nothing known', () => {
    expect(groupsOf('Reporting-MTA: a\n\nFinal-Recipient: ada\nAction: failed\n\nX-Other: y\n').recipients).toEqual([
      ADA,
    ])
  })

  it('continues a folded field behind an empty line', () => {
    expect(
      groupsOf('Final-Recipient: ada\nDiagnostic-Code: smtp; 550 no\n\n  such user\nStatus: 5.1.1\n').recipients,
    ).toEqual([['Final-Recipient=ada', 'Diagnostic-Code=smtp; 550 no  such user', 'Status=5.1.1']])
  })

  it('joins nothing to a recipient that is whole', () => {
    expect(groupsOf('Final-Recipient: ada\nStatus: 5.0.0\n\nAction: failed\n').recipients).toEqual([
      ['Final-Recipient=ada', 'Status=5.0.0'],
      ['Action=failed'],
    ])
  })

  it('takes megabytes of empty lines, of recipients, and of torn ones', () => {
    const count = (body: string): number => readStatusGroups(parseHeader(bytes('')), bytes(body)).recipients.length
    expect(count('\n'.repeat(2_000_000))).toBe(0)
    expect(count('Final-Recipient: x\n'.repeat(100_000))).toBe(100_000)
    expect(count(`Final-Recipient: x\n${'\nX: y\n'.repeat(100_000)}`)).toBe(1)
  })
})
