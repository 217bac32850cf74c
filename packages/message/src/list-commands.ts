/**
 * The fields of mailing lists that hold commands as URIs (RFC 2369 §2, §3): List-Help, List-Unsubscribe,
 * List-Subscribe, List-Post, List-Owner, List-Archive.
 *
 * ```
 * List-Unsubscribe: (Use this command to get off the list) <mailto:list-request@example.org?subject=unsubscribe>,
 *     <https://example.org/unsubscribe/abc>
 * ```
 */

import { TokenReader } from './token-reader.ts'

/** One way to give the command. */
export interface ListCommand {
  /** What stood between the angle brackets, without blanks. Nobody has looked whether it is a URI. */
  readonly uri: string
  /** The comments beside it, before and behind, joined with a blank; absent where there are none. */
  readonly comment?: string
}

/** What such a field says. */
export interface ListCommands {
  /** In order of preference (RFC 2369 §2); empty where the field is to be ignored. */
  readonly commands: readonly ListCommand[]
  /** The special value `NO` of List-Post: nobody may post (RFC 2369 §3.4). */
  readonly no: boolean
}

/**
 * Reads the value of such a field as RFC 2369 §2 tells clients to: up to the first item that is no URI in angle
 * brackets, and no further than to a URI with something else than a comma behind it (that is for extensions to come);
 * blanks inside the brackets taken out.
 */
export function parseListCommands(value: string): ListCommands {
  const reader = new TokenReader(value)
  const commands: ListCommand[] = []
  if (/^no$/i.test(reader.token())) return { commands, no: reader.ended }
  reader.at = 0
  reader.takeComments()
  reader.skip()
  while (reader.is('<')) {
    const close = reader.text.indexOf('>', reader.at)
    if (close === -1) break
    const uri = reader.text.slice(reader.at + 1, close).replace(/[\0- \u007f]/g, '')
    reader.at = close + 1
    reader.skip()
    const comment = reader.takeComments().join(' ')
    if (uri !== '') commands.push(comment === '' ? { uri } : { uri, comment })
    if (!reader.literal(',')) break
  }
  return { commands, no: false }
}

/**
 * The value of such a field. Blanks, angle brackets and commas in a URI are written as percent escapes; characters
 * outside ASCII in it must be escaped already (RFC 2369 §2) and are left out, as are those of comments. A command
 * without a URI is left out.
 */
export function formatListCommands(commands: readonly ListCommand[]): string {
  return commands
    .map(({ uri, comment }) => ({ uri: escapeUri(uri), comment }))
    .filter(({ uri }) => uri !== '')
    .map(({ uri, comment }) => `${formatComment(comment)}<${uri}>`)
    .join(', ')
}

const formatComment = (comment = ''): string => {
  const clean = comment.replace(/[^ -~]/g, '').trim()
  return clean === '' ? '' : `(${clean.replace(/[()\\]/g, '\\$&')}) `
}

const escapeUri = (uri: string): string => uri.replace(/[^ -~]/g, '').replace(/[ <>,]/g, encodeURIComponent)
