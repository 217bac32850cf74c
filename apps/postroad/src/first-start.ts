/**
 * What the first start makes in the data folder, so that the defaults alone run: a directory file to fill in and a
 * self-signed certificate. Nothing that exists is touched.
 */

import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CannotOpenError, opening } from '@postroad/assembly'
import type { Config } from '@postroad/config'
import { generate } from 'selfsigned'

/** The configuration to go on with, and what to tell the operator. */
export interface FirstStart {
  readonly config: Config
  readonly notes: readonly string[]
}

/**
 * Makes what is missing; nobody but the process's user may look into folders that it makes, since they hold mail.
 *
 * @throws {CannotOpenError} where something cannot be made.
 */
export async function prepareFirstStart(config: Config): Promise<FirstStart> {
  const notes: string[] = []
  await makeFolder('data', config.data)
  const directory = config.directory.path
  await makeFolder('directory.path', dirname(directory))
  if (await makeFile('directory.path', directory, emptyDirectory(config.hostname), 0o600)) {
    notes.push(`made ${directory}: add users there (postroad hash-password makes the verifiers), then start again`)
  }
  if (config.tls.certificate !== undefined || config.tls.key !== undefined) return { config, notes }

  const folder = join(config.data, 'tls')
  const tls = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  if (await makePair(folder, config.hostname)) {
    notes.push(`made ${tls.certificate}, self-signed: mail clients will warn until [tls] names a real certificate`)
  }
  return { config: { ...config, tls }, notes }
}

/**
 * Makes key and certificate beside the folder and moves both into place at once: of several processes that start
 * together one does it, and one that dies on the way leaves no half of a pair. Whether it was this one.
 */
async function makePair(folder: string, hostname: string): Promise<boolean> {
  if (await holdsPair(folder)) return false
  const draft = `${folder}.${randomUUID()}`
  const made = await createSelfSigned(hostname)
  await makeFolder('data', draft)
  try {
    await makeFile('data', join(draft, 'key.pem'), made.key, 0o600)
    await makeFile('data', join(draft, 'certificate.pem'), made.cert, 0o644)
    // Takes the place of an empty folder, and of no other.
    await opening('data', `cannot make ${folder}`, rename(draft, folder))
    return true
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (await holdsPair(folder)) return false
    if (!(await exists(folder))) throw error
    const sides = 'certificate.pem and key.pem'
    throw new CannotOpenError('data', `${folder} does not hold both ${sides}; remove it, or name yours in [tls]`, error)
  }
}

async function holdsPair(folder: string): Promise<boolean> {
  return (await exists(join(folder, 'certificate.pem'))) && (await exists(join(folder, 'key.pem')))
}

async function makeFolder(setting: string, path: string): Promise<void> {
  await opening(setting, `cannot make ${path}`, mkdir(path, { recursive: true, mode: 0o700 }))
}

/** Whether it was made: a file that exists stays as it is. */
function makeFile(setting: string, path: string, text: string, mode: number): Promise<boolean> {
  return opening(setting, `cannot make ${path}`, writeNew(path, text, mode))
}

/** A certificate that only says the name of this machine; for first steps and tests. Ten years. */
export async function createSelfSigned(hostname: string): Promise<{ readonly key: string; readonly cert: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: hostname }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 10 * 365 * 86_400_000),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: hostname },
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { key, cert }
}

const emptyDirectory = (hostname: string): string => `# Who may submit, and which domains and recipients exist here.
# A verifier is made by: postroad hash-password

[domains]
local = [${JSON.stringify(hostname)}]

# [[users]]
# name = "ada"
# passwords = ["$scrypt$..."]
# mailboxes = ["ada@${hostname}"]
`

async function writeNew(path: string, text: string, mode: number): Promise<boolean> {
  try {
    const file = await open(path, 'wx', mode)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
