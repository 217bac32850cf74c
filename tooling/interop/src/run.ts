/**
 * `node --conditions=@postroad/source tooling/interop/src/run.ts [--write] [PEER ...]`: replays the transcripts against the
 * servers of others and prints what differs. `--write` writes `docs/interop.md`.
 *
 * Status 1 where a difference is not explained, an explanation explains nothing any more, or a server cannot be started.
 * What nobody has explained is printed to standard error as rows for `explanations/`.
 */

import { writeFile } from 'node:fs/promises'
import { EXPLANATIONS } from './explanations.ts'
import { judge } from './judge.ts'
import { PEERS, whyNot } from './peers.ts'
import { replayAll } from './replay-all.ts'
import { pageOf, type PeerReport } from './report.ts'
import { loadTranscripts } from './transcripts.ts'

const PAGE = new URL('../../../docs/interop.md', import.meta.url)

const args = process.argv.slice(2)
const names = args.filter((argument) => argument !== '--write')
const transcripts = await loadTranscripts()
const reports: PeerReport[] = []
for (const kind of PEERS) {
  if (names.length > 0 && !names.includes(kind.name)) continue
  const why = await whyNot(kind)
  if (why !== undefined) {
    console.error(`${kind.name}: ${why}`)
    process.exitCode = 1
    continue
  }
  const replays = await replayAll(kind, transcripts)
  const judgement = judge(kind.name, replays.differences, EXPLANATIONS)
  reports.push({ replays, judgement })
  for (const { sent, expected, got, title } of judgement.unexplained) {
    console.error(`${kind.name}, not explained: ${JSON.stringify([sent, expected, got])}, // ${title}`)
  }
  for (const text of judgement.vanished) console.error(`${kind.name}, vanished: ${text}`)
  if (judgement.unexplained.length + judgement.vanished.length > 0) process.exitCode = 1
}
const page = pageOf(reports)
if (args.includes('--write')) await writeFile(PAGE, page)
else console.log(page)
