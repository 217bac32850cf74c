import { readdirSync, readFileSync } from 'node:fs'
import { parseTranscripts, playTranscript } from '@postroad/smtp/testing'
import type { TranscriptStage } from '@postroad/smtp/testing'
import { describe, it } from 'vitest'
import { createPairStage, createSocketStage } from '../src/testing/index.ts'
import { certificate } from './certificate.ts'

const pem = await certificate()
const stages = [createPairStage(pem), createSocketStage(pem)]
const folder = new URL('../../smtp/test/transcripts/', import.meta.url)

for (const file of readdirSync(folder)) {
  for (const transcript of parseTranscripts(readFileSync(new URL(file, folder), 'utf8'))) {
    const { title, stages: only } = transcript.settings
    const fits = ({ name }: TranscriptStage): boolean => only.length === 0 || only.includes(name)
    // One that plays nowhere would pass.
    if (!stages.some(fits)) throw new Error(`${file}: ${title}: plays neither on a pair nor on sockets`)
    describe(`${file}: ${title}`, () => {
      for (const stage of stages) {
        it.skipIf(!fits(stage))(`over ${stage.name}`, () => playTranscript(transcript, stage))
      }
    })
  }
}
