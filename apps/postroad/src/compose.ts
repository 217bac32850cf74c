/**
 * Writes a message as a mail client does (RFC 5322, RFC 2045): text in UTF-8, attachments in base64. Enough for
 * `postroad send`; what is missing (Date, Message-ID) is added by the msa.
 */

import { formatMailbox, type Mailbox } from '@postroad/address'
import { concat, fromLatin1, fromUtf8, isAscii, toBase64 } from '@postroad/bytes'
import {
  createField,
  encodeWords,
  formatContentDisposition,
  formatDate,
  formatMessageId,
  type HeaderField,
} from '@postroad/message'

/** What is to be written. */
export interface Draft {
  /** The one author. An address outside ASCII is written in UTF-8, as in `to`, and the message then needs SMTPUTF8. */
  readonly from: Mailbox
  /** One at least: what is shown, not who gets it. */
  readonly to: readonly Mailbox[]
  /** Any characters, written as encoded words where they are not ASCII (RFC 2047 §5); may be empty. */
  readonly subject: string
  /** With `\n` or CRLF line ends. */
  readonly text: string
  /** In this order behind the text; absent or empty: the message has one part. */
  readonly attachments?: readonly Attachment[]
  /** Milliseconds since the epoch; absent leaves Date to the msa. */
  readonly at?: number
  /** Left part of a Message-ID in the domain of `from`; absent leaves it to the msa. */
  readonly messageId?: string
  /** Parts boundary; must not stand in a line of the text. Unused without attachments. */
  readonly boundary: string
}

/** A file that goes along. */
export interface Attachment {
  /** Its name, without folders, in any characters (RFC 2183 §2.3, RFC 2231 §4). */
  readonly name: string
  /** Whatever it holds goes as `application/octet-stream` in base64. */
  readonly bytes: Uint8Array
}

/** Bytes of a line of base64 with 76 characters (RFC 2045 §6.8). */
const BASE64_LINE_BYTES = 57

/** Writes the message with CRLF line ends; 8bit where the text is not ASCII. Lines of the text are not broken. */
export function composeMessage(draft: Draft): Uint8Array {
  const attachments = draft.attachments ?? []
  const text = textPart(draft.text)
  const top = [
    createField('From', formatMailbox(draft.from)),
    createField('To', draft.to.map(formatMailbox).join(', ')),
    createField('Subject', encodeWords(draft.subject)),
    ...(draft.at === undefined ? [] : [createField('Date', formatDate(draft.at))]),
    ...(draft.messageId === undefined
      ? []
      : [createField('Message-ID', formatMessageId(draft.messageId, draft.from.domain))]),
    createField('MIME-Version', '1.0'),
  ]
  if (attachments.length === 0) return part([...top, ...text.fields], text.body)

  const open = fromLatin1(`--${draft.boundary}\r\n`)
  return part(
    [...top, createField('Content-Type', `multipart/mixed; boundary="${draft.boundary}"`)],
    concat([
      open,
      part(text.fields, text.body),
      ...attachments.flatMap((attachment) => [open, attachmentPart(attachment)]),
      fromLatin1(`--${draft.boundary}--\r\n`),
    ]),
  )
}

interface Part {
  readonly fields: readonly HeaderField[]
  readonly body: Uint8Array
}

function textPart(text: string): Part {
  const body = fromUtf8(`${text.replace(/\r\n|\r|\n/g, '\r\n').replace(/(?:\r\n)?$/, '')}\r\n`)
  const ascii = isAscii(body)
  return {
    fields: [
      createField('Content-Type', `text/plain; charset=${ascii ? 'us-ascii' : 'utf-8'}`),
      createField('Content-Transfer-Encoding', ascii ? '7bit' : '8bit'),
    ],
    body,
  }
}

function attachmentPart({ name, bytes }: Attachment): Uint8Array {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += BASE64_LINE_BYTES) {
    lines.push(toBase64(bytes.subarray(at, at + BASE64_LINE_BYTES)))
  }
  return part(
    [
      createField('Content-Type', 'application/octet-stream'),
      createField('Content-Transfer-Encoding', 'base64'),
      createField(
        'Content-Disposition',
        formatContentDisposition({ type: 'attachment', parameters: new Map([['filename', name]]) }),
      ),
    ],
    fromLatin1(`${lines.join('\r\n')}\r\n`),
  )
}

function part(fields: readonly HeaderField[], body: Uint8Array): Uint8Array {
  return concat([...fields.map(({ raw }) => raw), fromLatin1('\r\n'), body])
}
