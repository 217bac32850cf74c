// examples/program.ts
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPostmaster, listenAll, runProgram, type Program, type Service } from '@postroad/assembly'
import { createIntake } from '@postroad/intake'
import { createMta } from '@postroad/mta'
import { createSmtpServer } from '@postroad/smtp-server'
import { LineClient } from '@postroad/smtp-server/testing'

const program: Program = {
  name: 'border',
  about: 'Takes mail from other hosts.',
  async create({ hostname, mta }, parts) {
    const { directory, routes, clock, random } = parts
    const store = await parts.openStore()
    const intake = createIntake({ store, directory, routes, clock, random, hostname })
    const handler = createMta({ intake, postmaster: await findPostmaster(directory, hostname) })
    const server = createSmtpServer({ hostname, handler, clock })
    const service = await listenAll('mta', [{ purpose: 'smtp', server, endpoints: mta.listen }])
    setImmediate(() => void visit(service))
    return [service]
  },
}

/** A client asks for a recipient; then somebody stops the program. */
async function visit({ listening: [listener] }: Service): Promise<void> {
  if (listener === undefined || !('port' in listener.endpoint)) return
  const client = new LineClient(connect(listener.endpoint.port, '127.0.0.1'))
  await client.reply()
  const replies = await client.talk('EHLO client.example.net', 'MAIL FROM:<>', 'RCPT TO:<ada@example.org>', 'QUIT')
  console.log(replies[2])
  process.kill(process.pid, 'SIGTERM')
}

const folder = await mkdtemp(join(tmpdir(), 'postroad-example-'))
const people = join(folder, 'directory.toml')
await writeFile(people, '[domains]\nlocal = ["example.org"]\n[aliases]\n"ada@example.org" = ["ada@example.net"]\n')
const config = `hostname = "mx.example.org"
log = { level = "silent" }
store = { kind = "memory" }
directory = { path = ${JSON.stringify(people)} }
mta = { listen = ["127.0.0.1:0"] }
`
await writeFile(join(folder, 'postroad.toml'), config)
// A program says `process.exitCode = await runProgram(program, process.argv.slice(2))`.
console.log('exit', await runProgram(program, ['--config', join(folder, 'postroad.toml')]))
await rm(folder, { recursive: true })

// Prints:
// 250 2.1.5 Recipient accepted
// exit 0
