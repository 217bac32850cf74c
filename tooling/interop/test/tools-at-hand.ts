/** What the tests of programs that send mail begin with: the programs, a certificate, a folder that has it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { certificate, type Certificate } from '../src/certificate.ts'
import { provideMailTools, type MailTools } from '../src/mail-tools.ts'
import { reasonOf } from '../src/peers.ts'

/** The packages may have to be fetched first. */
const FETCH_MS = 300_000

/** Filled before the first test of a file. */
export interface ToolsAtHand {
  tools: MailTools
  /** Why there are none; absent: there are. */
  why: string | undefined
  /** Holds the certificate as `ca.pem`; removed behind the last test. */
  folder: string
  tls: Certificate
}

/** To be called where the tests of a file are described. */
export function toolsAtHand(): ToolsAtHand {
  const hand = { why: undefined } as ToolsAtHand
  beforeAll(async () => {
    hand.folder = await mkdtemp(join(tmpdir(), 'postroad-interop-'))
    hand.tls = await certificate()
    await writeFile(join(hand.folder, 'ca.pem'), hand.tls.cert)
    try {
      hand.tools = await provideMailTools()
    } catch (cause) {
      hand.why = reasonOf(cause)
    }
  }, FETCH_MS)
  afterAll(() => rm(hand.folder, { recursive: true, force: true }))
  return hand
}
