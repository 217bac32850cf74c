/**
 * The demo: starts the whole mail system in one process, sends real messages through it as a mail client would, shows
 * each hop, and checks what arrived byte for byte.
 *
 * Exit 0 only if every message arrived with its original fields in order and its body unchanged, and the report of the
 * refused one names its recipient. `--keep` leaves everything running until Ctrl-C.
 */

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { mailboxOf } from '@postroad/address'
import { readReport } from '@postroad/dsn'
import { formatReply, reply } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { sendMessage } from '@postroad/smtp-client'
import {
  demoErrands,
  differences,
  hashOf,
  openRoad,
  openTestMta,
  PASSWORD,
  RoadLog,
  splitMessage,
  withCrlf,
  type Arrival,
  type Errand,
  type LogLine,
  type Road,
  type TestMta,
} from '@postroad/tooling-e2e'
import { bold, dim, green, red, say, showHop, Stopwatch, wrap } from './show.ts'

const REFUSED = 'nobody@example.net'

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })

const log = new RoadLog()
const watch = new Stopwatch()

await using mta = await openTestMta({
  hostname: 'mx.example.net',
  judge: (recipient) => (recipient === REFUSED ? reply(550, '5.1.1', 'No such user in this house') : undefined),
  onArrival: (arrival) => {
    showHop(watch.at(arrival.at), 'mx.example.net', `took the message for ${arrival.recipients.join(', ')}`)
    log.poke()
  },
})
await using road = await openRoad({
  shape: { kind: 'one' },
  mxPort: mta.port,
  onLine: (line) => {
    showLine(line)
    log.push(line)
  },
})

say(bold('\nThe road stands'))
say(`  submission  127.0.0.1:${road.ports.submission}   (STARTTLS, AUTH)`)
say(`  border      127.0.0.1:${road.ports.smtp}   (mail from other MTAs)`)
say(`  store       ${road.database}   (SQLite)`)
say(`  mailboxes   ${road.maildir}   (Maildir)`)
say(`  another MTA 127.0.0.1:${mta.port}   (mx.example.net, refuses ${REFUSED})`)

const problems: string[] = []
for (const [index, errand] of demoErrands(systemClock.now(), REFUSED).entries()) {
  say(bold(`\n${index + 1}. ${errand.title}`))
  problems.push(...(await run(errand, road, mta)).map((problem) => `${errand.title}: ${problem}`))
}

if (problems.length === 0) {
  say(
    green(
      bold(
        '\nEvery message arrived: original fields in order, bodies byte for byte, the report names the recipient.\n',
      ),
    ),
  )
} else {
  say(red(bold('\nSomething is wrong:')))
  for (const problem of problems) say(red(`  ${problem}`))
  process.exitCode = 1
}
if (values.keep) await keep(road)

/** Sends one message, waits for all that must come of it, checks it; gives what is wrong. */
async function run(errand: Errand, { ports, ca }: Road, other: TestMta): Promise<readonly string[]> {
  watch.start()
  showHop(
    0,
    'mail client',
    `${errand.from} → ${errand.to.join(', ')}, ${errand.content.length.toLocaleString('en')} bytes`,
  )
  const seen = log.lines.length
  const { outcomes, peer, timings, error } = await sendMessage({
    host: 'localhost',
    address: '127.0.0.1',
    port: ports.submission,
    tls: 'required',
    trust: { ca },
    credentials: { username: 'ada', password: PASSWORD },
    hostname: 'laptop.example.org',
    envelope: {
      reversePath: mailboxOf(errand.from),
      recipients: errand.to.map((address) => ({ mailbox: mailboxOf(address) })),
      body: '8bitmime',
    },
    content: errand.content,
    clock: systemClock,
  })
  const [outcome] = outcomes
  const said =
    outcome !== undefined && outcome.kind !== 'unknown' && outcome.reply !== undefined ? formatReply(outcome.reply) : ''
  showHop(watch.elapsed(), 'mail client', `heard over ${peer?.tls?.version ?? 'a clear connection'}: ${said}`)
  const steps = timings.map(({ phase, durationMs }) => `${phase} ${Math.round(durationMs)}`)
  showHop(watch.elapsed(), '', dim(`its steps in ms: ${steps.join(', ')}`))
  if (outcomes.some(({ kind }) => kind !== 'delivered')) return [`it was not accepted: ${said} ${error?.message ?? ''}`]

  const lines = (): readonly LogLine[] => log.lines.slice(seen)
  const message = lines().find(({ event }) => event === 'message.accepted')?.['messageId']
  const local = errand.to.filter((address) => address.endsWith('@example.org'))
  const remote = errand.to.filter((address) => address.endsWith('@example.net') && address !== REFUSED)
  const stored = (id: unknown, recipient: string): LogLine | undefined =>
    lines().find(
      (line) => line.event === 'mailbox.delivered' && line['messageId'] === id && line['recipient'] === recipient,
    )
  const attempted = (id: unknown, recipient: string): boolean =>
    lines().some(
      (line) => line.event === 'attempt.finished' && line['messageId'] === id && line['recipient'] === recipient,
    )
  const arrival = (): Arrival | undefined =>
    other.arrivals.find(
      ({ content }) => hashOf(splitMessage(content).body) === hashOf(splitMessage(errand.content).body),
    )

  await log.until(`the arrival of ${errand.title}`, () =>
    local.every((address) => stored(message, address) !== undefined),
  )
  await log.until(`the end of ${errand.title}`, () => errand.to.every((recipient) => attempted(message, recipient)))
  await log.until(`the arrival of ${errand.title} elsewhere`, () => remote.length === 0 || arrival() !== undefined)

  const wrong: string[] = []
  for (const address of local) wrong.push(...(await checkStored(errand, stored(message, address))))
  const there = arrival()
  if (remote.length > 0 && there !== undefined) {
    wrong.push(...differences(errand.content, there.content))
    showTrace('mx.example.net', there.content)
  }
  if (errand.to.includes(REFUSED)) wrong.push(...(await checkReport(lines, stored)))
  return wrong
}

async function checkStored(errand: Errand, line: LogLine | undefined): Promise<readonly string[]> {
  const path = String(line?.['location'])
  const content = withCrlf(await readFile(path))
  showTrace(path, content)
  const wrong = differences(errand.content, content)
  if (wrong.length === 0) {
    say(
      `      ${green('✓')} original fields in order, body sha256 ${hashOf(splitMessage(content).body).slice(0, 16)}… as sent`,
    )
  }
  return wrong
}

/** The report lies in the sender's mailbox and names the recipient. */
async function checkReport(
  lines: () => readonly LogLine[],
  stored: (id: unknown, recipient: string) => LogLine | undefined,
): Promise<readonly string[]> {
  const report = (): unknown => lines().find(({ event }) => event === 'report.sent')?.['reportId']
  const found = (): LogLine | undefined => {
    const id = report()
    return id === undefined ? undefined : stored(id, 'ada@example.org')
  }
  await log.until('the report', () => found() !== undefined)
  await log.until('its end', () =>
    lines().some((line) => line.event === 'attempt.finished' && line['messageId'] === report()),
  )
  const path = String(found()?.['location'])
  const content = withCrlf(await readFile(path))
  showTrace(path, content)
  const read = readReport(content)
  if (!read.ok) return [`the report cannot be read: ${read.error.rule}, ${read.error.expected}`]
  const [recipient] = read.value.recipients
  const named = JSON.stringify(recipient).includes(REFUSED)
  if (!named || recipient?.action !== 'failed') return [`the report does not name ${REFUSED}`]
  say(`      ${green('✓')} the report names ${REFUSED}: ${recipient.action}, ${recipient.status}`)
  return []
}

/** The fields that the road put in front, and where the message lies. */
function showTrace(where: string, content: Uint8Array): void {
  say(`      ${where}`)
  for (const { name, value } of splitMessage(content).header.fields) {
    if (!['return-path', 'delivered-to', 'received'].includes(name.toLowerCase())) break
    for (const line of wrap(`${name}: ${value}`, 88)) say(dim(`        ${line}`))
  }
}

/** Shows the hops that the road logs. */
function showLine(line: LogLine): void {
  const at = watch.at(Date.parse(String(line['time'])))
  const text = (name: string): string => String(line[name])
  switch (line.event) {
    case 'message.accepted':
      return showHop(
        at,
        'msa, intake',
        `${text('messageId')} is durable in the store, for ${String(line['destinations'])}`,
      )
    case 'attempt.finished':
      return showHop(at, 'relay', `${text('recipient')} ${text('outcome')} by ${text('destination')}: ${text('reply')}`)
    case 'mailbox.delivered':
      return showHop(at, 'mda', `in the mailbox of ${text('account')}`)
    case 'report.sent':
      return showHop(at, 'relay', `report ${text('reportId')} about ${String(line['recipients'])} goes to the sender`)
    default:
      return undefined
  }
}

async function keep({ ports, folder }: Road): Promise<void> {
  say(bold('It goes on running. Reach it with any mail client:'))
  say(`  outgoing server  127.0.0.1, port ${ports.submission} with STARTTLS, or ${ports.submissions} with TLS`)
  say(`  certificate      self-signed: ${folder}/tls/certificate.pem`)
  say(`  account          ada, bob or eve, password: ${PASSWORD}`)
  say(`  addresses        ada@example.org, bob@example.org, eve@example.org, anybody@example.net`)
  say(`  mailboxes        ${folder}/mail/NAME/new`)
  say('Ctrl-C ends it and removes the folder.\n')
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}
