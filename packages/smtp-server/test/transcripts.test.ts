import { readdirSync, readFileSync } from 'node:fs'
import { parseTranscripts, playTranscript } from '@postroad/smtp/testing'
import { describe, it } from 'vitest'
import { PAIR_STAGE, SOCKET_STAGE } from './stages.ts'

const folder = new URL('../../smtp/test/transcripts/', import.meta.url)

for (const file of readdirSync(folder)) {
  for (const transcript of parseTranscripts(readFileSync(new URL(file, folder), 'utf8'))) {
    const { title, stages } = transcript.settings
    describe(`${file}: ${title}`, () => {
      for (const stage of [PAIR_STAGE, SOCKET_STAGE]) {
        it.skipIf(stages.length > 0 && !stages.includes(stage.name))(`over ${stage.name}`, () =>
          playTranscript(transcript, stage),
        )
      }
    })
  }
}
