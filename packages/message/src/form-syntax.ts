/**
 * The syntax of structured fields, for `checkForm`: each is read strictly, and where that fails with the obsolete
 * grammar of RFC 5322 §4, which must be understood and must not be written.
 */

import { readAddressList, type Result, type SyntaxFault } from '@postroad/address'
import { type AddressFieldName, parseAddressValue } from './address-field.ts'
import { parseAuthenticationResultsStrict } from './authentication-results.ts'
import { parseAutoSubmittedStrict } from './auto-submitted.ts'
import { parseContentDispositionStrict } from './content-disposition.ts'
import { parseContentTypeStrict } from './content-type.ts'
import { parseDate } from './date.ts'
import { type FieldFault, offsetInRaw } from './form-fault.ts'
import type { HeaderField } from './header.ts'
import { parseListCommands } from './list-commands.ts'
import { parseListId } from './list-id.ts'
import { parseMessageId, parseMessageIds, parseMessageIdsStrict } from './message-id.ts'
import { parseMimeVersion } from './mime-version.ts'
import { parseReceivedStrict } from './received-strict.ts'
import { parseReturnPath, readReturnPath } from './return-path.ts'
import { parseDateStrict } from './strict-date.ts'
import { TokenReader } from './token-reader.ts'

/** Where a value departs from its grammar; from that of today alone where `isObsolete`. */
interface Departure {
  readonly isObsolete: boolean
  readonly fault: SyntaxFault
}

/** How a field is judged. */
interface Syntax {
  readonly name: string
  readonly explain: string
  /** How bad it is where the value cannot be read. */
  readonly severity: FieldFault['severity']
  readonly check: (value: string) => Departure | undefined
}

/** What is wrong with the value of the field; nothing where it has no grammar. */
export function checkSyntax(field: HeaderField): readonly FieldFault[] {
  const syntax = SYNTAX.get(field.name.toLowerCase())
  const departure = syntax?.check(field.value)
  if (syntax === undefined || departure === undefined) return []
  const { isObsolete, fault } = departure
  const { name } = syntax
  const judgement = isObsolete
    ? ({
        kind: 'obsolete',
        severity: 'warning',
        explain: `The ${name} field has a form that must not be written any more (RFC 5322 §4).`,
      } as const)
    : ({ kind: 'malformed', severity: syntax.severity, explain: syntax.explain } as const)
  const { rule, expected, offset } = fault
  return [{ ...judgement, name, rule, expected, at: offsetInRaw(field, offset) }]
}

/** A strict reading, and whether the obsolete grammar has what it refuses. */
function judge<T>(strict: (value: string) => Result<T>, isObsolete: (value: string) => boolean) {
  return (value: string): Departure | undefined => {
    const result = strict(value)
    return result.ok ? undefined : { isObsolete: isObsolete(value), fault: result.error }
  }
}

const never = (): boolean => false

function judgeAddresses(name: AddressFieldName) {
  return (value: string): Departure | undefined => {
    const strict = parseAddressValue(name, value)
    if (strict.ok) return undefined
    const { addresses, faults } = readAddressList(value)
    const [fault] = faults
    if (fault !== undefined) return { isObsolete: false, fault }
    const mailboxes = addresses.flatMap((address) => (address.kind === 'group' ? address.members : [address]))
    if (name.endsWith('Sender') && mailboxes.length > 1) {
      return { isObsolete: false, fault: { rule: 'mailbox', offset: 0, expected: 'one mailbox' } }
    }
    // The rule of the field itself (RFC 5322 §3.6.6), not one of the grammar.
    return { isObsolete: strict.error.rule !== name.toLowerCase(), fault: strict.error }
  }
}

const isId = (id: string): boolean => parseMessageId(`<${id}>`).ok

/** `"<" id "@" id ">"` with the blanks and comments of RFC 5322 §4.5.4 in it. */
function isObsoleteId(value: string): boolean {
  const ids = parseMessageIds(value)
  return value.includes('<') && ids.length === 1 && ids.every(isId)
}

/** Identifiers and phrases (RFC 5322 §4.5.4). */
function isObsoleteIds(value: string): boolean {
  if (!/[<>@]/.test(value)) return value !== ''
  const ids = parseMessageIds(value)
  return value.includes('<') && ids.length > 0 && ids.every(isId)
}

function parseEncoding(value: string): Result<string> {
  const reader = new TokenReader(value)
  const start = reader.at
  const token = reader.token()
  if (token === '') reader.refuse('mechanism', start, 'a token')
  return reader.result(token, 'encoding')
}

function parseCommands(value: string): Result<null> {
  const { commands, no } = parseListCommands(value)
  if (commands.length > 0 || no) return { ok: true, value: null }
  return { ok: false, error: { rule: 'list-header', offset: 0, expected: 'a URI in angle brackets' } }
}

function entriesOf(
  names: readonly string[],
  section: string,
  severity: FieldFault['severity'],
  check: Syntax['check'],
): Syntax[] {
  return names.map((name) => ({
    name,
    explain: `The ${name} field is not well-formed (${section}).`,
    severity,
    check,
  }))
}

function addressEntry(name: AddressFieldName, section: string): Syntax {
  return {
    name,
    explain: `The ${name} field holds no list of addresses (${section}).`,
    severity: 'error',
    check: judgeAddresses(name),
  }
}

const judgeDate = judge(parseDateStrict, (value) => parseDate(value).ok)

const SYNTAX: ReadonlyMap<string, Syntax> = new Map(
  [
    {
      name: 'Date',
      explain: 'The Date field holds no date and time (RFC 5322 §3.3).',
      severity: 'fatal' as const,
      check: judgeDate,
    },
    { ...addressEntry('From', 'RFC 5322 §3.6.2'), severity: 'fatal' as const },
    {
      ...addressEntry('Sender', 'RFC 5322 §3.6.2'),
      severity: 'fatal' as const,
      explain: 'The Sender field holds no single address (RFC 5322 §3.6.2).',
    },
    addressEntry('Reply-To', 'RFC 5322 §3.6.2'),
    addressEntry('To', 'RFC 5322 §3.6.3'),
    addressEntry('Cc', 'RFC 5322 §3.6.3'),
    addressEntry('Bcc', 'RFC 5322 §3.6.3'),
    addressEntry('Resent-From', 'RFC 5322 §3.6.6'),
    addressEntry('Resent-Sender', 'RFC 5322 §3.6.6'),
    addressEntry('Resent-Reply-To', 'RFC 5322 §4.5.6'),
    addressEntry('Resent-To', 'RFC 5322 §3.6.6'),
    addressEntry('Resent-Cc', 'RFC 5322 §3.6.6'),
    addressEntry('Resent-Bcc', 'RFC 5322 §3.6.6'),
    ...entriesOf(['Resent-Date'], 'RFC 5322 §3.6.6', 'error', judgeDate),
    ...entriesOf(['Message-ID', 'Resent-Message-ID'], 'RFC 5322 §3.6.4', 'error', judge(parseMessageId, isObsoleteId)),
    ...entriesOf(
      ['In-Reply-To', 'References'],
      'RFC 5322 §3.6.4',
      'error',
      judge(parseMessageIdsStrict, isObsoleteIds),
    ),
    ...entriesOf(
      ['Return-Path'],
      'RFC 5322 §3.6.7',
      'warning',
      judge(parseReturnPath, (value) => readReturnPath(value) !== undefined),
    ),
    ...entriesOf(['Received'], 'RFC 5321 §4.4', 'warning', judge(parseReceivedStrict, never)),
    ...entriesOf(
      ['Authentication-Results'],
      'RFC 8601 §2.2',
      'warning',
      judge(parseAuthenticationResultsStrict, never),
    ),
    ...entriesOf(['MIME-Version'], 'RFC 2045 §4', 'error', judge(parseMimeVersion, never)),
    ...entriesOf(['Content-Type'], 'RFC 2045 §5.1', 'error', judge(parseContentTypeStrict, never)),
    ...entriesOf(['Content-Transfer-Encoding'], 'RFC 2045 §6.1', 'error', judge(parseEncoding, never)),
    ...entriesOf(['Content-ID'], 'RFC 2045 §7', 'error', judge(parseMessageId, isObsoleteId)),
    ...entriesOf(['Content-Disposition'], 'RFC 2183 §2', 'error', judge(parseContentDispositionStrict, never)),
    ...entriesOf(['Auto-Submitted'], 'RFC 3834 §5', 'error', judge(parseAutoSubmittedStrict, never)),
    ...entriesOf(['List-Id'], 'RFC 2919 §3', 'error', judge(parseListId, never)),
    ...entriesOf(
      ['List-Help', 'List-Unsubscribe', 'List-Subscribe', 'List-Post', 'List-Owner', 'List-Archive'],
      'RFC 2369 §2',
      'error',
      judge(parseCommands, never),
    ),
  ].map((syntax) => [syntax.name.toLowerCase(), syntax]),
)
