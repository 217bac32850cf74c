/**
 * Reads MAIL and RCPT into requests, or refuses them (RFC 5321 §4.1.1.2, §4.1.1.3).
 *
 * Which parameters exist is the extensions' matter.
 */

import { parseForwardPath, parseReversePath } from '@postroad/address'
import type { Reply } from '@postroad/envelope'
import { splitPathArgument } from './command-line.ts'
import type { Parameter } from './command-line.ts'
import type { ExtensionContext, ParameterReader, ParameterRefusal, ParameterResult } from './extension.ts'
import type { ExtensionTable, ReaderTable } from './extension-table.ts'
import type { MailRequest, RcptRequest } from './handler.ts'
import * as say from './session-replies.ts'

/** A request, or the reply that refuses it; `accepted`: what is said in the place of the 250 that accepts it. */
export type Request<Value> =
  | { readonly ok: true; readonly value: Value; readonly accepted?: Reply | undefined }
  | { readonly ok: false; readonly reply: Reply }

/** What extensions of one's own may give; joined, where others may not be given twice. */
interface OwnParameters {
  readonly parameters?: ReadonlyMap<string, string | undefined> | undefined
}

/** Reads the argument of MAIL. */
export function readMail(argument: string, table: ExtensionTable, context: ExtensionContext): Request<MailRequest> {
  const split = splitPathArgument(argument, 'FROM')
  if (split === undefined) return refuse(say.MAIL_SYNTAX)
  const fields = readParameters<MailRequest>(split.parameters, table.mail, context)
  if (!fields.ok) return fields
  for (const check of table.checks) {
    const refusal = check(fields.value, context)
    if (refusal !== undefined) return refuse(replyTo(refusal))
  }
  const smtputf8 = fields.value.smtputf8 === true
  const path = parseReversePath(split.path, { smtputf8 })
  if (path.ok) return { ok: true, value: { reversePath: path.value, ...fields.value }, accepted: fields.accepted }
  return refuse(
    !smtputf8 && parseReversePath(split.path, { smtputf8: true }).ok ? say.MAIL_NOT_ASCII : say.BAD_REVERSE_PATH,
  )
}

/** Reads the argument of RCPT. */
export function readRcpt(argument: string, table: ExtensionTable, context: ExtensionContext): Request<RcptRequest> {
  const split = splitPathArgument(argument, 'TO')
  if (split === undefined) return refuse(say.RCPT_SYNTAX)
  const fields = readParameters<RcptRequest>(split.parameters, table.rcpt, context)
  if (!fields.ok) return fields
  const { smtputf8 } = context
  const path = parseForwardPath(split.path, { smtputf8 })
  if (path.ok) return { ok: true, value: { forwardPath: path.value, ...fields.value }, accepted: fields.accepted }
  return refuse(
    !smtputf8 && parseForwardPath(split.path, { smtputf8: true }).ok ? say.RCPT_NOT_ASCII : say.BAD_FORWARD_PATH,
  )
}

function readParameters<Value extends OwnParameters>(
  parameters: readonly Parameter[],
  table: ReaderTable<Value>,
  context: ExtensionContext,
): Request<Partial<Value>> {
  if (parameters.length === 0) return NO_FIELDS
  let fields: Partial<Value> = {}
  let accepted: Reply | undefined
  const seen = new Set<string>()
  for (const { name, value } of parameters) {
    const readers = table.get(name)
    if (readers === undefined) return refuse(say.UNKNOWN_PARAMETER)
    const result = readParameter(readers, value, context)
    if (!result.ok) return refuse(replyTo(result.refusal))
    // A parameter must not appear twice (RFC 3461 §4.5, RFC 1870 §6), nor two for one thing (RFC 4865 §4.2).
    if (
      seen.has(name) ||
      Object.keys(result.fields).some((key) => key !== 'parameters' && Object.hasOwn(fields, key))
    ) {
      return refuse(say.BAD_PARAMETER)
    }
    seen.add(name)
    fields = { ...fields, ...result.fields, ...joinOwn(fields, result.fields) }
    accepted ??= result.accepted
  }
  return { ok: true, value: fields, accepted }
}

const NO_FIELDS = { ok: true, value: {}, accepted: undefined } as const

/** What the first reader finds that takes the value; where none does, the refusal of the last. */
function readParameter<Value>(
  readers: readonly ParameterReader<Value>[],
  value: string | undefined,
  context: ExtensionContext,
): ParameterResult<Value> {
  let result: ParameterResult<Value> = { ok: false, refusal: 'syntax' }
  for (const read of readers) {
    result = read(value, context)
    if (result.ok) break
  }
  return result
}

function joinOwn(one: OwnParameters, other: OwnParameters): OwnParameters {
  if (one.parameters === undefined || other.parameters === undefined) return {}
  return { parameters: new Map([...one.parameters, ...other.parameters]) }
}

function replyTo(refusal: ParameterRefusal): Reply {
  if (refusal === 'syntax') return say.BAD_PARAMETER
  return refusal === 'too-big' ? say.TOO_BIG : refusal
}

function refuse(refusal: Reply): { readonly ok: false; readonly reply: Reply } {
  return { ok: false, reply: refusal }
}
