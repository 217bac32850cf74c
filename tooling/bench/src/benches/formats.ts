/** The formats beside what Node's programs use for them. */

import type { Benchmark, Contestant, Scene } from '../benchmark.ts'
import { startContestant } from '../contestant-process.ts'

const PROCESS = new URL('formats/format-process.ts', import.meta.url)

/** By kind: who takes part. Their process knows what they do; nothing of it is loaded here. */
const NAMES = {
  addresses: [
    'Postroad',
    'Postroad, strict',
    'Postroad, words as they are',
    'nodemailer addressparser',
    'address-rfc2822',
    'email-addresses',
  ],
  headers: ['Postroad', 'Postroad, words decoded', 'libmime', 'postal-mime', 'mailparser'],
  walk: ['indexOf, line by line', 'Postroad', 'postal-mime', 'mailparser'],
  convert: ['Buffer, base64', 'libqp', 'Postroad', 'Postroad, planned too'],
  hostile: ['1 MB', '10 MB'],
} as const

/** As `hostile.ts` names them. */
const HOSTILE_INPUTS: readonly string[] = [
  'opening parentheses',
  'folded lines',
  'encoded words that do not end',
  'encoded words',
  'quotes',
  'angle brackets',
  'parameters in pieces',
  'empty fields',
  'nested boundaries',
  'dashes at the beginning of lines',
]

function contestants(kind: keyof typeof NAMES): readonly Contestant[] {
  return NAMES[kind].map((name) => ({
    name,
    start: (stage) => startContestant(stage, PROCESS, { kind, name }),
  }))
}

const roundMsOf = (quick: boolean): number => (quick ? 200 : 1_000)

/** One operation is the value of a field. */
export const formatsAddresses: Benchmark = {
  name: 'formats-addresses',
  about: 'Read address lists: the values of the corpus, and one of 1,000 addresses.',
  scenes: ({ quick }) => [
    {
      name: 'address lists',
      roundMs: roundMsOf(quick),
      contestants: contestants('addresses'),
      cases: [
        { name: 'address lists of the corpus', reference: 'nodemailer addressparser', work: { lists: 'corpus' } },
        { name: 'a list of 1,000 addresses', reference: 'nodemailer addressparser', work: { lists: 'long' } },
      ],
    },
  ],
}

/** One operation is a header section. */
export const formatsHeaders: Benchmark = {
  name: 'formats-headers',
  about: 'Read the header sections of the corpus: all names and values.',
  scenes: ({ quick }) => [
    {
      name: 'header sections',
      roundMs: roundMsOf(quick),
      contestants: contestants('headers'),
      cases: [{ name: 'header sections of the corpus', reference: 'libmime', work: {} }],
    },
  ],
}

/** One operation is a MiB of message. */
export const formatsWalk: Benchmark = {
  name: 'formats-walk',
  about: 'Walk through MIME parts: a large body, and the messages of the corpus; beside a pass for line ends.',
  scenes: ({ quick }): readonly Scene[] => [
    {
      name: 'MIME walk',
      roundMs: roundMsOf(quick),
      contestants: contestants('walk'),
      cases: [
        { name: 'walk, 32 MiB of base64', reference: 'indexOf, line by line', work: { messages: 'base64' } },
        { name: 'walk, 32 MiB of text', reference: 'indexOf, line by line', work: { messages: 'text' } },
        { name: 'walk, the corpus', reference: 'indexOf, line by line', work: { messages: 'corpus' } },
      ],
    },
  ],
}

/** One operation is a MiB of body. */
export const formatsConvert: Benchmark = {
  name: 'formats-convert',
  about: 'Convert 8-bit content to 7-bit: by base64 beside Buffer, by quoted-printable beside libqp.',
  scenes: ({ quick }) => [
    {
      name: 'conversion',
      roundMs: roundMsOf(quick),
      contestants: contestants('convert'),
      cases: [
        {
          name: 'convert, base64',
          reference: 'Buffer, base64',
          only: ['Buffer, base64', 'Postroad', 'Postroad, planned too'],
          work: { as: 'base64' },
        },
        {
          name: 'convert, quoted-printable',
          reference: 'libqp',
          only: ['libqp', 'Postroad', 'Postroad, planned too'],
          work: { as: 'quoted-printable' },
        },
      ],
    },
  ],
}

/** One operation is a MiB; what is linear is as fast over 10 MB as over 1. */
export const formatsHostile: Benchmark = {
  name: 'formats-hostile',
  about: 'Read 1 MB and 10 MB of what is meant to be slow.',
  scenes: ({ quick }) => [
    {
      name: 'hostile input',
      roundMs: roundMsOf(quick),
      contestants: contestants('hostile'),
      cases: HOSTILE_INPUTS.map((input) => ({
        name: `hostile, ${input}`,
        reference: '1 MB',
        work: { input },
      })),
    },
  ],
}
