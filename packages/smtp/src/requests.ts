/**
 * Reads MAIL and RCPT into requests, or refuses them (RFC 5321 §4.1.1.2, §4.1.1.3).
 *
 * Which parameters exist is the extensions' matter.
 */

import { parseForwardPath, parseReversePath } from '@postroad/address'
import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { splitPathArgument } from './command-line.ts'
import type { Parameter } from './command-line.ts'
import type { Extension, ExtensionContext, ParameterReader } from './extension.ts'
import type { MailRequest, RcptRequest } from './handler.ts'

/** A request, or the reply that refuses it. */
export type Request<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reply: Reply }

/** An extension's parameters of MAIL or of RCPT, by name. */
type Readers<Value> = Readonly<Record<string, ParameterReader<Value>>>

const MAIL_READERS = ({ mail }: Extension): Readers<MailRequest> | undefined => mail
const RCPT_READERS = ({ rcpt }: Extension): Readers<RcptRequest> | undefined => rcpt

const MAIL_SYNTAX = refuse(reply(501, '5.5.4', 'Syntax: MAIL FROM:<address>'))
const RCPT_SYNTAX = refuse(reply(501, '5.5.4', 'Syntax: RCPT TO:<address>'))
const BAD_REVERSE_PATH = refuse(reply(501, '5.1.7', 'Bad sender address syntax'))
const BAD_FORWARD_PATH = refuse(reply(501, '5.1.3', 'Bad recipient address syntax'))
// RFC 6531 §3.5: 550 for MAIL, 553 for RCPT.
const MAIL_NOT_ASCII = refuse(reply(550, '5.6.7', 'SMTPUTF8 is needed for this address'))
const RCPT_NOT_ASCII = refuse(reply(553, '5.6.7', 'SMTPUTF8 is needed for this address'))
const BAD_PARAMETER = refuse(reply(501, '5.5.4', 'Syntax error in a parameter'))
const UNKNOWN_PARAMETER = refuse(reply(555, '5.5.4', 'Parameter not recognized'))
const TOO_BIG = refuse(reply(552, '5.3.4', 'Message size exceeds fixed maximum message size'))

/** Reads the argument of MAIL. */
export function readMail(
  argument: string,
  extensions: readonly Extension[],
  context: ExtensionContext,
): Request<MailRequest> {
  const split = splitPathArgument(argument, 'FROM')
  if (split === undefined) return MAIL_SYNTAX
  const fields = readParameters(split.parameters, extensions, MAIL_READERS, context)
  if (!fields.ok) return fields
  const smtputf8 = fields.value.smtputf8 === true
  const path = parseReversePath(split.path, { smtputf8 })
  if (path.ok) return { ok: true, value: { reversePath: path.value, ...fields.value } }
  return !smtputf8 && parseReversePath(split.path, { smtputf8: true }).ok ? MAIL_NOT_ASCII : BAD_REVERSE_PATH
}

/** Reads the argument of RCPT. */
export function readRcpt(
  argument: string,
  extensions: readonly Extension[],
  context: ExtensionContext,
): Request<RcptRequest> {
  const split = splitPathArgument(argument, 'TO')
  if (split === undefined) return RCPT_SYNTAX
  const fields = readParameters(split.parameters, extensions, RCPT_READERS, context)
  if (!fields.ok) return fields
  const path = parseForwardPath(split.path, { smtputf8: context.smtputf8 })
  if (path.ok) return { ok: true, value: { forwardPath: path.value, ...fields.value } }
  return !context.smtputf8 && parseForwardPath(split.path, { smtputf8: true }).ok ? RCPT_NOT_ASCII : BAD_FORWARD_PATH
}

function readParameters<Value>(
  parameters: readonly Parameter[],
  extensions: readonly Extension[],
  readersOf: (extension: Extension) => Readers<Value> | undefined,
  context: ExtensionContext,
): Request<Partial<Value>> {
  if (parameters.length === 0) return NO_FIELDS
  let fields: Partial<Value> = {}
  const seen = new Set<string>()
  for (const { name, value } of parameters) {
    const read = findReader(extensions, readersOf, name)
    if (read === undefined) return UNKNOWN_PARAMETER
    // A parameter must not appear twice (RFC 3461 §4.5, RFC 1870 §6).
    if (seen.has(name)) return BAD_PARAMETER
    seen.add(name)
    const result = read(value, context)
    if (!result.ok) return result.refusal === 'too-big' ? TOO_BIG : BAD_PARAMETER
    fields = { ...fields, ...result.fields }
  }
  return { ok: true, value: fields }
}

const NO_FIELDS = { ok: true, value: {} } as const

function findReader<Value>(
  extensions: readonly Extension[],
  readersOf: (extension: Extension) => Readers<Value> | undefined,
  name: string,
): ParameterReader<Value> | undefined {
  for (const extension of extensions) {
    const readers = readersOf(extension)
    if (readers !== undefined && Object.hasOwn(readers, name)) return readers[name]
  }
  return undefined
}

function refuse(refusal: Reply): { readonly ok: false; readonly reply: Reply } {
  return { ok: false, reply: refusal }
}
