import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { BARE_STAGES, createBareStage, parseTranscripts, playTranscript, seededPieces } from '../src/testing/index.ts'

const folder = new URL('transcripts/', import.meta.url)
const stages = [...BARE_STAGES, createBareStage('pieces', seededPieces(1)), createBareStage('pieces', seededPieces(99))]

for (const file of readdirSync(folder)) {
  describe(file, () => {
    for (const transcript of parseTranscripts(readFileSync(new URL(file, folder), 'utf8'))) {
      const { title, stages: only } = transcript.settings
      const fitting = stages.filter(({ name }) => only.length === 0 || only.includes(name))
      it(title, async () => {
        // One that plays nowhere would pass.
        expect(fitting).not.toEqual([])
        for (const stage of fitting) await playTranscript(transcript, stage)
      })
    }
  })
}
