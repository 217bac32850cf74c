/**
 * The log: one JSON line for each fact, written by pino; lines for people where asked.
 *
 * A line has `time`, `level`, `event` (stable, dotted), fields named as in `docs/logging.md`, and `msg`, a short sentence
 * that may change. Content, credentials and tokens are never logged.
 */

import { pino, type DestinationStream, type Logger } from 'pino'
import { prettyStream } from './pretty.ts'

/** What packages of the apps write to: pino's logger, as far as it is used here. */
export interface Log {
  /** A person must act. */
  error(fields: LogFields, sentence: string): void
  /** Degraded, still working. */
  warn(fields: LogFields, sentence: string): void
  /** What happened to mail. */
  info(fields: LogFields, sentence: string): void
  /** How it happened: the dialogue. */
  debug(fields: LogFields, sentence: string): void
  /** Whether lines of a level are written, so that costly ones need not be made. */
  isLevelEnabled(level: 'error' | 'warn' | 'info' | 'debug'): boolean
}

/** Fields of a line; `event` always. */
export interface LogFields {
  /** Which fact it is, dotted: `attempt.finished`. Stable, where the sentence may change. */
  readonly event: string
  /** What is `undefined` is left out; `error` is written as name, code, message and causes. Never content or secrets. */
  readonly [field: string]: unknown
}

/** How to log. */
export interface LogOptions {
  /** The least severe lines that are written; `silent`: none. Nothing is less severe than `debug`. */
  readonly level: 'silent' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
  /** Lines for people in place of JSON. Default false. */
  readonly pretty?: boolean
  /** Where lines go; default standard output. */
  readonly destination?: DestinationStream
}

/** Creates the log. To standard output it writes at once: a line is out when the call that made it returns. */
export function createLog({ level, pretty = false, destination }: LogOptions): Log {
  const sink = destination ?? pino.destination({ fd: 1, sync: true })
  const logger: Logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
    },
    pretty ? prettyStream(sink) : sink,
  )
  return logger
}

/** Name, code, sentence and causes; no stack at `info`, where it would bury the fact. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const described: Record<string, unknown> = { name: error.name, message: error.message }
  if ('code' in error && typeof error.code === 'string') described['code'] = error.code
  if (error.cause !== undefined) described['cause'] = describeError(error.cause)
  // A fault of ours has no code: its place is what helps.
  if (described['code'] === undefined && error.stack !== undefined) described['stack'] = error.stack
  return described
}
