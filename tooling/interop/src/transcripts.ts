/** The transcripts of `packages/smtp`, which every stage of ours plays. */

import { readdir, readFile } from 'node:fs/promises'
import { parseTranscripts, type Transcript } from '@postroad/smtp/testing'

const FOLDER = new URL('../../../packages/smtp/test/transcripts/', import.meta.url)

/** All of them, file by file. */
export async function loadTranscripts(): Promise<readonly Transcript[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.txt')).toSorted()
  const texts = await Promise.all(names.map((name) => readFile(new URL(name, FOLDER), 'utf8')))
  return texts.flatMap((text) => parseTranscripts(text))
}
