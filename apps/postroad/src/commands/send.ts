/** `postroad send`: a small mail client. Writes a message, or takes a whole one, and submits it. */

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname as machineName } from 'node:os'
import { basename } from 'node:path'
import { parseMailbox, type Mailbox } from '@postroad/address'
import { isAscii } from '@postroad/bytes'
import { formatReply, type Envelope, type RecipientOutcome } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { sendMessage, type SendMessageReport } from '@postroad/smtp-client'
import { composeMessage } from '../compose.ts'
import type { Command } from '../command.ts'
import { complain, readOptions } from '../options.ts'
import { readSecret } from '../secret.ts'

const HELP = `Sends a message as a mail client does.

usage: postroad send --from ADDRESS --to ADDRESS... [options] < TEXT

      --from ADDRESS     reverse-path and author
      --to ADDRESS       a recipient; may be given several times
  -s, --subject TEXT     the subject
  -a, --attach FILE      a file to go along; may be given several times
      --raw FILE         send this message as it is, header section included (- is standard input)

      --server HOST      the submission server; default localhost
  -p, --port PORT        its port; default 587, with --tls implicit 465
      --tls MODE         required (STARTTLS, the default), implicit, opportunistic or none
      --ca FILE          trust this certificate (PEM), as of a server that signed its own
  -u, --user NAME        log in as this account
      --password-file F  the password is the first line of this file; else it is asked for
  -v, --verbose          show the dialogue

The text is read from standard input. Exit 0 when every recipient was accepted, 75 when some may be later, 1 when some
were refused.
`

/** The command. */
export const send: Command = {
  name: 'send',
  about: 'send a message as a mail client does',
  async run(args) {
    const options = readOptions('send', HELP, args, {
      options: {
        from: { type: 'string' },
        to: { type: 'string', multiple: true },
        subject: { type: 'string', short: 's', default: '' },
        attach: { type: 'string', short: 'a', multiple: true, default: [] },
        raw: { type: 'string' },
        server: { type: 'string', default: 'localhost' },
        port: { type: 'string', short: 'p' },
        tls: { type: 'string', default: 'required' },
        ca: { type: 'string' },
        user: { type: 'string', short: 'u' },
        'password-file': { type: 'string' },
        verbose: { type: 'boolean', short: 'v', default: false },
      },
    })
    if (!options.ok) return options.exit
    const { values } = options.read
    const { tls } = values
    if (tls !== 'required' && tls !== 'implicit' && tls !== 'opportunistic' && tls !== 'none') {
      return complain('send', `--tls ${tls}: required, implicit, opportunistic or none?`)
    }
    const port = Number(values.port ?? (tls === 'implicit' ? 465 : 587))
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      return complain('send', `--port ${values.port} is no port`)
    if (values.from === undefined || values.to === undefined) return complain('send', '--from and --to are needed')
    const [from, ...to] = [values.from, ...values.to].map(readMailbox)
    const wrong = [values.from, ...values.to].find((_, index) => [from, ...to][index] === undefined)
    if (from === undefined || wrong !== undefined) return complain('send', `${wrong} is no address`)
    const recipients = to.filter((mailbox) => mailbox !== undefined)

    const content =
      values.raw === undefined
        ? composeMessage({
            from,
            to: recipients,
            subject: values.subject,
            text: (await readFile('/dev/stdin')).toString(),
            attachments: await Promise.all(
              values.attach.map(async (path) => ({ name: basename(path), bytes: await readFile(path) })),
            ),
            at: systemClock.now(),
            boundary: randomUUID(),
          })
        : await readFile(values.raw === '-' ? '/dev/stdin' : values.raw)
    const password =
      values.user === undefined
        ? undefined
        : values['password-file'] === undefined
          ? await readSecret(`Password of ${values.user}: `)
          : (await readFile(values['password-file'], 'utf8')).split('\n', 1)[0]

    const envelope: Envelope = {
      reversePath: from,
      recipients: recipients.map((mailbox) => ({ mailbox })),
      ...(!isAscii(content) && { body: '8bitmime' as const }),
    }
    const report = await sendMessage({
      host: values.server,
      port,
      tls,
      hostname: machineName(),
      envelope,
      content,
      clock: systemClock,
      ...(values.user !== undefined && password !== undefined && { credentials: { username: values.user, password } }),
      ...(values.ca !== undefined && { trust: { ca: await readFile(values.ca, 'utf8') } }),
      ...(values.verbose && {
        onDialogue: (from: 'client' | 'server', line: string) =>
          void process.stderr.write(`${from === 'client' ? 'C' : 'S'}: ${line}\n`),
      }),
    })
    return tell(values.to, report)
  },
}

function readMailbox(text: string): Mailbox | undefined {
  const parsed = parseMailbox(text, { smtputf8: true })
  return parsed.ok ? parsed.value : undefined
}

/** Prints a line for each recipient; gives the exit code. */
function tell(to: readonly string[], { outcomes, phase, error }: SendMessageReport): number {
  outcomes.forEach((outcome, index) => {
    process.stdout.write(`${to[index]}: ${sentenceOf(outcome)}\n`)
  })
  if (error !== undefined) process.stderr.write(`postroad send: ${error.message} (${phase})\n`)
  if (outcomes.some(({ kind }) => kind === 'failed')) return 1
  return outcomes.every(({ kind }) => kind === 'delivered') ? 0 : 75
}

function sentenceOf(outcome: RecipientOutcome): string {
  switch (outcome.kind) {
    case 'delivered':
      return `accepted: ${formatReply(outcome.reply)}`
    case 'failed':
      return `refused: ${outcome.reply === undefined ? outcome.status : formatReply(outcome.reply)}`
    case 'deferred':
      return `not now: ${outcome.reply === undefined ? outcome.status : formatReply(outcome.reply)}`
    case 'unknown':
      return 'unknown: it was sent and no answer came'
  }
}
