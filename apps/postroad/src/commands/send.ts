/** `postroad send`: a small mail client. Writes a message, or takes a whole one, and submits it. */

import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { hostname as machineName } from 'node:os'
import { basename } from 'node:path'
import { parseMailbox, type Mailbox } from '@postroad/address'
import { CannotOpenError, opening } from '@postroad/assembly'
import { isAscii } from '@postroad/bytes'
import type { Envelope } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { sendMessage } from '@postroad/smtp-client'
import { composeMessage, type Attachment } from '../compose.ts'
import type { Command } from '../command.ts'
import { complain, readOptions } from '../options.ts'
import { askSecret } from '../secret.ts'
import { tellSent } from '../tell-sent.ts'

/** Exit code for a file that cannot be read (`sysexits.h`). */
const EXIT_NO_INPUT = 66

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
      --password-file F  the password is the first line of this file; else it is asked for at the terminal
  -v, --verbose          show the dialogue

The text is read from standard input. Exit 0 when every recipient was accepted, 1 when some were refused, 75 when some
may be accepted later, 77 when the login was refused, 64 for a wrong command line, 66 for a file that cannot be read.
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
    const from = readMailbox(values.from)
    if (from === undefined) return complain('send', notAnAddress('--from', values.from))
    const recipients: Mailbox[] = []
    for (const text of values.to) {
      const recipient = readMailbox(text)
      if (recipient === undefined) return complain('send', notAnAddress('--to', text))
      recipients.push(recipient)
    }

    let content: Uint8Array
    let password: string | undefined
    let ca: string | undefined
    try {
      ca = values.ca && (await readNamed('--ca', values.ca)).toString()
      const attachments: Attachment[] = []
      for (const path of values.attach) {
        attachments.push({ name: basename(path), bytes: await readNamed('--attach', path) })
      }
      if (values.user !== undefined && values['password-file'] !== undefined) {
        password = (await readNamed('--password-file', values['password-file'])).toString().split(/\r?\n/, 1)[0]
      }
      if (values.raw !== undefined && values.raw !== '-') content = await readNamed('--raw', values.raw)
      else {
        if (process.stdin.isTTY) process.stderr.write('Type the text; Ctrl-D in a line of its own ends it.\n')
        content = await readNamed('standard input', '/dev/stdin')
      }
      if (values.raw === undefined) {
        const { subject } = values
        const draft = { from, to: recipients, subject, text: new TextDecoder().decode(content), attachments }
        content = composeMessage({ ...draft, at: systemClock.now(), boundary: randomUUID() })
      }
    } catch (error) {
      if (!(error instanceof CannotOpenError)) throw error
      process.stderr.write(`postroad send: ${error.message}\n`)
      return EXIT_NO_INPUT
    }
    if (values.user !== undefined && password === undefined) {
      password = await askSecret(`Password of ${values.user}: `)
      if (password === undefined)
        return complain('send', 'there is no terminal to ask for the password: give --password-file')
    }
    if (password === '') return complain('send', 'the password is empty')

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
      ...(ca !== undefined && { trust: { ca } }),
      ...(values.verbose && {
        onDialogue: (by: 'client' | 'server', line: string) =>
          void process.stderr.write(`${by === 'client' ? 'C' : 'S'}: ${line}\n`),
      }),
    })
    return tellSent({ server: values.server, port, user: values.user, to: values.to }, report)
  },
}

/** A file that an option names. */
function readNamed(option: string, path: string): Promise<Buffer> {
  return opening(option, `cannot read ${path}`, readFile(path))
}

function notAnAddress(option: string, text: string): string {
  return `${option} ${JSON.stringify(text)} is not an address, such as ada@example.org`
}

function readMailbox(text: string): Mailbox | undefined {
  const parsed = parseMailbox(text, { smtputf8: true })
  return parsed.ok ? parsed.value : undefined
}
